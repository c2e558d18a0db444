/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* interval.h - a value with its 95 % coverage interval, and the two-piece lognormal behind it. */
#ifndef QUANT_INTERVAL_H
#define QUANT_INTERVAL_H

#include <float.h>
#include <math.h>
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
 * 0. Exact where either of the two is all there is. A variance that is no number, and squares that
 * are beyond a double, leave the widest there is.
 */
static inline struct quant_interval quant_interval_add_noise(const struct quant_interval *i,
							     double variance)
{
	double reach2 = QUANT_Z95 * QUANT_Z95 * variance;
	double down = i->value - i->low, up = i->high - i->value;
	double low = i->value - sqrt(down * down + reach2);
	double high = i->value + sqrt(up * up + reach2);

	return (struct quant_interval){
		.value = i->value,
		.low = low > 0 ? low : 0,
		.high = high < DBL_MAX ? high : DBL_MAX,
	};
}

/*
 * A double that is >= 0 as an integer, rounded down, and up; NaN and what is beyond 64 bits
 * saturate upwards. Signed conversions are the ones that processors have.
 */
static inline uint64_t quant_floor(double x)
{
	if (x < 0x1p63)
		return (uint64_t)(int64_t)x;
	return x < 0x1p64 ? (uint64_t)x : UINT64_MAX;
}

static inline uint64_t quant_ceil(double x)
{
	uint64_t down = quant_floor(x);

	/* Larger doubles are integers. */
	return x < 0x1p53 && (double)(int64_t)down < x ? down + 1 : down;
}

/*
 * Publishes i around the integer that is on record as its value: low rounded down, high rounded
 * up, both saturating, and low <= value <= high whatever i says.
 */
static inline struct quant_interval_u64 quant_interval_round(const struct quant_interval *i,
							     uint64_t value)
{
	uint64_t low = i->low > 0 ? quant_floor(i->low) : 0;
	uint64_t high = i->high < 0 ? 0 : quant_ceil(i->high);

	return (struct quant_interval_u64){
		.value = value,
		.low = low < value ? low : value,
		.high = high > value ? high : value,
	};
}

#endif /* QUANT_INTERVAL_H */
