/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sides.c - does the two-piece lognormal keep its quantiles, and has it the known moments? */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "unit/random.h"
#include "quant/spread.h"

Test(sides, france_has_the_known_moments)
{
	struct quant_sides s;
	struct quant_moments m;

	cr_assert_eq(quant_sides_from(22.2, 44.2, 115.7, &s), 0);
	m = quant_sides_moments(44.2, &s);
	cr_assert(fabs(m.mean - 51.4) < 0.05, "mean %g", m.mean);
	cr_assert(fabs(m.sd - 24.7) < 0.05, "sd %g", m.sd);
}

Test(sides, equal_sides_are_the_lognormal)
{
	struct quant_sides s = { .minus = 0.35, .plus = 0.35 };
	struct quant_moments m = quant_sides_moments(100, &s);

	/* mean = c·e^{σ²/2}; variance = (e^{σ²} - 1)·mean² */
	cr_assert(fabs(m.mean - 100 * exp(0.35 * 0.35 / 2)) < 1e-9);
	cr_assert(fabs(m.sd - m.mean * sqrt(expm1(0.35 * 0.35))) < 1e-9);
}

Test(sides, no_spread_has_no_deviation)
{
	struct quant_sides s;
	struct quant_moments m;

	cr_assert_eq(quant_sides_from(7, 7, 7, &s), 0);
	cr_assert_eq(s.minus, 0);
	cr_assert_eq(s.plus, 0);
	m = quant_sides_moments(7, &s);
	cr_assert_eq(m.mean, 7);
	cr_assert_eq(m.sd, 0);
}

Test(sides, quantiles_come_back)
{
	struct random_source r = { .seed = 1 };

	for (int i = 0; i < 10000; i++) {
		double central = exp(20 * random_normal(&r));
		double low = central * exp(-3 * random_unit(&r));
		double high = central * exp(3 * random_unit(&r));
		struct quant_spread spread = { 0 };
		struct quant_interval q;
		struct quant_sides s;

		cr_assert_eq(quant_sides_from(low, central, high, &s), 0, "case %d", i);
		quant_spread_add_factor(&spread, 1, &s);
		q = quant_spread_interval(&spread, central);
		cr_assert(fabs(q.low / low - 1) < 1e-9 && fabs(q.high / high - 1) < 1e-9,
			  "case %d: [%g, %g] came back as [%g, %g]", i, low, high, q.low, q.high);
	}
}

Test(sides, nonsense_is_refused_and_leaves_the_result_alone)
{
	static const double bad[][3] = {
		{ 2, 1, 3 },	{ 1, 3, 2 },	    { 0, 1, 2 },
		{ -1, 1, 2 },	{ NAN, 1, 2 },	    { 1, NAN, 2 },
		{ 1, 2, NAN },	{ 1, 2, INFINITY }, { INFINITY, INFINITY, INFINITY },
		{ -3, -2, -1 }, { 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct quant_sides s = { .minus = 42, .plus = 43 };

		cr_assert_eq(quant_sides_from(bad[i][0], bad[i][1], bad[i][2], &s), -EINVAL,
			     "case %zu", i);
		cr_assert(s.minus == 42 && s.plus == 43);
	}
}

Test(sides, the_ends_of_the_number_line_are_finite)
{
	struct quant_sides s;

	cr_assert_eq(quant_sides_from(5e-324, 1, 1.7e308, &s), 0);
	cr_assert(isfinite(s.minus) && isfinite(s.plus));
}
