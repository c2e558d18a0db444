/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scrape.c - see scrape.h. */
#include "serve/scrape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "serve/live.h"
#include "serve/openmetrics.h"
#include "serve/page.h"

#define PLAIN "text/plain; charset=utf-8"

enum { AS_TEXT = 0, AS_OPENMETRICS, N_FORMATS };

struct scrape {
	const struct board *board;
	struct live *live;
	/* The text in each format as it was last asked for. */
	struct {
		uint64_t seen;
		struct http_shared *body;
	} last[N_FORMATS];
};

int scrape_new(const struct board *board, struct scrape **ret)
{
	struct scrape *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	if (live_new(board, &s->live)) {
		free(s);
		return -ENOMEM;
	}
	s->board = board;
	*ret = s;
	return 0;
}

void scrape_free(struct scrape *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < N_FORMATS; i++)
		http_shared_free(s->last[i].body);
	live_free(s->live);
	free(s);
}

void scrape_look(struct scrape *s)
{
	live_look(s->live);
}

static void say(struct http_reply *r, unsigned int status, const char *text)
{
	r->status = status;
	r->type = PLAIN;
	buf_puts(&r->body, text);
}

/* Looks at the board. Returns 0, or why there is no text. */
static int refresh(struct scrape *s, size_t format)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(buf_free) struct buf other = { 0 };
	uint64_t seen = s->last[format].seen;
	struct http_shared *body;
	int got = board_read(s->board, &seen, &text);

	if (got <= 0)
		return got < 0 ? got : s->last[format].body ? 0 : -ENODATA;
	if (format == AS_OPENMETRICS) {
		openmetrics_from_text(text.data, text.len, &other);
		if (other.err)
			return other.err;
	}
	body = format == AS_OPENMETRICS ? http_shared_new(&other, OPENMETRICS_TYPE)
					: http_shared_new(&text, OPENMETRICS_OLD_TYPE);
	if (!body)
		return -ENOMEM;
	http_shared_free(s->last[format].body);
	s->last[format].body = body;
	s->last[format].seen = seen;
	return 0;
}

static void answer_metrics(struct scrape *s, const struct http_request *q, struct http_reply *r)
{
	size_t format = openmetrics_is_wanted(q->accept) ? AS_OPENMETRICS : AS_TEXT;

	/* Old figures are not passed off as new ones. */
	if (refresh(s, format)) {
		say(r, 503, "no figures now\n");
		return;
	}
	r->status = 200;
	r->shared = s->last[format].body;
}

static void answer_live(struct scrape *s, struct http_reply *r)
{
	int err = live_put(s->live, clock_real_us(), &r->body);

	r->header = page_headers;
	if (!err) {
		r->status = 200;
		r->type = "application/json";
		return;
	}
	buf_reset(&r->body);
	say(r, 503, "no figures now\n");
}

void scrape_answer(void *arg, const struct http_request *q, struct http_reply *r)
{
	if (q->trouble == HTTP_TOO_LARGE)
		say(r, 413, "a request here has no body\n");
	else if (q->trouble == HTTP_NO_MEMORY)
		say(r, 503, "out of memory\n");
	else if (strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0)
		say(r, 405, "only GET and HEAD\n");
	else if (strcmp(q->path, "/metrics") == 0)
		answer_metrics(arg, q, r);
	else if (strcmp(q->path, "/live") == 0)
		answer_live(arg, r);
	else if (!page_answer(q->path, r))
		say(r, 404, "not found: see /metrics\n");
}
