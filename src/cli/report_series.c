/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_series.c - see report_series.h. */
#include "cli/report_series.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "jouletrail/units.h"

#define DAY_S 86400
/* Between rollups: that the last tick of a day ends in the next is none. */
#define LEAST_HOLE_US (60 * (int64_t)JT_US_PER_S)

/* Each is a multiple of the one before it, so that spans can be put together. */
static const int64_t lengths_s[] = { 1,	   5,	 10,   30,    60,    300,  600,
				     1800, 3600, 7200, 21600, 43200, DAY_S };

/* The next longer one; beyond a day twice as long. */
static int64_t spans_next(int64_t length_us)
{
	for (size_t i = 0; i < ARRAY_LENGTH(lengths_s); i++)
		if (lengths_s[i] * (int64_t)JT_US_PER_S > length_us)
			return lengths_s[i] * (int64_t)JT_US_PER_S;
	return 2 * length_us;
}

/* Rounded down, before 1970 too. */
static int64_t spans_number(const struct report_series *s, int64_t us)
{
	return us / s->length_us - (us % s->length_us < 0);
}

static void span_widen_to(struct report_span *p, int64_t begin_us, int64_t end_us)
{
	if (!p->n_ticks || begin_us < p->begin_us)
		p->begin_us = begin_us;
	if (!p->n_ticks || end_us > p->end_us)
		p->end_us = end_us;
}

/* last: nothing of the same span follows, so what reaches beyond it reaches beyond both. */
static void span_merge(struct report_span *to, const struct report_span *from, bool last)
{
	uint64_t time_ns = to->host.total.time_ns + from->host.total.time_ns;

	to->covered_us += from->covered_us + (last ? 0 : from->over_us);
	to->over_us += last ? from->over_us : 0;
	if (!from->n_ticks)
		return;
	span_widen_to(to, from->begin_us, from->end_us);
	to->n_ticks += from->n_ticks;
	to->n_missing += from->n_missing;
	to->known_ns += from->known_ns;
	report_sum_merge(&to->host, &from->host);
	/* These are of different ticks. */
	to->host.total.time_ns = time_ns;
}

/* The spans of the next length. */
static void spans_widen(struct report_series *s)
{
	int64_t longer_us = spans_next(s->length_us);
	int64_t many = longer_us / (s->length_us ?: 1); /* it is not 0: spans_grid() */
	int64_t first = s->first / many - (s->first % many < 0);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		int64_t number = s->first + (int64_t)i;
		int64_t wide = number / many - (number % many < 0);
		size_t at = (size_t)(wide - first);
		struct report_span one = s->span[i];

		/* at <= i: what is overwritten was read. */
		if (at >= n) {
			memset(&s->span[at], 0, sizeof(s->span[at]));
			n = at + 1;
		}
		span_merge(&s->span[at], &one, number == (wide + 1) * many - 1);
	}
	s->length_us = longer_us;
	s->first = first;
	s->n = n;
}

/* The span of that time; made where it is a new one. */
static struct report_span *spans_find(struct report_series *s, int64_t from_us)
{
	int64_t number = spans_number(s, from_us), first, last;

	if (s->n == 0)
		s->first = number;
	for (;;) {
		number = spans_number(s, from_us);
		first = number < s->first ? number : s->first;
		last = s->first + (int64_t)s->n - 1;
		last = number > last ? number : last;
		if (last - first < REPORT_MAX_SPANS)
			break;
		spans_widen(s);
	}
	if (number < s->first) {
		size_t by = (size_t)(s->first - number);

		memmove(&s->span[by], &s->span[0], s->n * sizeof(s->span[0]));
		memset(&s->span[0], 0, by * sizeof(s->span[0]));
		s->first = number;
		s->n += by;
	}
	for (; (int64_t)s->n <= number - s->first; s->n++)
		memset(&s->span[s->n], 0, sizeof(s->span[0]));
	return &s->span[number - s->first];
}

