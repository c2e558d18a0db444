/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sides.c - the two-piece lognormal: from its quantiles to its sides, from its sides to moments. */
#include "quant/interval.h"

#include <errno.h>
#include <math.h>

int quant_sides_from(double low, double central, double high, struct quant_sides *ret)
{
	/* Written so that a NaN fails. */
	if (!(low > 0 && low <= central && central <= high && isfinite(high)))
		return -EINVAL;

	/* A difference of logarithms: the quotient could overflow. */
	ret->minus = (log(central) - log(low)) / QUANT_Z95;
	ret->plus = (log(high) - log(central)) / QUANT_Z95;
	return 0;
}

static double normal_cdf(double x)
{
	return 0.5 * erfc(-x / M_SQRT2);
}

/* E[X^k] / c^k = e^{k²σ₋²/2}·Φ(-kσ₋) + e^{k²σ₊²/2}·Φ(kσ₊), by completing the square on each side. */
static double raw_moment(double k, const struct quant_sides *s)
{
	double m = k * s->minus;
	double p = k * s->plus;

	return exp(m * m / 2) * normal_cdf(-m) + exp(p * p / 2) * normal_cdf(p);
}

struct quant_moments quant_sides_moments(double median, const struct quant_sides *sides)
{
	double first = raw_moment(1, sides);
	double variance = raw_moment(2, sides) - first * first;

	return (struct quant_moments){
		.mean = median * first,
		.sd = variance > 0 ? median * sqrt(variance) : 0,
	};
}
