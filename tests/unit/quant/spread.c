/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.c - is a product's interval what its factors say, and does it hold out? */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "quant/normal.h"
#include "quant/spread.h"
#include "unit/random.h"

#define near(a, b, tolerance) \
	cr_expect(fabs((a) / (b)-1) <= (tolerance), "%s: %g, not %g", #a, (double)(a), (double)(b))

/* Distribution of a sum of two-piece normals on a grid: convolution, bin by bin. */
#define GRID_BINS  1600
#define GRID_REACH 8.0
#define GRID_STEP  (2 * GRID_REACH / GRID_BINS)

static double grid_place(int bin)
{
	return -GRID_REACH + (bin - 0.5) * GRID_STEP;
}

static double side_cdf(const struct quant_sides *s, double x)
{
	double side = x < 0 ? s->minus : s->plus;

	return side > 0 ? normal_cdf(x / side) : x < 0 ? 0 : 1;
}

static void grid_add(double *sum, const struct quant_sides *s, bool first)
{
	double *mass = calloc(GRID_BINS, sizeof(*mass)), *out = calloc(GRID_BINS, sizeof(*out));

	cr_assert(mass && out);
	for (int i = 0; i < GRID_BINS; i++)
		mass[i] = side_cdf(s, grid_place(i + 1)) - side_cdf(s, grid_place(i));
	for (int i = 0; i < GRID_BINS; i++) {
		if (first)
			out[i] = mass[i];
		for (int j = 0; j < GRID_BINS && !first; j++) {
			int k = i + j - GRID_BINS / 2;

			if (sum[i] > 1e-14 && k >= 0 && k < GRID_BINS)
				out[k] += sum[i] * mass[j];
		}
	}
	for (int i = 0; i < GRID_BINS; i++)
		sum[i] = out[i];
	free(mass);
	free(out);
}

static double grid_quantile(const double *sum, double p)
{
	double below = 0;

	for (int i = 0; i < GRID_BINS; i++) {
		if (below + sum[i] >= p)
			return grid_place(i) + GRID_STEP * (p - below) / sum[i];
		below += sum[i];
	}
	return GRID_REACH;
}

/* The tolerances are docs/method.md's, "How good the closed form is". */
static const struct {
	const char *name;
	struct quant_sides factor[4];
	double tolerance;
} cases[] = {
	{ "meter", { { 0.025, 0.025 } }, 0.001 },
	{ "WORLD alone", { { 1.209, 0.207 } }, 0.001 },
	{ "meter x FR", { { 0.025, 0.025 }, { 0.351, 0.491 } }, 0.001 },
	{ "meter x DE", { { 0.025, 0.025 }, { 0.2045, 0.2087 } }, 0.001 },
	{ "meter x FR x moment", { { 0.025, 0.025 }, { 0.351, 0.491 }, { 0.331, 0.331 } }, 0.001 },
	{ "meter x WORLD", { { 0.025, 0.025 }, { 1.209, 0.207 } }, 0.001 },
	{ "meter x WORLD x moment",
	  { { 0.025, 0.025 }, { 1.209, 0.207 }, { 0.331, 0.331 } },
	  0.001 },
	{ "model x WORLD x moment", { { 0.4, 0.525 }, { 1.209, 0.207 }, { 0.331, 0.331 } }, 0.005 },
	{ "model x WORLD x moment x attribution",
	  { { 0.4, 0.525 }, { 1.209, 0.207 }, { 0.331, 0.331 }, { 0.257, 0.257 } },
	  0.005 },
	{ "model x FR x moment x attribution",
	  { { 0.4, 0.525 }, { 0.351, 0.491 }, { 0.331, 0.331 }, { 0.257, 0.257 } },
	  0.002 },
	{ "lopsided model x FR x moment",
	  { { 0.2, 0.4 }, { 0.351, 0.491 }, { 0.331, 0.331 } },
	  0.002 },
	{ "three lopsided ones", { { 0.1, 0.3 }, { 0.351, 0.491 }, { 0.33, 0.33 } }, 0.002 },
	{ "against each other", { { 0.4, 0.1 }, { 1.209, 0.207 }, { 0.331, 0.331 } }, 0.005 },
	{ "one-sided x normal", { { 0, 0.5 }, { 0.2, 0.2 } }, 0.001 },
	{ "nothing", { { 0, 0 } }, 1e-12 },
};

static void add_all(struct quant_spread *s, const struct quant_sides *factor)
{
	for (size_t f = 0; f < 4; f++)
		quant_spread_add_factor(s, 1, &factor[f]);
}

Test(spread, end_points_are_those_of_the_product)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double *sum = calloc(GRID_BINS, sizeof(*sum)), low, high;
		struct quant_spread s = { 0 };
		struct quant_interval q;

		cr_assert_not_null(sum);
		for (size_t f = 0; f < 4; f++)
			if (f == 0 || cases[i].factor[f].plus > 0)
				grid_add(sum, &cases[i].factor[f], f == 0);
		add_all(&s, cases[i].factor);
		q = quant_spread_interval(&s, 1000);
		low = cases[i].factor[0].plus > 0 ? 1000 * exp(grid_quantile(sum, 0.025)) : 1000;
		high = cases[i].factor[0].plus > 0 ? 1000 * exp(grid_quantile(sum, 0.975)) : 1000;
		/* The grid's own: half a step of it is 0.5 %, and it is linear in between. */
		cr_expect(fabs(q.low / fmin(low, 1000) - 1) <= cases[i].tolerance + 2e-4,
			  "%s: low %.3f, not %.3f", cases[i].name, q.low, low);
		cr_expect(fabs(q.high / high - 1) <= cases[i].tolerance + 2e-4,
			  "%s: high %.3f, not %.3f", cases[i].name, q.high, high);
		free(sum);
	}
}

