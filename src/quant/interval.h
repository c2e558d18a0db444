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

#endif /* QUANT_INTERVAL_H */
