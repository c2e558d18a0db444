/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dial.h - HOST:PORT of somebody else: is it one, and a connection to it. */
#ifndef PUSH_DIAL_H
#define PUSH_DIAL_H

#include <netdb.h>

#include "base/why.h"

struct dial_address {
	char host[NI_MAXHOST];
	char port[6];
};

/*
 * "127.0.0.1:5555", "[::1]:5555", "name:5555"; without a port where there is a default (NULL =
 * there is none). Returns 0; -EINVAL with why.
 */
int dial_read(const char *where, const char *default_port, struct dial_address *ret,
	      struct why *why);

/*
 * Connected, with SINK_TIMEOUT_NS for each call; type is SOCK_STREAM or SOCK_DGRAM. Returns the
 * caller's descriptor, or -errno with why.
 */
int dial(const struct dial_address *a, int type, struct why *why);

/* Closes *fd, which is -1 then, where the other side has; nothing is expected to come from it. */
void dial_drop_ended(int *fd);

#endif /* PUSH_DIAL_H */
