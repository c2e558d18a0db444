/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* program.h - the small programs beside the tracer: where they are, and what they may do. */
#ifndef DAEMON_PROGRAM_H
#define DAEMON_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fs.h"
#include "base/why.h"
#include "jouletrail/units.h"

#define PROGRAM_PATIENCE_NS (5 * JT_NS_PER_S)

struct program {
	char path[FS_PATH_LEN];
	uid_t uid;
	gid_t gid;
	bool patient;	/* is asked to end, and given PROGRAM_PATIENCE_NS; else it is killed */
	bool reads_all; /* keeps CAP_DAC_READ_SEARCH and is cut off the network */
};

/*
 * Looks for the program beside our own, then where it is installed; and for the user of the same
 * name, else nobody. Returns 0 or -ENOENT with why.
 */
int program_find(const char *program, struct program *ret, struct why *why);

/*
 * In the child of a fork: gives up what it need not have, and becomes the program, with an empty
 * environment. It ends with its parent.
 */
_Noreturn void program_exec(const struct program *h, pid_t parent, int stdin_fd,
			    char *const argv[]);

#endif /* DAEMON_PROGRAM_H */
