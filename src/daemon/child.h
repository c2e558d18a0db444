/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * child.h - one of the small programs beside the tracer: started, looked after, ended. By a spawner
 * where there is one, else forked here.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include "base/why.h"
#include "daemon/program.h"
#include "daemon/spawner.h"

struct child;

struct child_options {
	const char *program;	 /* "jouletrail-feed"; a literal */
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

/* Waits for the end of one that was forked here. Returns the status of waitpid() or -errno. */
int child_wait(struct child *c);

/* Ends it, and waits a moment for that: it may hang in a file system that does not let go. */
void child_end(struct child *c);

/* With its end; NULL is fine. */
void child_free(struct child *c);

#endif /* DAEMON_CHILD_H */
