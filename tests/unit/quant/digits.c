/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* digits.c - are as many digits printed as the uncertainty justifies, and no more? */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "../random.h"
#include "quant/digits.h"

Test(digits, known_cases)
{
	static const struct {
		double value;
		double half_width;
		int decimals;
	} cases[] = {
		{ 12.4, 0.6, 1 }, { 12.43, 0.12, 2 }, { 12.4, 0.29, 2 },    { 12.4, 0.3, 1 },
		{ 1234, 56, -1 }, { 1234, 156, -1 },  { 0.0123, 0.004, 3 }, { 5, 9.96, -1 },
		{ 5, 0.0996, 1 }, { 3.14159, 0, 2 },  { 0, 0, 0 },	    { 123456, 0, -3 },
		{ 5, NAN, 2 },	  { 5, INFINITY, 2 }, { 1, 1e-300, 9 },	    { 0, 2, 1 },
		{ 99.96, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(quant_round_decimals(cases[i].value, cases[i].half_width),
			     cases[i].decimals, "%g ± %g: %d decimals, expected %d", cases[i].value,
			     cases[i].half_width,
			     quant_round_decimals(cases[i].value, cases[i].half_width),
			     cases[i].decimals);
}

Test(digits, rounding_changes_the_half_width_by_less_than_a_fifth)
{
	struct random_source r = { .seed = 4 };

	for (int i = 0; i < 100000; i++) {
		double h = exp(8 * random_normal(&r));
		int decimals = quant_round_decimals(1, h);
		double shown = quant_round(h, decimals);

		if (decimals == QUANT_MAX_DECIMALS)
			continue;
		cr_assert(fabs(shown / h - 1) < 0.2, "case %d: %g shown as %g", i, h, shown);
	}
}

Test(digits, rounds_half_away_from_zero)
{
	cr_assert_eq(quant_round(2.5, 0), 3);
	cr_assert_eq(quant_round(-2.5, 0), -3);
	cr_assert_eq(quant_round(1250, -2), 1300);
	cr_assert_eq(quant_round(0.125, 2), 0.13);
}
