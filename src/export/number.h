/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number.h - figures for people: as many digits as the interval justifies, in a fitting unit. */
#ifndef EXPORT_NUMBER_H
#define EXPORT_NUMBER_H

#include <stdint.h>

#include "base/buf.h"
#include "quant/interval.h"

/*
 * How a figure is written: in units of 10^exp10 of the base unit (a micro-unit: µJ, µg), with
 * `digits` decimals; digits < 0 rounds to tens, hundreds …
 */
struct number_scale {
	unsigned int exp10; /* 0 = µ, 3 = m, 6 = none, 9 = k, 12 = M */
	const char *prefix;
	int digits;
};

/*
 * The scale of an interval, in micro-units. The prefix puts the value between 1 and 1000. Decimals:
 * ± half-width with one significant digit, two when the first is 1 or 2; two of the narrower side
 * when both sides are shown. Nothing below one micro-unit, which is what is counted.
 */
struct number_scale number_scale_interval(const struct quant_interval_u64 *v);

/* The scale of a figure without an interval: three significant digits. */
struct number_scale number_scale_plain(uint64_t value);

/* Both sides are shown when they differ by more than a tenth of the wider one. */
int number_is_symmetric(const struct quant_interval_u64 *v);

/* "12.4": value in that scale, without the unit. Half a last digit is rounded up. */
void number_put(struct buf *out, uint64_t value, const struct number_scale *s);

/* "12.4 J ±0.6", "12.4 J [8.1, 20.3]"; unit is "J" or "g". */
void number_put_interval(struct buf *out, const struct quant_interval_u64 *v, const char *unit);

/* "12.4 J". */
void number_put_plain(struct buf *out, uint64_t value, const char *unit);

/*
 * Rounds n parts to the scale so that they add up to their rounded sum, by cumulative rounding:
 * each is off by less than one last digit. Overwrites part.
 */
void number_round_parts(uint64_t *part, size_t n, const struct number_scale *s);

#endif /* EXPORT_NUMBER_H */
