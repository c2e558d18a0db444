/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* chance.c - is the probability of being better the one that draws of the truth give? */
#include <criterion/criterion.h>
#include <math.h>

#include "plan/plan.h"
#include "unit/random.h"

#define H 3600

/* A step with a relative interval of ± that many standard deviations in ln space. */
static struct series_point step(int64_t start_s, uint32_t mg, double minus, double plus,
				uint32_t flags)
{
	return (struct series_point){ start_s,
				      start_s + H,
				      mg,
				      (uint32_t)lround(mg * exp(-QUANT_Z95 * minus)),
				      (uint32_t)lround(mg * exp(QUANT_Z95 * plus)),
				      flags };
}

static struct plan_window at(const struct plan_series *s, int64_t from_s, int64_t to_s)
{
	struct plan_window w;

	cr_assert_eq(plan_window(s, from_s, to_s, &w, NULL), 0);
	return w;
}

Test(chance, what_is_common_cancels)
{
	const struct series_point steps[] = { step(0, 300000, 0.4, 0.4, 0),
					      step(H, 299000, 0.4, 0.4, 0) };
	const struct plan_series s = { .step = steps, .n = 2 };
	struct plan_window now = at(&s, 0, H), later = at(&s, H, 2 * H);

	/* Rounding of the ends leaves the narrowest interval a hair off the others. */
	cr_assert_gt(plan_chance(&later, &s, &now, &s), 0.99);
	cr_assert_lt(plan_chance(&now, &s, &later, &s), 0.01);
	cr_assert(isnan(plan_chance(&now, &s, &now, &s)), "one and the same");
}

Test(chance, zones_have_nothing_in_common)
{
	const struct series_point fr = step(0, 100000, 0.3, 0.3, 0),
				  de = step(0, 200000, 0.4, 0.4, 0);
	const struct plan_series in_fr = { .step = &fr, .n = 1 }, in_de = { .step = &de, .n = 1 };
	struct plan_window a = at(&in_fr, 0, H), b = at(&in_de, 0, H);
	double want = 0.5 * erfc(-log(2) / 0.5 / M_SQRT2);

	cr_assert_float_eq(plan_chance(&a, &in_fr, &b, &in_de), want, 1e-4);
	cr_assert_float_eq(plan_chance(&b, &in_de, &a, &in_fr), 1 - want, 1e-4);
}

Test(chance, even_where_nothing_tells_them_apart)
{
	const struct series_point fr = step(0, 100000, 0.3, 0.3, 0),
				  exact = step(0, 100000, 0, 0, 0);
	const struct plan_series one = { .step = &fr, .n = 1 }, two = { .step = &fr, .n = 1 };
	const struct plan_series three = { .step = &exact, .n = 1 }, four = three;
	struct plan_window a = at(&one, 0, H), b = at(&two, 0, H), c = at(&three, 0, H), d = c;

	cr_assert_float_eq(plan_chance(&a, &one, &b, &two), 0.5, 1e-9);
	cr_assert_float_eq(plan_chance(&c, &three, &d, &four), 0.5, 1e-9);
}

Test(chance, a_zone_without_carbon)
{
	const struct series_point none = step(0, 0, 0, 0, 0), some = step(0, 5, 0.3, 0.3, 0);
	const struct plan_series in_a = { .step = &none, .n = 1 }, in_b = { .step = &some, .n = 1 };
	struct plan_window a = at(&in_a, 0, H), b = at(&in_b, 0, H);

	cr_assert_eq(plan_chance(&a, &in_a, &b, &in_b), 1);
	cr_assert_eq(plan_chance(&b, &in_b, &a, &in_a), 0);
}

Test(chance, shared_seconds_cancel)
{
	const struct series_point steps[] = { step(0, 200000, 0.1, 0.1, SERIES_FORECAST),
					      step(H, 200000, 0.1, 0.1, SERIES_FORECAST),
					      step(2 * H, 180000, 0.1, 0.1, SERIES_FORECAST) };
	const struct plan_series s = {
		.step = steps, .n = 3, .moment_flags = SERIES_FORECAST, .moment_sd = 0.12
	};
	struct plan_window now = at(&s, 0, 2 * H), later = at(&s, H, 3 * H),
			   last = at(&s, 2 * H, 3 * H);
	struct plan_window first = at(&s, 0, H);

	/* An hour is shared: the other two differ by 10 %, of which each is half of its window. */
	cr_assert_float_eq(plan_chance(&later, &s, &now, &s), plan_chance(&last, &s, &first, &s),
			   0.01);
	cr_assert_gt(plan_chance(&later, &s, &now, &s), 0.7);
}

/* Draws the truth: factors of the zone, of each window, of the moment. */
static double drawn(const struct plan_series *s, const struct plan_window *a,
		    const struct plan_window *b, double common, double own)
{
	struct random_source r = { .seed = 31337 };
	unsigned int n_better = 0, n = 200000;

	for (unsigned int i = 0; i < n; i++) {
		double zone = exp(common * random_normal(&r)), sum[2] = { 0 };
		double of_window[2] = { random_normal(&r), random_normal(&r) };
		double moment[2] = { random_normal(&r), random_normal(&r) };
		const struct plan_window *w[2] = { a, b };

		for (int k = 0; k < 2; k++)
			for (int64_t h = w[k]->start_s / H; h < w[k]->end_s / H; h++)
				sum[k] += zone * s->step[h].mg_per_kwh *
					  exp(own * of_window[k] + s->moment_sd * moment[k]);
		n_better += sum[0] < sum[1];
	}
	return (double)n_better / n;
}

Test(chance, as_drawn)
{
	const double common = 0.35, own = 0.08, side = hypot(common, own);
	struct series_point steps[] = {
		step(0, 220000, side, side, SERIES_FORECAST),
		step(H, 210000, side, side, SERIES_FORECAST),
		step(2 * H, 190000, side, side, SERIES_FORECAST),
		step(3 * H, 195000, side, side, SERIES_FORECAST),
	};
	const struct plan_series s = {
		.step = steps, .n = 4, .moment_flags = SERIES_FORECAST, .moment_sd = 0.12
	};
	struct plan_window now = at(&s, 0, 2 * H), later = at(&s, 2 * H, 4 * H);
	double got = plan_chance(&later, &s, &now, &s);

	/* All of it counts as common where no step is narrower. */
	cr_assert_float_eq(got, drawn(&s, &later, &now, side, 0), 0.005, "%f", got);

	steps[1] = step(H, 210000, common, common, SERIES_FORECAST);
	got = plan_chance(&later, &s, &now, &s);
	cr_assert(got > drawn(&s, &later, &now, common, own) - 0.005, "%f", got);
	cr_assert(got < drawn(&s, &later, &now, common, 0) + 0.005, "%f", got);
}
