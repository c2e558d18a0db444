/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen.c - see listen.h. */
#include "base/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fs.h"

#define BACKLOG 128

/* Cuts "HOST:PORT"; brackets around an IPv6 address go. */
static int split(const char *where, char host[NI_MAXHOST], const char **ret_port, struct why *why)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? (size_t)(colon - where) : 0;
	bool bracketed = len > 2 && where[0] == '[' && where[len - 1] == ']';
	uint64_t port;

	if (len == 0 || len >= NI_MAXHOST || colon[1] < '0' || colon[1] > '9' ||
	    fs_parse_u64(colon + 1, &port) || port > UINT16_MAX)
		return why_set(why, -EINVAL, "'%.100s' is no HOST:PORT", where);
	if (!bracketed && memchr(where, ':', len))
		return why_set(why, -EINVAL,
			       "'%.100s' is no HOST:PORT; write an IPv6 address as [::1]:PORT",
			       where);
	snprintf(host, NI_MAXHOST, "%.*s", (int)(bracketed ? len - 2 : len), where + bracketed);
	*ret_port = colon + 1;
	return 0;
}

static int look_up(const char *where, enum listen_host how, struct addrinfo **ret, struct why *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	char host[NI_MAXHOST];
	const char *port = NULL;
	int err = split(where, host, &port, why);

	if (err)
		return err;
	if (how == LISTEN_BY_ADDRESS) {
		hints.ai_flags |= AI_NUMERICHOST;
		if (strcmp(host, "localhost") == 0)
			snprintf(host, sizeof(host), "127.0.0.1");
	}
	err = getaddrinfo(host, port, &hints, ret);
	if (err)
		return why_set(why, -EINVAL, "%s: %s", where,
			       err == EAI_NONAME && how == LISTEN_BY_ADDRESS
				       ? "the host is no address; names are not looked up"
				       : gai_strerror(err));
	return 0;
}

int listen_open(const char *where, enum listen_host host, struct why *why)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct addrinfo *list;
	const int one = 1;
	int err = look_up(where, host, &list, why);

	if (err)
		return err;
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, list->ai_addr, list->ai_addrlen) || listen(fd, BACKLOG))
		err = -errno;
	freeaddrinfo(list);
	if (err)
		return why_set(why, err, "cannot listen on %s: %s", where, strerror(-err));
	return TAKE_FD(fd);
}

static bool own_address(int fd, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	*ret_len = sizeof(*ret);
	return getsockname(fd, (struct sockaddr *)ret, ret_len) == 0;
}

bool listen_text(int fd, char ret[LISTEN_TEXT_LEN])
{
	/* An IPv6 address with a scope: 62 bytes. */
	char host[LISTEN_TEXT_LEN - 10], port[6];
	struct sockaddr_storage address;
	socklen_t len;

	if (!own_address(fd, &address, &len) ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return false;
	snprintf(ret, LISTEN_TEXT_LEN, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
	return true;
}

bool listen_is_loopback(int fd)
{
	struct sockaddr_storage address;
	socklen_t len;

	if (!own_address(fd, &address, &len))
		return false;
	if (address.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&address)->sin6_addr);
	return address.ss_family == AF_INET &&
	       ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}
