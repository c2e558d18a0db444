/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* saving.c - the difference of two amounts of carbon, without what both have in common. */
#include <math.h>

#include "plan/plan.h"

/* How far the 97.5 % and the 2.5 % point are from a median of 1. */
static double above(double sigma)
{
	return expm1(QUANT_Z95 * sigma);
}

static double below(double sigma)
{
	return -expm1(-QUANT_Z95 * sigma);
}

struct quant_interval plan_saving(const struct plan_amount *was, const struct plan_amount *instead,
				  const struct quant_sides *common)
{
	double d = was->ug - instead->ug;
	/* What is common multiplies what is not, too: sqrt(E[X²]) of a lognormal. */
	double scale = exp(common->plus * common->plus);
	double up = scale *
		    hypot(was->ug * above(was->own.plus), instead->ug * below(instead->own.minus));
	double down = scale * hypot(was->ug * below(was->own.minus),
				    instead->ug * above(instead->own.plus));
	double more = fabs(d) * above(common->plus), less = fabs(d) * below(common->minus);

	/* More of what is common takes the difference away from 0, whatever its sign. */
	return (struct quant_interval){
		.value = d,
		.low = d - hypot(down, d < 0 ? more : less),
		.high = d + hypot(up, d < 0 ? less : more),
	};
}
