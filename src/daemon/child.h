/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* child.h - a small program beside the tracer while it runs: started, started again, ended. */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "daemon/program.h"

/* Zero-initialised but for name, restart_ns and program, which are the owner's. */
struct child {
	const char *name;    /* as the log calls it; outlives it */
	uint64_t restart_ns; /* from its end to the next start */
	struct program program;
	pid_t pid; /* 0 = not running */
	uint64_t ended_mono_ns;
};

/* stdin_fd is the program's standard input; stdout_fd its output, -1 = ours. Both stay ours. */
struct child_streams {
	int stdin_fd;
	int stdout_fd;
};

/* Starts it: see program_exec(). Returns 0 or -errno with why. */
int child_start(struct child *c, const struct child_streams *s, char *const argv[],
		struct why *why);

/* Whether it does not run and may be started; that it ended is logged. */
bool child_is_due(struct child *c, uint64_t now_mono_ns);

/* It could not be started, which is logged: not before restart_ns again. */
void child_put_off(struct child *c, uint64_t now_mono_ns, const struct why *why);

/* Until it ends by itself. Returns its exit status; -EIO where it had none; -errno. */
int child_wait(struct child *c);

/*
 * Ends it: asked to where there is patience, then killed. One that even so does not go, as it
 * hangs in a file system, is left behind.
 */
void child_end(struct child *c, uint64_t patience_ns);

#endif /* DAEMON_CHILD_H */