/* 2.5 % and 97.5 % points of one factor are its own, to the last digits. */
Test(spread, one_factor_keeps_its_end_points)
{
	struct random_source r = { .seed = 31 };

	for (int i = 0; i < 1000; i++) {
		struct quant_sides f = { random_unit(&r), random_unit(&r) };
		struct quant_spread s = { 0 };
		struct quant_interval q;

		quant_spread_add_factor(&s, 1, &f);
		q = quant_spread_interval(&s, 1);
		near(q.low, exp(-QUANT_Z95 * f.minus), 1e-12);
		near(q.high, exp(QUANT_Z95 * f.plus), 1e-12);
	}
}

Test(spread, distribution_and_quantile_are_inverse)
{
	for (size_t i = 0; i + 1 < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quant_spread s = { 0 };

		add_all(&s, cases[i].factor);
		for (double p = 0.01; p < 1; p += 0.07) {
			double q = quant_spread_cdf(&s, quant_spread_quantile(&s, p));

			/* The last correction is to the first order. */
			cr_expect(fabs(q - p) < 2e-3, "%s: %g gives %g", cases[i].name, p, q);
		}
	}
}

Test(spread, dividing_by_a_factor_turns_its_sides)
{
	struct quant_spread by = { 0 }, turned = { 0 };

	quant_spread_add_factor(&by, -1, &(struct quant_sides){ 0.2, 0.5 });
	quant_spread_add_factor(&turned, 1, &(struct quant_sides){ 0.5, 0.2 });
	cr_assert_eq(quant_spread_quantile(&by, 0.1), quant_spread_quantile(&turned, 0.1));
}

/* The order in which factors come changes nothing that could be seen. */
Test(spread, any_order)
{
	struct random_source r = { .seed = 32 };

	for (int i = 0; i < 1000; i++) {
		struct quant_sides f[4];
		struct quant_spread to = { 0 }, fro = { 0 };

		for (int k = 0; k < 4; k++)
			f[k] = (struct quant_sides){ random_unit(&r), random_unit(&r) };
		for (int k = 0; k < 4; k++) {
			quant_spread_add_factor(&to, 1, &f[k]);
			quant_spread_add_factor(&fro, 1, &f[3 - k]);
		}
		near(quant_spread_variance(&to), quant_spread_variance(&fro), 1e-12);
		near(quant_spread_interval(&to, 5).low, quant_spread_interval(&fro, 5).low, 1e-6);
		near(quant_spread_interval(&to, 5).high, quant_spread_interval(&fro, 5).high, 1e-6);
	}
}

