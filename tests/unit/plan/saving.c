/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* saving.c - does the interval of a saving hold what draws of the truth give? */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "plan/plan.h"
#include "unit/random.h"

#define N_DRAWS 40000

static double two_piece(struct random_source *r, const struct quant_sides *s)
{
	double u = random_normal(r);

	return exp(u * (u < 0 ? s->minus : s->plus));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

Test(saving, as_drawn)
{
	static const struct {
		struct plan_amount was, instead;
		struct quant_sides common;
	} cases[] = {
		{ { 100, { 0, 0 } }, { 60, { 0, 0 } }, { 0.3, 0.4 } },
		{ { 60, { 0, 0 } }, { 100, { 0, 0 } }, { 0.3, 0.4 } },
		{ { 100, { 0.05, 0.05 } }, { 80, { 0.05, 0.05 } }, { 0.25, 0.25 } },
		{ { 100, { 0.2, 0.2 } }, { 80, { 0.1, 0.1 } }, { 0, 0 } },
		{ { 100, { 0.1, 0.1 } }, { 100, { 0.1, 0.1 } }, { 0.5, 0.5 } },
		{ { 44, { 0.15, 0.2 } }, { 340, { 0.1, 0.12 } }, { 0.05, 0.05 } },
	};
	struct random_source r = { .seed = 2718 };
	static double d[N_DRAWS];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quant_interval got =
			plan_saving(&cases[i].was, &cases[i].instead, &cases[i].common);
		double width = got.high - got.low;

		for (size_t k = 0; k < N_DRAWS; k++)
			d[k] = two_piece(&r, &cases[i].common) *
			       (cases[i].was.ug * two_piece(&r, &cases[i].was.own) -
				cases[i].instead.ug * two_piece(&r, &cases[i].instead.own));
		qsort(d, N_DRAWS, sizeof(d[0]), compare);
		cr_expect_float_eq(got.low, d[N_DRAWS / 40], 0.07 * width, "case %zu: %f, not %f",
				   i, got.low, d[N_DRAWS / 40]);
		cr_expect_float_eq(got.high, d[N_DRAWS - N_DRAWS / 40], 0.07 * width,
				   "case %zu: %f, not %f", i, got.high, d[N_DRAWS - N_DRAWS / 40]);
	}
}

Test(saving, what_is_common_makes_no_saving_of_nothing)
{
	const struct plan_amount a = { 100, { 0, 0 } };
	const struct quant_sides common = { 1, 1 };
	struct quant_interval got = plan_saving(&a, &a, &common);

	cr_assert_eq(got.value, 0);
	cr_assert_eq(got.low, 0);
	cr_assert_eq(got.high, 0);
}
