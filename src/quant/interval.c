/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* interval.c - noise on top of an interval, and the integers that are published of it. */
#include "quant/interval.h"

#include <float.h>
#include <math.h>

struct quant_interval quant_interval_add_noise(const struct quant_interval *i, double variance)
{
	double reach = QUANT_Z95 * sqrt(variance);
	double low = i->value - hypot(i->value - i->low, reach);
	double high = i->value + hypot(i->high - i->value, reach);

	/* A variance that is no number leaves the widest there is. */
	return (struct quant_interval){
		.value = i->value,
		.low = low > 0 ? low : 0,
		.high = high < DBL_MAX ? high : DBL_MAX,
	};
}

/* A double that is >= 0 as an integer; NaN and what is beyond 64 bits saturate upwards. */
static uint64_t saturate(double x)
{
	return x < 0x1p64 ? (uint64_t)x : UINT64_MAX;
}

struct quant_interval_u64 quant_interval_round(const struct quant_interval *i, uint64_t value)
{
	struct quant_interval_u64 r = { .value = value, .low = value, .high = value };
	uint64_t low = i->low > 0 ? saturate(floor(i->low)) : 0;
	uint64_t high = i->high < 0 ? 0 : saturate(ceil(i->high));

	if (low < value)
		r.low = low;
	if (high > value)
		r.high = high;
	return r;
}
