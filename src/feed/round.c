/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* round.c - see round.h. */
#include "feed/round.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "intensity/stamp.h"

#define DAY_S	   INT64_C(86400)
#define KEEP_S	   (14 * DAY_S)
#define URL_LEN	   1024
#define HEADER_LEN 2304

/* What is asked of a feed, in this order; what is optional may not be in a user's plan. */
struct round_ask {
	enum answer_feed feed;
	bool optional;
	const char *path; /* %L location, %F a day ago, %T a day from now, %N now */
};

static const struct round_ask asks[] = {
	{ ANSWER_ELECTRICITYMAPS, false, "/v3/carbon-intensity/history?zone=%L" },
	{ ANSWER_ELECTRICITYMAPS, false, "/v3/carbon-intensity/latest?zone=%L" },
	{ ANSWER_ELECTRICITYMAPS, true, "/v3/carbon-intensity/forecast?zone=%L" },
	{ ANSWER_WATTTIME, false, "/v3/historical?region=%L&signal_type=co2_moer&start=%F&end=%N" },
	{ ANSWER_WATTTIME, true, "/v3/forecast?region=%L&signal_type=co2_moer" },
	{ ANSWER_UK, false, "/intensity/%F/%T" },
};

static const char *const base_urls[N_ANSWER_FEEDS] = {
	[ANSWER_ELECTRICITYMAPS] = "https://api.electricitymaps.com",
	[ANSWER_WATTTIME] = "https://api.watttime.org",
	[ANSWER_UK] = "https://api.carbonintensity.org.uk",
};

static const char *base_url(const struct round_feed *r)
{
	return r->base_url ? r->base_url : base_urls[r->feed];
}

/* "GB-13": the region's number; 0 for "GB". */
static int uk_region(const char *location)
{
	int n = 0;

	for (const char *p = location + 3; location[2] == '-' && isdigit((unsigned char)*p); p++)
		n = n < 100 ? 10 * n + (*p - '0') : n;
	return n;
}

