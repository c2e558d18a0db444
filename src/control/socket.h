/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* socket.h - the control socket's file: made, opened to whom it is for, and taken away. */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include "base/why.h"
#include "control/control.h"

/*
 * A listening, non-blocking socket at path, of that mode, and of the group jouletrail where there
 * is one. A directory that is missing is made (0755), its parents are not. A socket that nobody
 * answers at is taken away first.
 *
 * Returns the caller's descriptor; -EADDRINUSE where another program listens there, or what is
 * there is no socket; -ENAMETOOLONG; else -errno; with why.
 */
int control_socket_open(const struct control_options *o, struct why *why);

/* Takes the file away, if it still is fd's. */
void control_socket_remove(const char *path, int fd);

#endif /* CONTROL_SOCKET_H */
