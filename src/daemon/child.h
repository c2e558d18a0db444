/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * child.h - one of the small programs beside the tracer: started, looked after, ended. By a spawner
 * where there is one, else forked here.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "daemon/program.h"
#include "daemon/spawner.h"

struct child;

struct child_options {
	const char *program;	 /* "jouletrail-feed"; a literal */
	const char *name;	 /* as the log calls it; copied. NULL = program */
	uint64_t restart_ns;	 /* from its end to the next start: child_is_due() */
	bool patient;		 /* as in struct program */
	bool reads_all;		 /* as in struct program */
	char *const *argv;	 /* copied */
	struct spawner *spawner; /* NULL = forked here; outlives the child */
};

/* Finds it; nothing is started yet. Returns 0 (*ret for child_free()) or -errno with why. */
int child_new(const struct child_options *o, struct child **ret, struct why *why);

const struct program *child_program(const struct child *c);

/*
 * stdout_fd  -1 = none of its own
 * It must not be running. Returns 0 or -errno with why; with a spawner what goes wrong is an end.
 */
int child_start(struct child *c, int stdin_fd, int stdout_fd, struct why *why);

bool child_is_running(const struct child *c);

/* Whether it has ended since the last call, and how: "signal 9", "status 1". Waits for nothing. */
bool child_has_ended(struct child *c, char *ret_how, size_t size);

/* Whether it does not run and may be started; that it ended is logged. */
bool child_is_due(struct child *c, uint64_t now_mono_ns);

/* It could not be started, which is logged: not before restart_ns again. */
void child_put_off(struct child *c, uint64_t now_mono_ns, const struct why *why);

/* Until one that was forked here ends. Returns its exit status; -EIO where it had none; -errno. */
int child_wait(struct child *c);

/*
 * Ends it, and waits for that: not for ever, as it may hang in a file system that does not let go;
 * with a spawner spawner_free() waits.
 */
void child_end(struct child *c);

/* With its end; NULL is fine. */
void child_free(struct child *c);

#endif /* DAEMON_CHILD_H */