/* Interpolated end points against computed ones. */
Test(spread, a_table_is_as_good)
{
	struct random_source r = { .seed = 33 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quant_spread base = { 0 };
		struct quant_table t;

		add_all(&base, cases[i].factor);
		quant_table_make(&base, &t);
		for (int k = 0; k < 300; k++) {
			double sd = 3 * random_unit(&r) * random_unit(&r);
			struct quant_spread s = base;
			const struct quant_point p = { &t, sd, 100 };
			struct quant_interval want, got;

			quant_table_intervals(&p, 1, &got);
			quant_spread_add_sd(&s, sd);
			want = quant_spread_interval(&s, 100);
			near(got.low, want.low, 2e-4);
			near(got.high, want.high, 2e-4);
		}
	}
}

Test(spread, a_shared_factor_does_not_average_out)
{
	const struct quant_sides f = { 0.2, 0.3 };
	struct quant_spread whole = { 0 };
	struct quant_spread parts = { 0 };

	/* A sum of a hundred terms, all hanging on f, is as uncertain as one term. */
	quant_spread_add_factor(&whole, 1, &f);
	quant_spread_add_factor(&parts, 100 * 0.01, &f);
	near(quant_spread_interval(&whole, 1).low, quant_spread_interval(&parts, 1).low, 1e-12);
	near(quant_spread_interval(&whole, 1).high, quant_spread_interval(&parts, 1).high, 1e-12);
}

Test(spread, noise_larger_than_the_value_stays_finite)
{
	struct quant_spread s = { 0 };
	struct quant_interval q;

	quant_spread_add_cv(&s, 1e6);
	q = quant_spread_interval(&s, 1);
	cr_assert(q.low >= 0 && q.low < 1);
	cr_assert(q.high > 1 && q.high < 1e8);
}

Test(spread, a_small_cv_is_itself)
{
	struct quant_spread s = { 0 };

	quant_spread_add_cv(&s, 0.01);
	cr_assert(fabs(sqrt(quant_spread_variance(&s)) - 0.01) < 1e-6);
}

Test(spread, what_is_no_number_is_widest_never_narrow)
{
	static const double bad[] = { NAN, INFINITY, -INFINITY, 1e308, -1e308 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct quant_sides f = { bad[i], bad[i] };
		struct quant_spread by_factor = { 0 };
		struct quant_spread by_sd = { 0 };
		struct quant_spread by_cv = { 0 };
		struct quant_interval q;

		quant_spread_add_factor(&by_factor, 1, &f);
		q = quant_spread_interval(&by_factor, 5);
		cr_assert(q.low >= 0 && q.low < 1e-50 && q.high > 1e50 && isfinite(q.high));
		quant_spread_add_sd(&by_sd, bad[i]);
		cr_assert_eq(quant_spread_variance(&by_sd), QUANT_MAX_SIGMA * QUANT_MAX_SIGMA);
		quant_spread_add_cv(&by_cv, bad[i]);
		cr_assert(quant_spread_variance(&by_cv) > 100, "cv %g", bad[i]);
	}
}

Test(spread, degenerate_medians)
{
	struct quant_spread s = { .k2 = 1 };

	cr_assert_eq(quant_spread_interval(&s, 0).high, 0);
	cr_assert_eq(quant_spread_interval(&s, -1).high, 0);
	cr_assert_eq(quant_spread_interval(&s, NAN).high, 0);
	cr_assert(isfinite(quant_spread_interval(&s, DBL_MAX).high));
	cr_assert(isfinite(quant_spread_interval(&s, INFINITY).value));
}
