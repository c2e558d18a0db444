/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* interval.h - a value with its 95 % coverage interval, and the two-piece lognormal behind it. */
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
 * i with an independent normal part on top: its end points move out as squares add, and not below
 * 0. Exact where either of the two is all there is.
 */
struct quant_interval quant_interval_add_noise(const struct quant_interval *i, double variance);

/*
 * Publishes i around the integer that is on record as its value: low rounded down, high rounded
 * up, both saturating, and low <= value <= high whatever i says.
 */
struct quant_interval_u64 quant_interval_round(const struct quant_interval *i, uint64_t value);

#endif /* QUANT_INTERVAL_H */
