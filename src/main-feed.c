/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main-feed.c - jouletrail-feed: the unprivileged process that asks a live feed, and its cache. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/options.h"
#include "feed/cache.h"
#include "feed/pace.h"
#include "feed/round.h"
#include "jouletrail/units.h"

struct feed_settings {
	const char *feed;
	const char *location;
	const char *cache;
	const char *url;
	uint64_t timeout_ns;
	uint64_t period_ns;
	bool once;
	bool if_due;
};

static const struct option_row feed_rows[] = {
	{ .name = "feed",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct feed_settings, feed),
	  .arg = "FEED",
	  .help = "electricitymaps, watttime or uk" },
	{ .name = "location",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct feed_settings, location),
	  .arg = "WHERE",
	  .help = "zone or region, as the feed calls it" },
	{ .name = "cache",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct feed_settings, cache),
	  .arg = "FILE",
	  .help = "series, as `--intensity FILE` reads it" },
	{ .name = "url",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct feed_settings, url),
	  .arg = "URL",
	  .help = "another server of the same kind" },
	{ .name = "timeout",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct feed_settings, timeout_ns),
	  .arg = "TIME",
	  .help = "of one request (30s)",
	  .min = 10 * JT_NS_PER_MS,
	  .max = 600 * JT_NS_PER_S },
	{ .name = "period",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct feed_settings, period_ns),
	  .arg = "TIME",
	  .help = "between two rounds (5m)",
	  .min = 60 * JT_NS_PER_S,
	  .max = 86400 * JT_NS_PER_S },
	{ .name = "once",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct feed_settings, once),
	  .help = "one round, now; exit status 1 if it failed" },
	{ .name = "if-due",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct feed_settings, if_due),
	  .help = "with --once: none while the cache's own lasts" },
};

static const struct options_spec feed_spec = {
	.command = "jouletrail-feed",
	.about = "Asks a live feed of carbon intensity and keeps what it says in a cache.\n"
		 "The key comes on standard input, one line. Needs no privilege and has none.",
	.row = feed_rows,
	.n_rows = ARRAY_LENGTH(feed_rows),
};

/* One line of standard input; "" where there is none. */
static void read_key(char *ret, size_t size)
{
	ret[0] = '\0';
	if (isatty(STDIN_FILENO) || !fgets(ret, (int)size, stdin))
		ret[0] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
}

static int64_t now_s(void)
{
	return clock_real_us() / (int64_t)JT_US_PER_S;
}

/* "uk: HTTP 500; the last value is of 2026-01-01T12:00:00Z", for the tracer to say. */
static void set_trouble(struct series *s, const char *feed, const char *text)
{
	s->trouble[0] = '\0';
	if (text[0])
		snprintf(s->trouble, sizeof(s->trouble), "%s: %.70s", feed, text);
}

/* One round into the cache. Returns seconds until the next; ret_ok whether it succeeded. */
static int64_t run_round(struct round_feed *r, const struct feed_settings *o, struct fetch *f,
			 struct series *s, struct pace *pace, bool *ret_ok)
{
	struct why why = { "" }, cannot = { "" };
	int64_t retry_after_s = 0;
	int err = round_run(r, f, now_s(), s, &retry_after_s, &why);

	*ret_ok = !err || err == -EXDEV;
	if (err)
		log_warning("feed %s: %s", o->feed, why.text);
	snprintf(s->location, sizeof(s->location), "%s", o->location);
	set_trouble(s, o->feed, why.text);
	if (cache_write(o->cache, s, &cannot)) {
		log_error("%s", cannot.text);
		*ret_ok = false;
	}
	return *ret_ok ? pace_after_success(pace) : pace_after_failure(pace, retry_after_s);
}

static void sleep_s(int64_t s)
{
	struct timespec t = { .tv_sec = s };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		;
}

/* A round lasts its period, one that failed the least back-off: askers are many, a feed is one. */
static bool is_due(const struct series *s, int64_t age_s, int64_t period_s)
{
	return age_s < 0 || age_s >= (s->n && !s->trouble[0] ? period_s : PACE_MIN_BACK_OFF_S);
}

static int run(struct round_feed *r, const struct feed_settings *o, struct fetch *f)
{
	struct pace pace = { .period_s = (int64_t)(o->period_ns / JT_NS_PER_S),
			     .seed = (uint64_t)getpid() ^ clock_mono_ns() };
	struct series s = { 0 };
	struct why why = { "" };
	int64_t age_s;
	bool ok = true;

	cache_read(o->cache, now_s(), &s, &age_s, &why);
	if (why.text[0])
		log_warning("%s: begun anew", why.text);
	/* Who is started again and again must not ask again and again. */
	if (!o->once && age_s >= 0 && age_s < pace.period_s)
		sleep_s(pace.period_s - age_s);
	if (o->once && o->if_due && !is_due(&s, age_s, pace.period_s)) {
		ok = s.n > 0;
		series_free(&s);
		return ok ? EXIT_DONE : EXIT_FAILED;
	}
	for (;;) {
		int64_t wait_s = run_round(r, o, f, &s, &pace, &ok);

		if (o->once)
			break;
		sleep_s(wait_s);
	}
	series_free(&s);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct feed_settings o = { .timeout_ns = 30 * JT_NS_PER_S, .period_ns = 300 * JT_NS_PER_S };
	struct round_feed r = { 0 };
	struct options_arguments args;
	struct fetch *f = NULL;
	struct why why = { "" };
	char key[1100];
	int code;

	(void)argc;
	if (!options_begin(&feed_spec, argv, &o, &args, &code))
		return code;
	if (!o.feed || !o.location || !o.cache || answer_feed_of(o.feed, &r.feed)) {
		log_error("needs --feed electricitymaps, watttime or uk, --location and --cache");
		return EXIT_USAGE;
	}
	read_key(key, sizeof(key));
	r.location = o.location;
	r.base_url = o.url;
	r.key = key;
	if (round_check(&r, &why)) {
		log_error("%s", why.text);
		return EXIT_USAGE;
	}
	if (fetch_new(ANSWER_MAX_BYTES, (long)(o.timeout_ns / JT_NS_PER_MS), &f)) {
		log_error("libcurl cannot be started");
		return EXIT_FAILED;
	}
	code = run(&r, &o, f);
	fetch_free(f);
	return code;
}
