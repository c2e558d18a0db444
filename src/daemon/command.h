/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* command.h - the measured command: forked early, held until accounting is attached, then run. */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct command {
	char *const *argv;
	pid_t pid;    /* 0 = none */
	int hold_fd;  /* a byte lets it go; closing it ends it unexecuted */
	int error_fd; /* errno of a failed exec; end of file = it runs */
	uint64_t released_mono_ns;
	uint64_t ended_mono_ns;
	int exec_errno; /* 0 = it ran */
	int wait_status;
	bool ended;
};

/*
 * Forks a child that will run argv, which is kept, with this process's uid, capabilities, signals
 * and terminal, and holds it. Its standard output is stdout_fd. Returns 0 or -errno; the caller
 * ends with command_release() or command_cancel().
 */
int command_fork(char *const *argv, int stdout_fd, struct command *ret);

/* Lets it go and waits until it has called exec. Returns 0, or -errno of the exec. */
int command_release(struct command *c);

/* Takes its status if it has ended (does not wait). */
void command_reap(struct command *c);

/* For who has waited for it himself: it has ended now. */
void command_ended(struct command *c);

/* The status a shell would give: its own, 128 + signal, 126 or 127 when it could not be run. */
int command_exit_status(const struct command *c);

/* Ends a held command that will not be run after all; does nothing after command_release(). */
void command_cancel(struct command *c);

#endif /* DAEMON_COMMAND_H */
