/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* search.c - the least mean over a sliding window of a piecewise constant series, exactly. */
#include "plan/plan.h"

#include <errno.h>

/* A moment in a series, moving forward only, and what lies before it. */
struct cursor {
	const struct series_point *step;
	size_t n;
	size_t i;	    /* the first step that ends after the moment */
	uint64_t sum_mg_s;  /* of the steps before i */
	uint64_t covered_s; /* likewise */
};

/* The integral from the start of the series to a moment. */
struct upto {
	uint64_t sum_mg_s;
	uint64_t covered_s;
};

static uint64_t step_length(const struct series_point *s)
{
	return (uint64_t)(s->end_s - s->start_s);
}

static struct upto cursor_move(struct cursor *c, int64_t to_s)
{
	struct upto u;

	while (c->i < c->n && c->step[c->i].end_s <= to_s) {
		c->sum_mg_s += c->step[c->i].mg_per_kwh * step_length(&c->step[c->i]);
		c->covered_s += step_length(&c->step[c->i]);
		c->i++;
	}
	u = (struct upto){ c->sum_mg_s, c->covered_s };
	if (c->i < c->n && c->step[c->i].start_s < to_s) {
		uint64_t part = (uint64_t)(to_s - c->step[c->i].start_s);

		u.sum_mg_s += c->step[c->i].mg_per_kwh * part;
		u.covered_s += part;
	}
	return u;
}

/* Where the intensity next changes after a moment that the cursor is at; INT64_MAX: never. */
static int64_t cursor_next(const struct cursor *c, int64_t at_s)
{
	if (c->i == c->n)
		return INT64_MAX;
	return c->step[c->i].start_s > at_s ? c->step[c->i].start_s : c->step[c->i].end_s;
}

static bool time_is_sound(int64_t t_s)
{
	return t_s >= -PLAN_MAX_TIME_S && t_s <= PLAN_MAX_TIME_S;
}

static bool series_is_sound(const struct plan_series *s)
{
	int64_t before = INT64_MIN;

	if (s->n == 0 || !time_is_sound(s->step[0].start_s) ||
	    s->step[s->n - 1].end_s > s->step[0].start_s + PLAN_MAX_SPAN_S)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct series_point *p = &s->step[i];

		if (p->start_s < before || p->end_s <= p->start_s ||
		    p->low_mg_per_kwh > p->mg_per_kwh || p->high_mg_per_kwh < p->mg_per_kwh)
			return false;
		before = p->end_s;
	}
	return true;
}

/* The best start in [from_s, last_s]: the mean is linear between the changes at both its ends. */
static bool search(const struct plan_series *s, int64_t from_s, int64_t last_s, uint64_t duration_s,
		   int64_t *ret_start_s)
{
	struct cursor head = { .step = s->step, .n = s->n }, tail = head;
	uint64_t best = UINT64_MAX;
	int64_t at_s = from_s, next_s;

	for (;;) {
		struct upto a = cursor_move(&head, at_s);
		struct upto b = cursor_move(&tail, at_s + (int64_t)duration_s);

		if (b.covered_s - a.covered_s == duration_s && b.sum_mg_s - a.sum_mg_s < best) {
			best = b.sum_mg_s - a.sum_mg_s;
			*ret_start_s = at_s;
		}
		if (at_s == last_s)
			return best != UINT64_MAX;
		next_s = cursor_next(&tail, at_s + (int64_t)duration_s);
		if (next_s != INT64_MAX)
			next_s -= (int64_t)duration_s;
		if (cursor_next(&head, at_s) < next_s)
			next_s = cursor_next(&head, at_s);
		at_s = next_s < last_s ? next_s : last_s;
	}
}

static uint64_t missing_between(const struct plan_series *s, int64_t from_s, int64_t to_s)
{
	struct cursor c = { .step = s->step, .n = s->n };
	struct upto a, b;

	if (to_s <= from_s)
		return 0;
	a = cursor_move(&c, from_s);
	b = cursor_move(&c, to_s);
	return (uint64_t)(to_s - from_s) - (b.covered_s - a.covered_s);
}

/* Starts that a span leaves; false where it leaves none. */
static int span_starts(const struct plan_series *s, const struct plan_span *span,
		       int64_t *ret_first_s, int64_t *ret_last_s)
{
	int64_t duration_s = (int64_t)span->duration_s, end_s;

	if (span->duration_s == 0 || span->duration_s > PLAN_MAX_SPAN_S ||
	    !time_is_sound(span->from_s) || span->until_s < -PLAN_MAX_TIME_S || !series_is_sound(s))
		return -EINVAL;
	if (span->from_s > span->until_s - duration_s)
		return -ERANGE;
	end_s = s->step[s->n - 1].end_s < span->until_s ? s->step[s->n - 1].end_s : span->until_s;
	*ret_first_s = s->step[0].start_s > span->from_s ? s->step[0].start_s : span->from_s;
	*ret_last_s = end_s - duration_s;
	return 0;
}

int plan_best(const struct plan_series *s, const struct plan_span *span, struct plan_window *ret,
	      uint64_t *ret_missing_s)
{
	int64_t start_s, first_s, last_s, duration_s = (int64_t)span->duration_s;
	int err = span_starts(s, span, &first_s, &last_s);

	if (err)
		return err;
	if (ret_missing_s)
		*ret_missing_s = missing_between(s, span->from_s, last_s + duration_s);
	if (first_s > last_s || !search(s, first_s, last_s, span->duration_s, &start_s))
		return -ENODATA;
	return plan_window(s, start_s, start_s + duration_s, ret, NULL);
}

int plan_each(const struct plan_series *s, const struct plan_span *span, plan_each_fn *f, void *arg)
{
	struct cursor head = { .step = s->step, .n = s->n }, tail = head;
	int64_t first_s, last_s, at_s;
	bool any = false;
	int err = span_starts(s, span, &first_s, &last_s);

	if (err)
		return err;
	for (at_s = first_s; at_s <= last_s;) {
		struct upto a = cursor_move(&head, at_s);
		struct upto b = cursor_move(&tail, at_s + (int64_t)span->duration_s);

		if (b.covered_s - a.covered_s == span->duration_s) {
			any = true;
			if (!f(at_s, b.sum_mg_s - a.sum_mg_s, arg))
				break;
		}
		/* The next start of a step. */
		if (head.i < head.n && s->step[head.i].start_s > at_s)
			at_s = s->step[head.i].start_s;
		else if (head.i + 1 < head.n)
			at_s = s->step[head.i + 1].start_s;
		else
			break;
	}
	return any ? 0 : -ENODATA;
}

bool plan_is_better(const struct plan_window *a, const struct plan_window *b)
{
	if (a->sum_mg_s != b->sum_mg_s)
		return a->sum_mg_s < b->sum_mg_s;
	return a->start_s < b->start_s;
}