/* How much of it lies within the span that it begins in, and how much beyond. */
static void span_cover(const struct report_series *s, struct report_span *p, int64_t begin_us,
		       int64_t end_us)
{
	int64_t to_us = s->length_us ? (spans_number(s, begin_us) + 1) * s->length_us : end_us;

	if (end_us <= begin_us)
		return;
	p->covered_us += (uint64_t)((end_us < to_us ? end_us : to_us) - begin_us);
	p->over_us += end_us > to_us ? (uint64_t)(end_us - to_us) : 0;
}

/* There are too many ticks: from now on spans are longer than each of them. */
static void spans_grid(struct report_series *s)
{
	/* A quarter more, so that a tick begins in each even where they are a little late. */
	do
		s->length_us = spans_next(s->length_us);
	while (s->length_us < s->longest_us + s->longest_us / 4);
	for (size_t i = 0; i < s->n_early; i++) {
		struct report_span one = s->early[i];

		one.covered_us = one.over_us = 0;
		if (!one.n_missing)
			span_cover(s, &one, one.begin_us, one.end_us);
		span_merge(spans_find(s, one.begin_us), &one, true);
	}
	s->n_early = 0;
}

/* The span of a tick; a tick that is longer than all before it may need longer spans. */
static struct report_span *spans_tick(struct report_series *s, const struct report_moment *m)
{
	struct report_span *p;

	if (m->to_us - m->from_us > s->longest_us)
		s->longest_us = m->to_us - m->from_us;
	if (!s->length_us && s->n_early == REPORT_MAX_SPANS)
		spans_grid(s);
	while (s->length_us && s->length_us < s->longest_us)
		spans_widen(s);
	p = s->length_us ? spans_find(s, m->from_us) : &s->early[s->n_early++];
	if (!m->n_missing)
		span_cover(s, p, m->from_us, m->to_us);
	span_widen_to(p, m->from_us, m->to_us);
	return p;
}

/* More than half of the shorter one. */
static bool spans_is_same(const struct report_span *p, const struct report_moment *m)
{
	int64_t from = p->from_us > m->from_us ? p->from_us : m->from_us;
	int64_t to = p->to_us < m->to_us ? p->to_us : m->to_us;
	int64_t shorter = p->to_us - p->from_us;

	if (m->to_us - m->from_us < shorter)
		shorter = m->to_us - m->from_us;
	return 2 * (to - from) > shorter;
}

/* The rollups of one day, or month, are in one span; what finds no room is in the last. */
static struct report_span *spans_rolled(struct report_series *s, const struct report_moment *m)
{
	struct report_span *last = s->n_rolled ? &s->rolled[s->n_rolled - 1] : NULL;

	if (!last || (!spans_is_same(last, m) && s->n_rolled < REPORT_MAX_ROLLED)) {
		last = &s->rolled[s->n_rolled++];
		*last = (struct report_span){ .from_us = m->from_us,
					      .to_us = m->to_us,
					      .rolled_up = true };
	}
	if (m->from_us < last->from_us)
		last->from_us = m->from_us;
	if (m->to_us > last->to_us)
		last->to_us = m->to_us;
	return last;
}

static void spans_blank(struct report_series *s, int64_t from_us, int64_t to_us, bool no_energy)
{
	struct report_blank *last =
		s->n_blanks && s->n_blanks <= REPORT_MAX_BLANKS ? &s->blank[s->n_blanks - 1] : NULL;

	*(no_energy ? &s->no_energy_us : &s->unmeasured_us) += (uint64_t)(to_us - from_us);
	if (last && no_energy && last->no_energy && last->to_us == from_us) {
		last->to_us = to_us;
		return;
	}
	if (s->n_blanks < REPORT_MAX_BLANKS)
		s->blank[s->n_blanks] = (struct report_blank){ from_us, to_us, no_energy };
	s->n_blanks++;
}

