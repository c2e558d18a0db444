/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.c - the interval of a product, combined in ln space per side. */
#include "quant/interval.h"

#include <float.h>
#include <math.h>

/* x², and the widest variance for anything that is not a number of use. */
static double variance_of(double x)
{
	const double max2 = QUANT_MAX_SIGMA * QUANT_MAX_SIGMA;
	double x2 = x * x;

	return x2 < max2 ? x2 : max2; /* false for NaN too */
}

void quant_spread_add_factor(struct quant_spread *s, double part, const struct quant_sides *f)
{
	s->minus2 += variance_of(part * f->minus);
	s->plus2 += variance_of(part * f->plus);
}

void quant_spread_add_sd(struct quant_spread *s, double relative_sd)
{
	double v = variance_of(relative_sd);

	s->minus2 += v;
	s->plus2 += v;
}

void quant_spread_add_cv(struct quant_spread *s, double cv)
{
	quant_spread_add_sd(s, sqrt(log1p(cv * cv)));
}

struct quant_interval quant_spread_interval(const struct quant_spread *s, double median)
{
	struct quant_interval i = { 0 };

	if (!(median > 0))
		return i;
	i.value = fmin(median, DBL_MAX);
	i.low = i.value * exp(-QUANT_Z95 * fmin(sqrt(s->minus2), QUANT_MAX_SIGMA));
	i.high = fmin(i.value * exp(QUANT_Z95 * fmin(sqrt(s->plus2), QUANT_MAX_SIGMA)), DBL_MAX);
	return i;
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
