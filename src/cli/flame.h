/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame.h - the end of `jouletrail flame`: names for the stacks, and the graph written. */
#ifndef CLI_FLAME_H
#define CLI_FLAME_H

#include "daemon/profile.h"
#include "export/flame.h"
#include "stacks/stacks.h"

/*
 * Names all stacks of the profile and writes the graph to fd; x has everything but the stacks and
 * what p and s know of them. file is for messages. Logs one line, or what went wrong.
 * Returns 0 or -errno.
 */
int flame_write(struct export_flame *x, enum flame_format f, const struct profile *p,
		struct stacks *s, int fd, const char *file);

#endif /* CLI_FLAME_H */