static void spans_gap(struct report_series *s, const struct report_moment *m)
{
	/* A clock that was set back within a tick makes it shorter than nothing. */
	int64_t length_us = m->to_us > m->from_us ? m->to_us - m->from_us : 0;

	/* Half a tick: below that it is where one process ended and the next began. */
	if (s->began && m->from_us - s->end_us > length_us / 2)
		spans_blank(s, s->end_us, m->from_us, false);
	if (m->n_missing && length_us > 0)
		spans_blank(s, m->from_us, m->to_us, true);
	if (!s->began || m->from_us < s->begin_us)
		s->begin_us = m->from_us;
	if (!s->began || m->to_us > s->end_us)
		s->end_us = m->to_us;
	s->began = true;
}

struct report_sum *report_series_take(struct report_series *s, const struct report_moment *m)
{
	struct report_span *p = m->rolled_up ? spans_rolled(s, m) : spans_tick(s, m);
	uint64_t n_known = m->n_ticks > m->n_missing ? m->n_ticks - m->n_missing : 0;
	uint64_t known_ns = n_known ? m->time_ns / m->n_ticks * n_known : 0;

	/* Rollups stand behind ticks that are younger: see report_series_settle(). */
	if (!m->rolled_up)
		spans_gap(s, m);
	else
		p->covered_us += known_ns / JT_NS_PER_US;
	p->n_ticks += m->n_ticks;
	p->n_missing += m->n_missing;
	p->known_ns += known_ns;
	p->host.total.time_ns += m->time_ns;
	return &p->host;
}

static int spans_compare(const void *a, const void *b)
{
	const struct report_span *x = a, *y = b;

	return (x->from_us > y->from_us) - (x->from_us < y->from_us);
}

/* Spans of one length end where the next begins; beside a hole, where their ticks end. */
static void spans_bounds(struct report_series *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct report_span *p = &s->span[i];
		int64_t at_us = (s->first + (int64_t)i) * s->length_us;
		bool after = i > 0 && s->span[i - 1].n_ticks;
		bool before = i + 1 < s->n && s->span[i + 1].n_ticks;

		if (i > 0)
			p->covered_us += s->span[i - 1].over_us;
		p->from_us = after || !p->n_ticks ? at_us : p->begin_us;
		p->to_us = before || !p->n_ticks ? at_us + s->length_us : p->end_us;
		if (p->n_ticks && !before)
			p->covered_us += p->over_us;
	}
}

/* Each tick is a span. */
static void spans_early(struct report_series *s)
{
	memcpy(s->span, s->early, s->n_early * sizeof(s->span[0]));
	s->n = s->n_early;
	for (size_t i = 0; i < s->n; i++) {
		s->span[i].from_us = s->span[i].begin_us;
		s->span[i].to_us = s->span[i].end_us;
	}
	qsort(s->span, s->n, sizeof(s->span[0]), spans_compare);
}

void report_series_settle(struct report_series *s)
{
	if (s->length_us)
		spans_bounds(s);
	else
		spans_early(s);
	qsort(s->rolled, s->n_rolled, sizeof(s->rolled[0]), spans_compare);
	for (size_t i = 0; i < s->n_rolled; i++) {
		bool last = i + 1 == s->n_rolled;
		int64_t next_us = last ? s->begin_us : s->rolled[i + 1].from_us;

		if ((s->began || !last) && next_us - s->rolled[i].to_us > LEAST_HOLE_US)
			spans_blank(s, s->rolled[i].to_us, next_us, false);
	}
}

size_t report_series_n(const struct report_series *s)
{
	return s->n_rolled + s->n;
}

const struct report_span *report_series_span(const struct report_series *s, size_t i)
{
	if (i < s->n_rolled)
		return &s->rolled[i];
	return i - s->n_rolled < s->n ? &s->span[i - s->n_rolled] : NULL;
}

unsigned int report_span_percent(const struct report_span *p)
{
	double part = 0;

	if (p->to_us > p->from_us)
		part = (double)p->covered_us / (double)(p->to_us - p->from_us);
	return part > 1 ? 100 : (unsigned int)(part * 100 + 0.5);
}
