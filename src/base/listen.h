/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen.h - listening sockets by HOST:PORT. */
#ifndef BASE_LISTEN_H
#define BASE_LISTEN_H

#include <stdbool.h>

#include "base/why.h"

enum listen_host {
	LISTEN_BY_NAME = 0, /* names are looked up */
	LISTEN_BY_ADDRESS,  /* "127.0.0.1", "[::1]" or "localhost": nobody is asked */
};

/*
 * "127.0.0.1:8095", "[::1]:0": a listening socket, close-on-exec and non-blocking. Port 0 is any.
 * Returns the caller's descriptor; -EINVAL with why for what is no HOST:PORT or no host; else
 * -errno with why.
 */
int listen_open(const char *where, enum listen_host host, struct why *why);

/* "127.0.0.1:8095" with the port that it got. False where that cannot be told. */
#define LISTEN_TEXT_LEN 72
bool listen_text(int fd, char ret[LISTEN_TEXT_LEN]);

/* Whether only this machine reaches it. */
bool listen_is_loopback(int fd);

#endif /* BASE_LISTEN_H */
