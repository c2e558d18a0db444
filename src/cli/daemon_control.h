/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon_control.h - the options of the daemon's socket, and opening it. */
#ifndef CLI_DAEMON_CONTROL_H
#define CLI_DAEMON_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "cli/options.h"
#include "control/control.h"
#include "daemon/pipeline.h"

struct daemon_control {
	const char *path; /* NULL = the default, where that can be had */
	const char *mode;
	uint64_t n_clients;
};

#define DAEMON_CONTROL_DEFAULT                       \
	{                                            \
		.n_clients = CONTROL_DEFAULT_CLIENTS \
	}

#define DAEMON_CONTROL_ROWS(type_, member_)                                    \
	{ .name = "control",                                                   \
	  .type = OPTION_STRING,                                               \
	  .offset = offsetof(type_, member_.path),                             \
	  .arg = "PATH",                                                       \
	  .help = "socket for programs (" CONTROL_DEFAULT_PATH "); none" },    \
		{ .name = "control-mode",                                      \
		  .type = OPTION_STRING,                                       \
		  .offset = offsetof(type_, member_.mode),                     \
		  .arg = "MODE",                                               \
		  .help = "of that file (0660)" },                             \
	{                                                                      \
		.name = "control-clients", .type = OPTION_U64,                 \
		.offset = offsetof(type_, member_.n_clients), .arg = "N",      \
		.help = "connections at a time (1024)", .min = 1, .max = 65536 \
	}

/* Whether the options mean something. False: it is logged. */
bool daemon_control_check(const struct daemon_control *o);

/*
 * The socket, given to owner (0 = root's); a must where it was asked for, else a warning and *ret
 * stays NULL. Returns 0 or -errno with why.
 */
int daemon_control_open(const struct daemon_control *o, const struct pipeline_options *po,
			uid_t owner, struct control **ret, struct why *why);

#endif /* CLI_DAEMON_CONTROL_H */