int round_check(const struct round_feed *r, struct why *why)
{
	static const char *const keys[N_ANSWER_FEEDS] = {
		[ANSWER_ELECTRICITYMAPS] = "a token (auth-token)",
		[ANSWER_WATTTIME] = "user:password",
	};
	const char *name = answer_kinds[r->feed].name;

	if (!r->location[0] || strlen(r->location) > 40 ||
	    strspn(r->location,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:") !=
		    strlen(r->location))
		return why_set(why, -EINVAL, "%s: '%.40s' is no zone or region", name, r->location);
	if (r->feed == ANSWER_UK && strcmp(r->location, "GB") != 0 &&
	    (strncmp(r->location, "GB-", 3) != 0 || uk_region(r->location) < 1 ||
	     uk_region(r->location) > 18))
		return why_set(why, -EINVAL,
			       "%s: the location is GB, or GB-1 to GB-18 for a region", name);
	if (keys[r->feed] && !r->key[0])
		return why_set(why, -EINVAL, "%s needs a key: --intensity-key FILE with %s", name,
			       keys[r->feed]);
	if (strpbrk(r->key, "\r\n") || strlen(r->key) > 1024)
		return why_set(why, -EINVAL, "%s: the key is not one line", name);
	return fetch_check_url(base_url(r), why);
}

/* Times as the feeds take them, the colons of no harm in a query. */
static void put_time(struct buf *out, int64_t t_s)
{
	char text[32];

	stamp_write(t_s - t_s % 60, text, sizeof(text));
	buf_printf(out, "%.16sZ", text); /* to the minute */
}

static void put_url(const struct round_feed *r, const char *path, int64_t now_s, struct buf *out)
{
	buf_puts(out, base_url(r));
	if (r->feed == ANSWER_UK && uk_region(r->location) > 0) {
		buf_puts(out, "/regional");
	}
	for (; *path; path++) {
		if (*path != '%') {
			buf_putc(out, *path);
			continue;
		}
		path++;
		if (*path == 'L')
			buf_puts(out, r->location);
		else if (*path == 'F')
			put_time(out, now_s - DAY_S);
		else if (*path == 'T')
			put_time(out, now_s + DAY_S);
		else
			put_time(out, now_s);
	}
	if (r->feed == ANSWER_UK && uk_region(r->location) > 0)
		buf_printf(out, "/regionid/%d", uk_region(r->location));
}

/* WattTime's token, which lasts half an hour. */
static int log_in(struct round_feed *r, struct fetch *f, struct why *why)
{
	CLEANUP(buf_free) struct buf url = { 0 };
	struct fetch_reply reply = { 0 };
	struct fetch_request request;
	int err;

	buf_printf(&url, "%s/login", base_url(r));
	if (url.err)
		return url.err;
	request = (struct fetch_request){ .url = url.data, .user_password = r->key };
	err = fetch_run(f, &request, &reply, why);
	if (!err && answer_read_token(reply.body.data, reply.body.len, r->token, sizeof(r->token)))
		err = why_set(why, -EBADMSG, "login: an answer without a token");
	buf_free(&reply.body);
	return err;
}

static int ask_once(struct round_feed *r, struct fetch *f, const char *url,
		    struct fetch_reply *reply, struct why *why)
{
	char header[HEADER_LEN] = "";
	struct fetch_request request = { .url = url };

	if (r->feed == ANSWER_ELECTRICITYMAPS)
		snprintf(header, sizeof(header), "auth-token: %s", r->key);
	else if (r->feed == ANSWER_WATTTIME)
		snprintf(header, sizeof(header), "Authorization: Bearer %s", r->token);
	if (header[0])
		request.header = header;
	return fetch_run(f, &request, reply, why);
}

/* One question, with a new login where the token has run out. */
static int ask(struct round_feed *r, struct fetch *f, const char *url, struct fetch_reply *reply,
	       struct why *why)
{
	bool had_token = r->token[0] != '\0';
	int err = 0;

	if (r->feed == ANSWER_WATTTIME && !had_token)
		err = log_in(r, f, why);
	if (!err)
		err = ask_once(r, f, url, reply, why);
	if (err == -EACCES && r->feed == ANSWER_WATTTIME && had_token) {
		err = log_in(r, f, why);
		if (!err)
			err = ask_once(r, f, url, reply, why);
	}
	if (err == -EACCES)
		r->token[0] = '\0';
	return err;
}

/* What a round has learnt. */
struct round_result {
	int err;
	struct why why;
	unsigned int n_ahead;
	int64_t skew_s;
	int64_t retry_after_s;
};

static void note_reply(struct round_result *result, const struct fetch_reply *reply, int64_t now_s)
{
	if (reply->retry_after_s > result->retry_after_s)
		result->retry_after_s = reply->retry_after_s;
	if (reply->date_s)
		result->skew_s = reply->date_s - now_s;
}

static void run_ask(struct round_feed *r, struct fetch *f, const struct round_ask *a, int64_t now_s,
		    struct series *into, struct round_result *result)
{
	CLEANUP(buf_free) struct buf url = { 0 };
	struct fetch_reply reply = { 0 };
	struct why why = { "" };
	unsigned int n_ahead = 0;
	int err;

	put_url(r, a->path, now_s, &url);
	err = url.err ? url.err : ask(r, f, url.data, &reply, &why);
	note_reply(result, &reply, now_s);
	if (!err)
		err = answer_read(&(struct answer_text){ .feed = r->feed,
							 .text = reply.body.data ?: "",
							 .len = reply.body.len,
							 .now_s = now_s },
				  into, &n_ahead, &why);
	result->n_ahead += n_ahead;
	/* A plan without forecasts is no trouble. */
	if (err && !(a->optional && (err == -EACCES || err == -EPROTO)) && !result->err) {
		result->err = err;
		result->why = why;
	}
	buf_free(&reply.body);
}

static void forget(struct series *s, int64_t before_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->point[i].end_s > before_s)
			s->point[kept++] = s->point[i];
	s->n = kept;
}

int round_run(struct round_feed *r, struct fetch *f, int64_t now_s, struct series *into,
	      int64_t *ret_retry_after_s, struct why *why)
{
	struct round_result result = { 0 };
	int err;

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		if (asks[i].feed != r->feed)
			continue;
		run_ask(r, f, &asks[i], now_s, into, &result);
		/* Who asks us to wait is not asked the next thing. */
		if (result.err == -EAGAIN)
			break;
	}
	err = series_finish(into);
	if (err)
		return why_set(why, err, "out of memory");
	forget(into, now_s - KEEP_S);
	*ret_retry_after_s = result.retry_after_s;
	if (result.err)
		return why_set(why, result.err, "%s", result.why.text);
	if (result.n_ahead || result.skew_s > ANSWER_SKEW_S || result.skew_s < -ANSWER_SKEW_S)
		return why_set(why, -EXDEV,
			       "its clock and this one differ (its answer is of %+" PRId64
			       " s, %u values are of the future)",
			       result.skew_s, result.n_ahead);
	return 0;
}
