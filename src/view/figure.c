/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figure.c - see figure.h. */
#include "view/figure.h"

#include <assert.h>

#include "jouletrail/units.h"

static const char *const prefixes[] = { "µ", "m", "", "k", "M", "G" };

#define N_PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

struct number_scale figure_scale(uint64_t largest)
{
	struct number_scale s = { .exp10 = 0 };
	unsigned int group = 0;
	uint64_t whole = largest;

	while (whole >= 1000 && group < N_PREFIXES - 1) {
		whole /= 1000;
		group++;
	}
	s.exp10 = 3 * group;
	s.prefix = prefixes[group];
	if (group == 0)
		s.digits = 0; /* nothing is below one micro-unit */
	else
		s.digits = whole >= 100 ? 2 : 3;
	return s;
}

uint64_t figure_step(const struct number_scale *s)
{
	uint64_t step = 1;

	for (int i = s->digits; i < (int)s->exp10; i++)
		step *= 10;
	return step;
}

static uint64_t saturated(jt_product p)
{
	return p < UINT64_MAX ? (uint64_t)p : UINT64_MAX;
}

/* The part with the largest remainder that has not been given its 1: the first of the largest. */
static size_t largest_left(const uint64_t *remainder, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (remainder[i] > remainder[best])
			best = i;
	return best;
}

void figure_apportion(const uint64_t *part, size_t n, struct figure_ratio r, uint64_t *ret)
{
	uint64_t remainder[FIGURE_MAX_PARTS];
	jt_product sum = 0, floors = 0, left;

	assert(n <= FIGURE_MAX_PARTS);
	for (size_t i = 0; i < n; i++) {
		jt_product p = jt_energy_x_intensity(part[i], r.num);

		sum += p;
		remainder[i] = (uint64_t)(p % r.den);
		ret[i] = saturated(p / r.den);
		floors += p / r.den;
	}
	/* Half a step is rounded up. Who has no remainder is never asked. */
	for (left = (sum + r.den / 2) / r.den - floors; left; left--) {
		size_t i = largest_left(remainder, n);

		if (!remainder[i])
			break;
		remainder[i] = 0;
		ret[i] += ret[i] < UINT64_MAX;
	}
}
