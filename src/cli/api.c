/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api.c - `jouletrail api`: intensities and forecasts over HTTP, as the Carbon Aware SDK's. */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli/api_http.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "jouletrail/units.h"

#define API_USER   "jouletrail"
#define API_NOBODY 65534

struct api_settings {
	const char *listen;
	const char *data;
	const char *forecast;
	uint64_t timeout_ns;
};

static const struct option_row api_rows[] = {
	{ .name = "listen",
	  .offset = offsetof(struct api_settings, listen),
	  .arg = "HOST:PORT",
	  .help = "where (127.0.0.1:8095); port 0: any, said" },
	{ .name = "data",
	  .letter = 'd',
	  .offset = offsetof(struct api_settings, data),
	  .arg = "FILE,…",
	  .help = "intensities over time: SDK JSON or CSV" },
	{ .name = "forecast",
	  .offset = offsetof(struct api_settings, forecast),
	  .arg = "FILE,…",
	  .help = "forecasts, generated when the file was written" },
	{ .name = "timeout",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct api_settings, timeout_ns),
	  .arg = "TIME",
	  .help = "a request, and its answer, take at most (30s)",
	  .min = JT_NS_PER_S,
	  .max = 3600 * JT_NS_PER_S },
};

static const struct options_spec api_spec = {
	.command = "api",
	.about = "Answers as the Carbon Aware SDK's web API does: /emissions/…, /locations; the "
		 "list "
		 "is at\n/openapi.json. Files are read anew when they change. Needs no privilege; "
		 "as "
		 "root it gives\nthem up.",
	.row = api_rows,
	.n_rows = ARRAY_LENGTH(api_rows),
};

/* "127.0.0.1:8095", "[::1]:0": a listening socket. -errno with why. */
static int api_listen(const char *where, struct why *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	CLEANUP(cleanup_close) int fd = -1;
	const char *colon = strrchr(where, ':');
	const int one = 1;
	struct addrinfo *list;
	char host[256];
	uint64_t port;
	size_t len;
	int err;

	len = colon ? (size_t)(colon - where) : 0;
	if (len == 0 || len >= sizeof(host) || fs_parse_u64(colon + 1, &port) || port > UINT16_MAX)
		return why_set(why, -EINVAL, "--listen %s: give HOST:PORT", where);
	if (where[0] == '[' && where[len - 1] == ']')
		snprintf(host, sizeof(host), "%.*s", (int)len - 2, where + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)len, where);
	err = getaddrinfo(host, colon + 1, &hints, &list);
	if (err)
		return why_set(why, -EINVAL, "--listen %s: %s", where, gai_strerror(err));
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, list->ai_addr, list->ai_addrlen) || listen(fd, 128))
		err = -errno;
	freeaddrinfo(list);
	if (err)
		return why_set(why, err, "cannot listen on %s: %s", where, strerror(-err));
	return TAKE_FD(fd);
}

/* What it listens on, with the port that it got. */
static void api_say_where(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&address, &len) ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	log_info(address.ss_family == AF_INET6 ? "api: listening on http://[%s]:%s"
					       : "api: listening on http://%s:%s",
		 host, port);
}

/* Root has no business here: the service's user, or nobody. */
static int api_drop(struct why *why)
{
	struct passwd entry, *user = NULL;
	uid_t uid = API_NOBODY;
	gid_t gid = API_NOBODY;
	char names[4096];

	if (!getpwnam_r(API_USER, &entry, names, sizeof(names), &user) && user) {
		uid = user->pw_uid;
		gid = user->pw_gid;
	}

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return why_set(why, -errno, "no_new_privs: %s", strerror(errno));
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return why_set(why, -errno, "cannot give up root: %s", strerror(errno));
	return 0;
}

/* Until SIGINT or SIGTERM. */
static void api_serve(struct api_http *http, struct api_store *store, const sigset_t *stops)
{
	const struct timespec second = { .tv_sec = 1 };
	struct why why = { "" };
	int changed;

	while (sigtimedwait(stops, NULL, &second) < 0) {
		api_http_sweep(http, clock_mono_ns());
		changed = api_store_refresh(store, &why);
		if (changed > 0)
			log_info("api: the files were read anew");
		if (changed < 0)
			log_warning("api: %s; what was read before stays", why.text);
	}
}

DEFINE_CLEANUP(struct api_store *, api_store_free)

int api_main(int argc, char **argv)
{
	struct api_settings s = { .listen = "127.0.0.1:8095", .timeout_ns = 30 * JT_NS_PER_S };
	CLEANUP(api_store_free_ptr) struct api_store *store = NULL;
	struct options_arguments args;
	struct api_http *http = NULL;
	struct why why = { "" };
	sigset_t stops;
	int code, fd;

	(void)argc;
	if (!options_begin(&api_spec, argv, &s, &args, &code))
		return code;
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigprocmask(SIG_BLOCK, &stops, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (api_store_new(s.data, s.forecast, &store, &why)) {
		log_error("api: %s", why.text);
		return s.data || s.forecast ? EXIT_FAILED : EXIT_USAGE;
	}
	fd = api_listen(s.listen, &why);
	if (fd < 0 || api_drop(&why) || api_http_start(fd, store, s.timeout_ns, &http, &why)) {
		log_error("api: %s", why.text);
		cleanup_close(&fd);
		return EXIT_FAILED;
	}
	api_say_where(fd); /* the server's now */
	api_serve(http, store, &stops);
	api_http_stop(http);
	return EXIT_DONE;
}
