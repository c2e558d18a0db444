/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* span_part.c - a window at a span's border: which part of a row is the span's. Pure. */
#include <math.h>
#include <string.h>

#include "daemon/spans_parts.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* amount between two marks on a scale of `of`, so that parts that touch sum up to the whole. */
static uint64_t between(uint64_t amount, uint64_t from, uint64_t to, uint64_t of)
{
	return (uint64_t)((jt_product)amount * to / of) -
	       (uint64_t)((jt_product)amount * from / of);
}

/* The part of all that a row has; what is relative stays so. */
static void scale(const struct shares_row *whole, uint64_t from, uint64_t to, uint64_t of,
		  struct shares_row *ret)
{
	double part = (double)(to - from) / (double)of;

	*ret = *whole;
	ret->energy_uj = 0;
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++) {
		ret->by_factor_uj[f] = between(whole->by_factor_uj[f], from, to, of);
		ret->energy_uj += ret->by_factor_uj[f];
	}
	ret->attribution_sd_uj *= part;
	ret->spread_uj *= part;
	ret->static_sd_uj *= part;
	ret->random_var_uj2 *= part * part;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		ret->model_uj[m] = (int64_t)llround((double)whole->model_uj[m] * part);
}

/* Where the row lived within the window, and the span in that. */
struct life {
	uint64_t begin_ns, end_ns; /* CLOCK_BOOTTIME */
	uint64_t from_ns, to_ns;
};

static struct life life_of(const struct span_cut *c, const struct usage_row *row)
{
	struct life l = { .end_ns = c->end_boot_ns };

	if (row->ended_boottime_ns > c->begin_boot_ns)
		l.end_ns = least(l.end_ns, row->ended_boottime_ns);
	l.begin_ns = least(most(c->begin_boot_ns, row->start_boottime_ns), l.end_ns);
	l.from_ns = least(most(c->from_boot_ns, l.begin_ns), l.end_ns);
	l.to_ns = most(least(c->to_boot_ns, l.end_ns), l.from_ns);
	return l;
}

static void whole(const struct usage_row *row, const struct shares_row *share,
		  struct span_part *ret)
{
	*ret = (struct span_part){ .share = *share, .cpu_ns = row->total_ns };
	ret->low_uj = ret->high_uj = (double)share->energy_uj;
}

/* A thread runs on one CPU: at most the span's time, at least what does not fit beside it. */
static uint64_t least_ns(const struct life *l, const struct usage_row *row)
{
	return less(row->total_ns, (l->from_ns - l->begin_ns) + (l->end_ns - l->to_ns));
}

static uint64_t most_ns(const struct life *l, const struct usage_row *row)
{
	return least(row->total_ns, l->to_ns - l->from_ns);
}

/*
 * A thread of the target's process: by its CPU clock at the borders, for all its threads alike. A
 * clock that was read while the thread ran is up to stale_ns behind.
 */
static void by_clock(const struct span_cut *c, const struct life *l, const struct usage_row *row,
		     const struct shares_row *share, struct span_part *ret)
{
	double per_ns = (double)share->energy_uj / (double)c->process_ns;
	double of_row = (double)share->energy_uj / (double)most(row->total_ns, 1);
	uint64_t inside_ns = c->to_ns - c->from_ns;

	*ret = (struct span_part){ .cpu_ns = between(row->total_ns, c->from_ns, c->to_ns,
						     c->process_ns) };
	scale(share, c->from_ns, c->to_ns, c->process_ns, &ret->share);
	ret->low_uj = fmax(per_ns * (double)less(inside_ns, c->stale_ns),
			   of_row * (double)least_ns(l, row));
	ret->high_uj = fmin(per_ns * (double)least(inside_ns + c->stale_ns, c->process_ns),
			    of_row * (double)most_ns(l, row));
}

/* Any other: of the time that it lived in the window, the span's part. */
static void by_time(const struct life *l, const struct usage_row *row,
		    const struct shares_row *share, struct span_part *ret)
{
	uint64_t from = l->from_ns - l->begin_ns, to = l->to_ns - l->begin_ns;
	uint64_t of = l->end_ns - l->begin_ns;

	*ret = (struct span_part){ .by_time = true,
				   .cpu_ns = between(row->total_ns, from, to, of) };
	scale(share, from, to, of, &ret->share);
	/* What no task ran is spread over time. */
	ret->low_uj = ret->high_uj = (double)ret->share.energy_uj;
	if (row->total_ns) {
		double per_ns = (double)share->energy_uj / (double)row->total_ns;

		ret->low_uj = per_ns * (double)least_ns(l, row);
		ret->high_uj = per_ns * (double)most_ns(l, row);
	}
}

bool span_part_of(const struct span_cut *c, const struct usage_row *row,
		  const struct shares_row *share, bool is_process, struct span_part *ret)
{
	struct life l = life_of(c, row);

	if (is_process && c->has_clock && c->process_ns) {
		by_clock(c, &l, row, share, ret);
	} else {
		bool is_moment = l.begin_ns == l.end_ns;

		if (is_moment ? l.begin_ns < c->from_boot_ns || l.begin_ns > c->to_boot_ns
			      : l.from_ns == l.to_ns)
			return false;
		if (l.from_ns == l.begin_ns && l.to_ns == l.end_ns)
			whole(row, share, ret);
		else
			by_time(&l, row, share, ret);
	}
	ret->low_uj = fmin(ret->low_uj, (double)ret->share.energy_uj);
	ret->high_uj = fmax(ret->high_uj, (double)ret->share.energy_uj);
	return true;
}
