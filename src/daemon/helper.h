/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* helper.h - the small programs beside the tracer: where they are, as whom and with what they run. */
#ifndef DAEMON_HELPER_H
#define DAEMON_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fs.h"
#include "base/why.h"

struct helper {
	char path[FS_PATH_LEN];
	uid_t uid;
	gid_t gid;
	bool reads_all; /* keeps CAP_DAC_READ_SEARCH and is cut off the network */
};

/*
 * Looks for the program beside our own, then where it is installed; and for the user of the same
 * name, else nobody. Returns 0 or -ENOENT with why.
 */
int helper_find(const char *program, struct helper *ret, struct why *why);

/*
 * In the child of a fork: gives up what it need not have, and becomes the program, with an empty
 * environment. It ends with its parent.
 */
_Noreturn void helper_exec(const struct helper *h, pid_t parent, int stdin_fd, char *const argv[]);

#endif /* DAEMON_HELPER_H */
