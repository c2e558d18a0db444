/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_settle.c - makes a series sorted and disjoint: series_finish() of series.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "intensity/series.h"

#define ALONE_LASTS_S 3600

/* A point with the order in which it came. */
struct settle_item {
	struct series_point p;
	size_t order;
};

/* A value is better than an estimate, and that better than a forecast. */
static unsigned int rank_of(const struct series_point *p)
{
	return p->flags & SERIES_FORECAST ? 0 : p->flags & SERIES_ESTIMATED ? 1 : 2;
}

/* Whether a counts rather than b where both hold. */
static bool is_better(const struct settle_item *a, const struct settle_item *b)
{
	unsigned int rank_a = rank_of(&a->p), rank_b = rank_of(&b->p);

	if (rank_a != rank_b)
		return rank_a > rank_b;
	if (a->p.start_s != b->p.start_s)
		return a->p.start_s > b->p.start_s;
	return a->order > b->order;
}

static int compare_start(const void *va, const void *vb)
{
	const struct settle_item *a = va, *b = vb;

	if (a->p.start_s != b->p.start_s)
		return a->p.start_s < b->p.start_s ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_i64(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

/* The lower median of the distances between starts, of sorted items. */
static int usual_step(const struct settle_item *item, size_t n, int64_t *ret_s)
{
	int64_t *step = malloc(n * sizeof(*step));
	bool same = true;
	size_t n_steps = 0;

	if (!step)
		return -ENOMEM;
	for (size_t i = 1; i < n; i++) {
		if (item[i].p.start_s == item[i - 1].p.start_s)
			continue;
		step[n_steps++] = item[i].p.start_s - item[i - 1].p.start_s;
		same &= step[n_steps - 1] == step[0];
	}
	if (!same)
		qsort(step, n_steps, sizeof(*step), compare_i64);
	*ret_s = n_steps ? step[(n_steps - 1) / 2] : ALONE_LASTS_S;
	free(step);
	return 0;
}

/* Ends that were not given. */
static int settle_ends(struct series *s, struct settle_item *item, size_t n)
{
	int64_t usual_s;
	bool any = false;
	int err;

	for (size_t i = 0; i < n; i++)
		any |= item[i].p.end_s == SERIES_END_UNKNOWN;
	if (!any)
		return 0;
	err = usual_step(item, n, &usual_s);
	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		struct series_point *p = &item[i].p;
		size_t next = i + 1;

		if (p->end_s != SERIES_END_UNKNOWN || p->flags & SERIES_MISSED)
			continue;
		while (next < n && item[next].p.start_s == p->start_s)
			next++;
		p->end_s = p->start_s + usual_s;
		if (next < n && item[next].p.start_s < p->end_s)
			p->end_s = item[next].p.start_s;
		p->flags |= SERIES_ASSUMED_END;
		s->count.n_assumed_ends++;
	}
	return 0;
}

/* What told where a value is missing has done its work. Returns how many are left. */
static size_t drop_missed(struct settle_item *item, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!(item[i].p.flags & SERIES_MISSED))
			item[kept++] = item[i];
	return kept;
}

/* Of points of the same times and rank the last to arrive stays. Returns how many are left. */
static size_t settle_revisions(struct series *s, struct settle_item *item, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct settle_item *last = kept ? &item[kept - 1] : NULL;

		if (!last || last->p.start_s != item[i].p.start_s ||
		    last->p.end_s != item[i].p.end_s || rank_of(&last->p) != rank_of(&item[i].p)) {
			item[kept++] = item[i];
		} else if (last->p.mg_per_kwh == item[i].p.mg_per_kwh) {
			s->count.n_duplicates++;
			*last = item[i];
		} else {
			s->count.n_revised++;
			*last = item[i];
			last->p.flags |= SERIES_REVISED;
		}
	}
	return kept;
}

/* A heap of items that hold now, the best at the top. */
struct settle_heap {
	const struct settle_item **at;
	size_t n;
};

