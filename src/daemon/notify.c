/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* notify.c - see notify.h. */
#include "daemon/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

/* Windows that may be late before the manager takes the daemon for hung. */
#define WATCHDOG_WINDOWS 4

struct notify {
	int fd;
	uint64_t watchdog_ns; /* 0 = none */
	uint64_t fed_mono_ns;
};

DEFINE_CLEANUP(struct notify *, notify_free)

/* What cannot be said is not: the manager then acts as on a daemon that hangs. */
static void say(const struct notify *n, const char *text)
{
	(void)!send(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int connect_to(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	CLEANUP(cleanup_close) int fd = -1;

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(to.sun_path))
		return -EINVAL;
	memcpy(to.sun_path, path, len);
	/* An abstract one. */
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		return -errno;
	return TAKE_FD(fd);
}

static uint64_t watchdog_of_environment(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t v, of = 0;

	if (!usec || fs_parse_u64(usec, &v) || v > UINT64_MAX / JT_NS_PER_US)
		return 0;
	if (pid && (fs_parse_u64(pid, &of) || of != (uint64_t)getpid()))
		return 0;
	return v * JT_NS_PER_US;
}

int notify_new(uint64_t interval_ns, struct notify **ret)
{
	CLEANUP(notify_free_ptr) struct notify *n = NULL;
	const char *path = getenv("NOTIFY_SOCKET");
	char text[64];

	if (!path)
		return 0;
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->fd = connect_to(path);
	if (n->fd < 0)
		return n->fd;
	n->watchdog_ns = watchdog_of_environment();
	if (n->watchdog_ns && n->watchdog_ns < WATCHDOG_WINDOWS * interval_ns) {
		n->watchdog_ns = WATCHDOG_WINDOWS * interval_ns;
		snprintf(text, sizeof(text), "WATCHDOG_USEC=%" PRIu64,
			 n->watchdog_ns / JT_NS_PER_US);
		say(n, text);
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	*ret = TAKE_PTR(n);
	return 0;
}

void notify_ready(struct notify *n, const char *status)
{
	char text[512];

	if (!n)
		return;
	snprintf(text, sizeof(text), "READY=1\nSTATUS=%.480s", status);
	say(n, text);
}

void notify_reloading(struct notify *n, uint64_t now_mono_ns)
{
	char text[96];

	if (!n)
		return;
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		 now_mono_ns / JT_NS_PER_US);
	say(n, text);
}

void notify_stopping(struct notify *n)
{
	if (n)
		say(n, "STOPPING=1\nSTATUS=closing the ledger");
}

void notify_window(struct notify *n, uint64_t now_mono_ns)
{
	/* By the window's length early rather than late. */
	if (!n || !n->watchdog_ns || now_mono_ns < n->fed_mono_ns + n->watchdog_ns / 2)
		return;
	n->fed_mono_ns = now_mono_ns;
	say(n, "WATCHDOG=1");
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	cleanup_close(&n->fd);
	free(n);
}
