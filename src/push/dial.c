/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dial.c - see dial.h. */
#include "push/dial.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "push/sink.h"

/* What stands in a host's name or address. */
static bool is_host(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] >= 0x7f ||
		    strchr("/@?#[]%\\", s[i]))
			return false;
	return len > 0 && len < NI_MAXHOST;
}

int dial_read(const char *where, const char *default_port, struct dial_address *ret,
	      struct why *why)
{
	bool bracketed = where[0] == '[';
	const char *begin = where + bracketed;
	size_t len = strcspn(begin, bracketed ? "]" : ":");
	const char *end = begin + len + (bracketed && begin[len] == ']');
	const char *port = *end == ':' ? end + 1 : *end ? NULL : default_port;
	uint64_t number;

	if (!is_host(begin, len) || (bracketed && end[-1] != ']') || !port || port[0] < '0' ||
	    port[0] > '9' || fs_parse_u64(port, &number) || number == 0 || number > UINT16_MAX)
		return why_set(why, -EINVAL,
			       "'%.100s' is no HOST:PORT; write an IPv6 address as [::1]:PORT",
			       where);
	snprintf(ret->host, sizeof(ret->host), "%.*s", (int)len, begin);
	snprintf(ret->port, sizeof(ret->port), "%u", (unsigned int)number);
	return 0;
}

/* One of the addresses of a name. */
static int dial_one(const struct addrinfo *a)
{
	const struct timeval limit = { .tv_sec = SINK_TIMEOUT_NS / JT_NS_PER_S };
	CLEANUP(cleanup_close) int fd = -1;

	fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
	/* The limit of sending is that of connecting, too: socket(7). */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen))
		return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	return TAKE_FD(fd);
}

int dial(const struct dial_address *a, int type, struct why *why)
{
	const struct addrinfo hints = { .ai_socktype = type, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	int fd = -EHOSTUNREACH, err;

	err = getaddrinfo(a->host, a->port, &hints, &list);
	if (err)
		return why_set(why, -EHOSTUNREACH, "%s: %s", a->host, gai_strerror(err));
	for (const struct addrinfo *i = list; i && fd < 0; i = i->ai_next)
		fd = dial_one(i);
	freeaddrinfo(list);
	return fd < 0 ? why_set(why, fd, "%s", strerror(-fd)) : fd;
}

void dial_drop_ended(int *fd)
{
	char bytes[64];

	if (*fd < 0 || (recv(*fd, bytes, sizeof(bytes), MSG_DONTWAIT) < 0 && errno == EAGAIN))
		return;
	close(*fd);
	*fd = -1;
}