static void heap_push(struct settle_heap *h, const struct settle_item *item)
{
	size_t i = h->n++;

	while (i && is_better(item, h->at[(i - 1) / 2])) {
		h->at[i] = h->at[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->at[i] = item;
}

static void heap_pop(struct settle_heap *h)
{
	const struct settle_item *item = h->at[--h->n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && is_better(h->at[child + 1], h->at[child]))
			child++;
		if (!is_better(h->at[child], item))
			break;
		h->at[i] = h->at[child];
		i = child;
	}
	if (h->n)
		h->at[i] = item;
}

/* Gives [from, to) the value of the item, as part of the piece before where that is its own. */
static void put_piece(struct series *s, const struct settle_item *item, int64_t from_s,
		      int64_t to_s, const struct settle_item **last)
{
	struct series_point *before = s->n ? &s->point[s->n - 1] : NULL;

	if (before && *last == item && before->end_s == from_s) {
		before->end_s = to_s;
	} else {
		s->point[s->n] = item->p;
		s->point[s->n].start_s = from_s;
		s->point[s->n++].end_s = to_s;
	}
	before = &s->point[s->n - 1];
	before->flags &= ~(uint32_t)SERIES_OVERLAPPED;
	before->flags |= item->p.flags & SERIES_OVERLAPPED;
	if (before->start_s != item->p.start_s || before->end_s != item->p.end_s)
		before->flags |= SERIES_OVERLAPPED;
	*last = item;
}

/* From one start or end to the next, the best of those that hold. */
static void sweep(struct series *s, const struct settle_item *item, size_t n, struct settle_heap *h)
{
	const struct settle_item *last = NULL;
	int64_t now_s = item[0].p.start_s;
	size_t i = 0;

	while (i < n || h->n) {
		int64_t until_s;

		while (h->n && h->at[0]->p.end_s <= now_s)
			heap_pop(h);
		while (i < n && item[i].p.start_s <= now_s)
			heap_push(h, &item[i++]);
		while (h->n && h->at[0]->p.end_s <= now_s)
			heap_pop(h);
		if (!h->n) {
			if (i < n)
				now_s = item[i].p.start_s;
			continue;
		}
		until_s = h->at[0]->p.end_s;
		if (i < n && item[i].p.start_s < until_s)
			until_s = item[i].p.start_s;
		put_piece(s, h->at[0], now_s, until_s, &last);
		now_s = until_s;
	}
}

static bool is_disjoint(const struct settle_item *item, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (item[i].p.start_s < item[i - 1].p.end_s)
			return false;
	return true;
}

/* Overlapping items into pieces that do not overlap; at most 2n - 1 of them. */
static int settle_overlaps(struct series *s, const struct settle_item *item, size_t n)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds. */
	struct settle_heap heap = { .at = malloc(n * sizeof(*heap.at)) };
	void *bigger = realloc(s->point, 2 * n * sizeof(*s->point));

	if (bigger) {
		s->point = bigger;
		s->capacity = 2 * n;
	}
	if (!bigger || !heap.at) {
		free(heap.at);
		return -ENOMEM;
	}
	s->n = 0;
	sweep(s, item, n, &heap);
	free(heap.at);
	return 0;
}

static void count_overlaps(struct series *s, const struct settle_item *item, size_t n)
{
	int64_t end_s = -1;

	for (size_t i = 0; i < n; i++) {
		if (item[i].p.start_s < end_s)
			s->count.n_overlaps++;
		if (item[i].p.end_s > end_s)
			end_s = item[i].p.end_s;
	}
}

static void count_holes(struct series *s)
{
	s->count.n_holes = 0;
	s->count.holes_s = 0;
	for (size_t i = 1; i < s->n; i++) {
		int64_t hole_s = s->point[i].start_s - s->point[i - 1].end_s;

		s->count.n_holes += hole_s > 0;
		s->count.holes_s += hole_s;
	}
}

/* Most series come as they should be. */
static bool is_settled(const struct series *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->point[i].end_s == SERIES_END_UNKNOWN ||
		    (i && s->point[i].start_s < s->point[i - 1].end_s))
			return false;
	return true;
}

static int settle(struct series *s, struct settle_item *item)
{
	size_t n = s->n;
	int err;

	bool sorted = true;

	for (size_t i = 0; i < n; i++) {
		item[i] = (struct settle_item){ s->point[i], i };
		sorted &= i == 0 || item[i].p.start_s >= item[i - 1].p.start_s;
	}
	if (!sorted)
		qsort(item, n, sizeof(*item), compare_start);
	err = settle_ends(s, item, n);
	if (err)
		return err;
	n = settle_revisions(s, item, drop_missed(item, n));
	if (!is_disjoint(item, n)) {
		count_overlaps(s, item, n);
		return settle_overlaps(s, item, n);
	}
	for (size_t i = 0; i < n; i++)
		s->point[i] = item[i].p;
	s->n = n;
	return 0;
}

int series_finish(struct series *s)
{
	int err = 0;

	if (!is_settled(s)) {
		struct settle_item *item = malloc(s->n * sizeof(*item));

		err = item ? settle(s, item) : -ENOMEM;
		free(item);
	}
	if (!err)
		count_holes(s);
	return err;
}
