/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conductor.h - runs measured commands one after the other: a child whose descendants they are, so
 * that one accounting session marks them all.
 *
 * It tells of each command's begin and end through a pipe and a SIGCHLD, which loop_wait() gives
 * out as LOOP_CHILD.
 */
#ifndef DAEMON_CONDUCTOR_H
#define DAEMON_CONDUCTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How a command ran, so far. */
struct conductor_run {
	pid_t pid; /* while it runs; 0 = not yet */
	uint64_t began_mono_ns;
	uint64_t ended_mono_ns;
	int exit_status; /* as a shell's $? */
	bool ended;
	int exec_errno; /* it could not be run */
};

struct conductor {
	pid_t pid; /* the child; 0 = none */
	int ask_fd;
	int tell_fd;
	struct conductor_run run; /* the last one */
};

/*
 * commands: NULL-terminated argument vectors, n of them, used in the child alone. As
 * command_fork(): before anything is opened or blocked. Returns 0 or -errno; the caller ends with
 * conductor_end().
 */
int conductor_fork(char *const *const *commands, size_t n, int stdout_fd, struct conductor *ret);

/* Starts one of the commands; the last one must have ended. Returns 0 or -errno. */
int conductor_start(struct conductor *c, size_t command);

/* Takes what was told; does not wait. Returns 0, or -ECHILD where the child is gone. */
int conductor_look(struct conductor *c);

/* Lets the child end and waits for it. */
void conductor_end(struct conductor *c);

#endif /* DAEMON_CONDUCTOR_H */
