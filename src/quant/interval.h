/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* interval.h - a value with its 95 % coverage interval, and the ln-space sides it comes from. */
#ifndef QUANT_INTERVAL_H
#define QUANT_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

/* 97.5 % point of the standard normal distribution: 95 % coverage both sides. */
#define QUANT_Z95 1.959963984540054

/*
 * Two-piece lognormal around a median c: X = c·exp(σ·u), u ~ N(0,1), σ = minus for u < 0 and plus
 * for u > 0. Its 2.5 % and 97.5 % points are c·exp(-z·minus) and c·exp(z·plus), exactly.
 */
struct quant_sides {
	double minus;
	double plus;
};

/* value is the median; [low, high] covers 95 %. low <= value <= high. Any one unit. */
struct quant_interval {
	double value;
	double low;
	double high;
};

/* The same, as published: integers, low rounded down and high up. */
struct quant_interval_u64 {
	uint64_t value;
	uint64_t low;
	uint64_t high;
};

/*
 * Sides whose 2.5 %, 50 % and 97.5 % points are low, central and high.
 *
 * Returns 0; -EINVAL unless 0 < low <= central <= high, all finite.
 * Source: docs/method.md, "Shapes".
 */
int quant_sides_from(double low, double central, double high, struct quant_sides *ret);

/* Mean and standard deviation of the two-piece lognormal: totals add in means, not in medians. */
struct quant_moments {
	double mean;
	double sd;
};

struct quant_moments quant_sides_moments(double median, const struct quant_sides *sides);

/*
 * What is known about the spread of a product, in ln space: a variance per side. Zero-initialise;
 * independent contributions add. A contribution that is NaN or infinite counts as the widest that
 * can be told (QUANT_MAX_SIGMA), never as none.
 */
struct quant_spread {
	double minus2;
	double plus2;
};

#define QUANT_MAX_SIGMA 100.0

/*
 * Adds a factor f that is common to everything it multiplies. part = L_f / C, the share of the
 * value that hangs on f (1 where all of it does): adds (part·σ_f±)².
 */
void quant_spread_add_factor(struct quant_spread *s, double part, const struct quant_sides *f);

/* Adds a relative standard deviation, the same on both sides: relative_sd². */
void quant_spread_add_sd(struct quant_spread *s, double relative_sd);

/*
 * Adds an additive variance with coefficient of variation cv: ln(1 + cv²), which is cv² where it
 * is small (the V_R/C² of docs/method.md) and stays finite where noise is larger than the value.
 */
void quant_spread_add_cv(struct quant_spread *s, double cv);

/* The 95 % interval around a median >= 0; a median of 0 gives [0, 0]. */
struct quant_interval quant_spread_interval(const struct quant_spread *s, double median);

/*
 * Publishes i around the integer that is on record as its value: low rounded down, high rounded
 * up, both saturating, and low <= value <= high whatever i says.
 */
struct quant_interval_u64 quant_interval_round(const struct quant_interval *i, uint64_t value);

#endif /* QUANT_INTERVAL_H */
