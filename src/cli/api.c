/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api.c - `jouletrail api`: intensities and forecasts over HTTP, as the Carbon Aware SDK's. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/account.h"
#include "base/caps.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include "cli/api.h"
#include "cli/api_http.h"
#include "cli/api_store.h"
#include "cli/options.h"
#include "jouletrail/units.h"

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

/* Root has no business here: the service's user, or nobody. */
static int api_drop(struct why *why)
{
	struct account user;
	int err;

	account_find(ACCOUNT_SERVICE, &user);
	err = caps_become(user.uid, user.gid, 0);
	return err ? why_set(why, err, "cannot give up privileges: %s", strerror(-err)) : 0;
}

/* Until SIGINT or SIGTERM. */
static void api_serve(struct http *http, struct api_store *store, const sigset_t *stops)
{
	const struct timespec second = { .tv_sec = 1 };
	struct why why = { "" };
	int changed;

	while (sigtimedwait(stops, NULL, &second) < 0) {
		http_sweep(http, clock_mono_ns());
		changed = api_store_refresh(store, &why);
		if (changed > 0)
			log_info("api: the files were read anew");
		if (changed < 0)
			log_warning("api: %s; what was read before stays", why.text);
	}
}

DEFINE_CLEANUP(struct api_store *, api_store_free)

int api_serve_main(int argc, char **argv)
{
	struct api_settings s = { .listen = "127.0.0.1:8095", .timeout_ns = 30 * JT_NS_PER_S };
	CLEANUP(api_store_free_ptr) struct api_store *store = NULL;
	struct options_arguments args;
	struct http_options ho = { .max_body = API_MAX_BODY, .answer = api_http_answer };
	struct http *http = NULL;
	char where[LISTEN_TEXT_LEN];
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
	ho.fd = fd = listen_open(s.listen, LISTEN_BY_NAME, &why);
	ho.deadline_ns = s.timeout_ns;
	ho.arg = store;
	if (fd < 0 || api_drop(&why) || http_start(&ho, &http, &why)) {
		log_error("api: %s", why.text);
		cleanup_close(&fd);
		return EXIT_FAILED;
	}
	if (listen_text(fd, where)) /* the server's now */
		log_info("api: listening on http://%s", where);
	api_serve(http, store, &stops);
	http_stop(http);
	return EXIT_DONE;
}
