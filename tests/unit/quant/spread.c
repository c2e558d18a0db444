/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.c - does the closed form of a product's interval agree with Monte Carlo, and hold out? */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "unit/random.h"
#include "quant/interval.h"

#define N_DRAWS 200000

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double draw(struct random_source *r, const struct quant_sides *s)
{
	double u = random_normal(r);

	return exp(u * (u < 0 ? s->minus : s->plus));
}

static struct quant_interval simulate(double median, const struct quant_sides *factor, size_t n)
{
	struct random_source r = { .seed = 2 };
	double *x = malloc(N_DRAWS * sizeof(*x));
	struct quant_interval q;

	cr_assert_not_null(x);
	for (size_t i = 0; i < N_DRAWS; i++) {
		x[i] = median;
		for (size_t f = 0; f < n; f++)
			x[i] *= draw(&r, &factor[f]);
	}
	qsort(x, N_DRAWS, sizeof(*x), compare);
	q.low = x[(size_t)(0.025 * N_DRAWS)];
	q.value = x[N_DRAWS / 2];
	q.high = x[(size_t)(0.975 * N_DRAWS)];
	free(x);
	return q;
}

static struct quant_interval closed_form(double median, const struct quant_sides *factor, size_t n)
{
	struct quant_spread s = { 0 };

	for (size_t f = 0; f < n; f++)
		quant_spread_add_factor(&s, 1, &factor[f]);
	return quant_spread_interval(&s, median);
}

/*
 * energy x intensity, and x the moment: the meter's σ, the intensity's sides, the temporal σ.
 * Where every factor has equal sides the closed form is exact; where they differ its end points
 * are off by up to the tolerance (docs/method.md, "How good the closed form is").
 */
static const struct {
	const char *name;
	struct quant_sides factor[3];
	double tolerance;
} cases[] = {
	{ "meter x lognormal", { { 0.025, 0.025 }, { 0.17, 0.17 } }, 0.01 },
	{ "meter x lognormal x moment",
	  { { 0.025, 0.025 }, { 0.17, 0.17 }, { 0.33, 0.33 } },
	  0.01 },
	{ "model x lognormal", { { 0.25, 0.25 }, { 0.17, 0.17 } }, 0.01 },
	{ "meter alone", { { 0.025, 0.025 } }, 0.01 },
	{ "wide alone", { { 1.21, 0.21 } }, 0.02 },
	{ "meter x DE", { { 0.025, 0.025 }, { 0.2045, 0.2087 } }, 0.01 },
	{ "meter x FR", { { 0.025, 0.025 }, { 0.351, 0.491 } }, 0.01 },
	{ "meter x GB", { { 0.025, 0.025 }, { 0.20, 0.21 } }, 0.01 },
	{ "meter x FR x moment", { { 0.025, 0.025 }, { 0.351, 0.491 }, { 0.331, 0.331 } }, 0.01 },
	{ "meter x WORLD x moment",
	  { { 0.025, 0.025 }, { 1.209, 0.207 }, { 0.331, 0.331 } },
	  0.03 },
	{ "model x DE", { { 0.25, 0.25 }, { 0.2045, 0.2087 } }, 0.01 },
	{ "nothing", { { 0, 0 } }, 1e-12 },
};

Test(spread, agrees_with_monte_carlo)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quant_interval mc = simulate(1000, cases[i].factor, 3);
		struct quant_interval q = closed_form(1000, cases[i].factor, 3);

		cr_expect(fabs(q.low / mc.low - 1) <= cases[i].tolerance,
			  "%s: low %.2f, Monte Carlo %.2f", cases[i].name, q.low, mc.low);
		cr_expect(fabs(q.high / mc.high - 1) <= cases[i].tolerance,
			  "%s: high %.2f, Monte Carlo %.2f", cases[i].name, q.high, mc.high);
	}
}

/* Lopsided factors combined are approximate: the figure docs/method.md gives for how much. */
Test(spread, two_lopsided_factors_stay_within_the_documented_error)
{
	const struct quant_sides factor[3] = { { 0.33, 0.33 }, { 0.351, 0.491 }, { 0.1, 0.3 } };
	struct quant_interval mc = simulate(1000, factor, 3);
	struct quant_interval q = closed_form(1000, factor, 3);

	cr_expect(fabs(q.low / mc.low - 1) <= 0.10, "low %.1f, Monte Carlo %.1f", q.low, mc.low);
	cr_expect(fabs(q.high / mc.high - 1) <= 0.10, "high %.1f, Monte Carlo %.1f", q.high,
		  mc.high);
}

Test(spread, a_shared_factor_does_not_average_out)
{
	const struct quant_sides f = { 0.2, 0.3 };
	struct quant_spread whole = { 0 };
	struct quant_spread parts = { 0 };

	/* A sum of a hundred terms, all hanging on f, is as uncertain as one term. */
	quant_spread_add_factor(&whole, 1, &f);
	quant_spread_add_factor(&parts, 100 * 0.01, &f);
	cr_assert(fabs(whole.plus2 - parts.plus2) < 1e-12);
	cr_assert(fabs(whole.minus2 - parts.minus2) < 1e-12);
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
	cr_assert(fabs(sqrt(s.plus2) - 0.01) < 1e-6);
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
		cr_assert_eq(by_sd.plus2, QUANT_MAX_SIGMA * QUANT_MAX_SIGMA);
		quant_spread_add_cv(&by_cv, bad[i]);
		cr_assert(by_cv.plus2 > 100, "cv %g gives %g", bad[i], by_cv.plus2);
	}
}

Test(spread, degenerate_medians)
{
	struct quant_spread s = { .minus2 = 1, .plus2 = 1 };

	cr_assert_eq(quant_spread_interval(&s, 0).high, 0);
	cr_assert_eq(quant_spread_interval(&s, -1).high, 0);
	cr_assert_eq(quant_spread_interval(&s, NAN).high, 0);
	cr_assert(isfinite(quant_spread_interval(&s, DBL_MAX).high));
	cr_assert(isfinite(quant_spread_interval(&s, INFINITY).value));
}

Test(spread, published_integers_always_contain_the_value)
{
	struct random_source r = { .seed = 3 };

	for (int i = 0; i < 100000; i++) {
		uint64_t value = random_any_size(&r);
		struct quant_spread s = { .minus2 = exp(6 * random_normal(&r) - 6),
					  .plus2 = exp(6 * random_normal(&r) - 6) };
		struct quant_interval q = quant_spread_interval(&s, (double)value);
		struct quant_interval_u64 p = quant_interval_round(&q, value);

		cr_assert(p.low <= p.value && p.value <= p.high && p.value == value,
			  "case %d: %lu <= %lu <= %lu", i, p.low, p.value, p.high);
		cr_assert((double)p.low <= q.low || p.low == value, "case %d: low rounded up", i);
		cr_assert((double)p.high >= q.high || p.high == UINT64_MAX,
			  "case %d: high rounded down", i);
	}
}

Test(spread, rounding_saturates)
{
	const struct quant_interval wild = { .value = 5, .low = NAN, .high = NAN };
	const struct quant_interval huge = { .value = 5, .low = -1e300, .high = 1e300 };
	struct quant_interval_u64 p = quant_interval_round(&wild, 5);

	cr_assert_eq(p.low, 0);
	cr_assert_eq(p.high, UINT64_MAX);
	p = quant_interval_round(&huge, 5);
	cr_assert_eq(p.low, 0);
	cr_assert_eq(p.high, UINT64_MAX);
}
