/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * plan.h - when and where a piece of work has the least carbon per kilowatt-hour, and how sure
 * that is.
 *
 * A zone's intensity is constant over each step of its series. A window is a stretch of whole
 * seconds [start, end); its intensity is the time-weighted mean of the steps that it touches, of
 * the first and the last in part. Windows of one length are compared by the exact sum of
 * intensity x seconds, so that a tie is a tie. Time that no step covers is missing: a window that
 * holds a second of it has no mean and is no candidate.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quant/interval.h"
#include "types/series.h"

/* From the start of the first step of a series to the end of its last: 68 years. */
#define PLAN_MAX_SPAN_S INT32_MAX
/* Times lie within this of 1970, so that no difference of two overflows. */
#define PLAN_MAX_TIME_S (INT64_C(1) << 40)

/* One zone, one kind of intensity. Steps are sorted and do not overlap. The caller owns them. */
struct plan_series {
	const struct series_point *step;
	size_t n;
	/* What steps with any of these flags (0: every step) say is that far from the moment's. */
	uint32_t moment_flags;
	double moment_sd; /* ln space */
};

/* Windows of duration_s seconds that begin at from_s or later and end at until_s or earlier. */
struct plan_span {
	int64_t from_s;
	int64_t until_s; /* INT64_MAX: as far as the series goes */
	uint64_t duration_s;
};

struct plan_window {
	int64_t start_s;
	int64_t end_s;
	uint64_t sum_mg_s;	 /* intensity x seconds, exact: what windows are compared by */
	uint64_t mg_per_kwh;	 /* its mean, half rounded up */
	uint64_t low_mg_per_kwh; /* means of the steps' own ends, rounded down and up */
	uint64_t high_mg_per_kwh;
	uint32_t flags; /* of every step that it touches, or-ed */
};

/*
 * The window of the span with the least mean; of several, the earliest. Linear in the steps.
 *
 * ret_missing_s  seconds of the span (as far as the series goes) that no step covers; set when
 *		  0 or -ENODATA is returned; NULL = not wanted
 *
 * Returns 0; -EINVAL (duration 0 or beyond PLAN_MAX_SPAN_S, steps empty, unsorted, overlapping or
 * with low > value > high, a series beyond PLAN_MAX_SPAN_S, a time beyond PLAN_MAX_TIME_S);
 * -ERANGE (until_s leaves no room for the duration after from_s); -ENODATA (no window of the span
 * is covered).
 */
int plan_best(const struct plan_series *s, const struct plan_span *span, struct plan_window *ret,
	      uint64_t *ret_missing_s);

/*
 * The mean over [start_s, end_s) of a series that plan_best() takes. Logarithmic in the steps.
 * Returns 0; -EINVAL (empty, or beyond a limit above); -ENODATA, then ret_missing_s (may be
 * NULL) says how many of its seconds no step covers.
 */
int plan_window(const struct plan_series *s, int64_t start_s, int64_t end_s,
		struct plan_window *ret, uint64_t *ret_missing_s);

/*
 * Calls f for every covered window of the span that begins at from_s or where a step does, in
 * order, until f returns false. Linear in the steps. Returns what plan_best() does.
 */
typedef bool plan_each_fn(int64_t start_s, uint64_t sum_mg_s, void *arg);
int plan_each(const struct plan_series *s, const struct plan_span *span, plan_each_fn *f,
	      void *arg);

/*
 * A value's 95 % interval as sides in ln space; a value of 0 has none. A low end that was rounded
 * away to 0 counts as the high one.
 */
struct quant_sides plan_sides(double low, double value, double high);

/* Is a better than b? Both of one length: less sum, then earlier. Neither: they tie. */
bool plan_is_better(const struct plan_window *a, const struct plan_window *b);

/*
 * The probability that a's true mean is below b's, given what the two have in common.
 *
 * a_series and b_series are what they were found in; the same pointer says the same zone. Of one
 * zone, what is common to all its steps cancels - at most the narrowest interval among the steps
 * of both windows - and so do the seconds that both share. What is left of a window adds linearly
 * over its steps; the two windows' rests are independent of each other, and so are two zones.
 *
 * Returns it, 0 to 1; NAN where there is nothing to compare: one and the same window.
 * Source: docs/planning.md, "Is it really better?"
 */
double plan_chance(const struct plan_window *a, const struct plan_series *a_series,
		   const struct plan_window *b, const struct plan_series *b_series);

/* Carbon as it was, or as it would have been. */
struct plan_amount {
	double ug;
	struct quant_sides own; /* ln space: what it has in common with nothing */
};

/*
 * was less instead, which may be negative, with its 95 % interval. common is what multiplies both:
 * the meter's error, the zone's where it is the same. Source: docs/planning.md, "Counterfactuals".
 */
struct quant_interval plan_saving(const struct plan_amount *was, const struct plan_amount *instead,
				  const struct quant_sides *common);

#endif /* PLAN_PLAN_H */
