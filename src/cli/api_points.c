/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_points.c - /emissions/bylocation(s) and …/best: the points of series, as a stream. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/api_parts.h"

int api_index(struct api_data *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct series *s = d->series[i].series;
		uint32_t *min = calloc(s->n / API_BLOCK + 1, sizeof(*min));

		if (!min)
			return -ENOMEM;
		d->series[i].block_min = min;
		for (size_t k = 0; k < s->n; k++)
			if (k % API_BLOCK == 0 || s->point[k].mg_per_kwh < min[k / API_BLOCK])
				min[k / API_BLOCK] = s->point[k].mg_per_kwh;
	}
	return 0;
}

void api_index_free(struct api_data *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->series[i].block_min);
}

static uint32_t value_at(const struct api_stretch *s, size_t i)
{
	return s->of->series->point[i].mg_per_kwh;
}

/* The least value of a stretch that is not empty: whole blocks by their minima. */
static uint32_t stretch_min(const struct api_stretch *s)
{
	uint32_t min = UINT32_MAX;

	for (size_t i = s->at; i < s->end;) {
		uint32_t v;

		if (i % API_BLOCK == 0 && s->end - i >= API_BLOCK) {
			v = s->of->block_min[i / API_BLOCK];
			i += API_BLOCK;
		} else {
			v = value_at(s, i++);
		}
		if (v < min)
			min = v;
	}
	return min;
}

/* The next point that is wanted, or the stretch's end: blocks without one are passed over. */
static void stretch_skip(struct api_stretch *s, uint32_t wanted)
{
	while (s->at < s->end && value_at(s, s->at) != wanted) {
		if (s->at % API_BLOCK == 0 && s->end - s->at >= API_BLOCK &&
		    s->of->block_min[s->at / API_BLOCK] > wanted)
			s->at += API_BLOCK;
		else
			s->at++;
	}
}

/* [d.]hh:mm:ss, as .NET writes a TimeSpan. */
static void put_span(struct buf *out, int64_t length_s)
{
	unsigned int s = (unsigned int)(length_s % 86400);

	if (length_s >= 86400)
		buf_printf(out, "%lld.", (long long)(length_s / 86400));
	buf_printf(out, "%02u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
}

static void put_point(struct buf *out, const struct series *s, const struct series_point *p)
{
	buf_puts(out, "{\"location\":");
	api_put_string(out, s->location);
	buf_puts(out, ",\"time\":");
	api_put_time(out, p->start_s);
	buf_puts(out, ",\"rating\":");
	api_put_grams(out, p->mg_per_kwh);
	buf_puts(out, ",\"duration\":\"");
	put_span(out, p->end_s - p->start_s);
	buf_puts(out, "\"}");
}

/* The stretch whose next point is to be written; NULL at the end. */
static struct api_stretch *stream_now(struct api_stream *s)
{
	for (; s->now < s->n; s->now++) {
		struct api_stretch *t = &s->stretch[s->now];

		if (s->only_best)
			stretch_skip(t, s->best_mg_per_kwh);
		if (t->at < t->end)
			return t;
	}
	return NULL;
}

/* The next piece into s->piece; an empty one at the end. */
static void stream_piece(struct api_stream *s)
{
	struct buf out = { .data = s->piece, .capacity = sizeof(s->piece) };
	struct api_stretch *t;

	s->piece_at = s->piece_len = 0;
	if (s->ended)
		return;
	t = stream_now(s);
	buf_putc(&out, s->begun ? ',' : '[');
	/* Never grows: see API_MAX_PIECE. */
	if (t) {
		put_point(&out, t->of->series, &t->of->series->point[t->at]);
		t->at++;
	} else {
		out.len -= s->begun;
		buf_putc(&out, ']');
		s->ended = true;
	}
	s->begun = true;
	s->piece_len = out.len;
}

size_t api_stream_next(struct api_stream *s, char *ret, size_t size)
{
	size_t n = 0;

	while (n < size) {
		size_t part = s->piece_len - s->piece_at;

		if (part == 0) {
			stream_piece(s);
			if (s->piece_len == 0)
				break;
			continue;
		}
		if (part > size - n)
			part = size - n;
		memcpy(ret + n, s->piece + s->piece_at, part);
		s->piece_at += part;
		n += part;
	}
	return n;
}

/* Points of s that hold at some moment of [from_s, to_s), or at from_s where that is empty. */
static struct api_stretch stretch_of(const struct api_series *s, int64_t from_s, int64_t to_s)
{
	struct api_stretch t = { .of = s, .at = series_first_after(s->series, from_s) };

	if (to_s <= from_s)
		to_s = from_s + 1;
	t.end = series_first_after(s->series, to_s - 1);
	if (t.end < s->series->n && s->series->point[t.end].start_s < to_s)
		t.end++;
	return t;
}

/* The stretches that a query asks for. False: a problem is in r. */
static bool points_query(const struct api_data *d, const struct api_request *q, struct api_reply *r,
			 struct api_stream *ret)
{
	const char *place[API_MAX_PARAMS];
	size_t n = api_locations_of(q, place);
	int64_t from_s = 0, to_s = q->now_s;
	enum series_kind kind;

	if (!api_kind(q, &kind, r) || !api_time(q, "time", &from_s, r) ||
	    !api_time(q, "toTime", &to_s, r))
		return false;
	if (n == 0) {
		api_problem(r, 400, "location", "a location is required");
		return false;
	}
	if (to_s < from_s) {
		api_problem(r, 400, "toTime", "toTime is before time");
		return false;
	}
	for (ret->n = 0; ret->n < n; ret->n++) {
		const struct api_series *s = api_find(d, place[ret->n], kind, r);

		if (!s)
			return false;
		ret->stretch[ret->n] = stretch_of(s, from_s, to_s);
	}
	return true;
}

/* No point at all: 204, as the SDK says it. */
static void points_reply(const struct api_stream *s, struct api_reply *r)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++)
		any |= s->stretch[i].at < s->stretch[i].end;
	if (!any) {
		r->status = 204;
		return;
	}
	r->stream = malloc(sizeof(*s));
	if (!r->stream) {
		api_problem(r, 500, NULL, "out of memory");
		return;
	}
	*r->stream = *s;
	r->status = 200;
	r->type = API_JSON_TYPE;
}

void api_by_location(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	struct api_stream s = { 0 };

	if (points_query(d, q, r, &s))
		points_reply(&s, r);
}

void api_best(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	struct api_stream s = { .only_best = true, .best_mg_per_kwh = UINT32_MAX };

	if (!points_query(d, q, r, &s))
		return;
	for (size_t i = 0; i < s.n; i++) {
		uint32_t min = stretch_min(&s.stretch[i]);

		if (min < s.best_mg_per_kwh)
			s.best_mg_per_kwh = min;
	}
	points_reply(&s, r);
}
