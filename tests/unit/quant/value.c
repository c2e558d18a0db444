/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.c - do values add and multiply as their parts say? */
#include "quant/value.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

#include "unit/random.h"

#define near(a, b, tolerance)                                                                \
	cr_expect(fabs((a) / (b)-1) <= (tolerance), "%s: %.12g, not %.12g", #a, (double)(a), \
		  (double)(b))

static struct quant_value value_with(double value, uint32_t id, double sd, double random_sd)
{
	struct quant_value v = { .value = value, .random_var = random_sd * random_sd };
	const struct quant_part part = { .id = id, .amount = value };

	quant_value_hang(&v, &part, &(struct quant_sides){ sd, sd });
	return v;
}

/* A hundred records: what is systematic stays as it is, what is random falls to a tenth. */
Test(value, a_shared_factor_does_not_average_out)
{
	struct quant_value record = value_with(10, 1, 0.2, 0), sum = { 0 };
	struct quant_value noisy = value_with(10, 1, 0, 1), noise = { 0 };
	struct quant_interval one = quant_value_interval(&record), q;

	for (int i = 0; i < 100; i++) {
		quant_value_add(&sum, &record);
		quant_value_add(&noise, &noisy);
	}
	q = quant_value_interval(&sum);
	near(q.low, 100 * one.low, 1e-12);
	near(q.high, 100 * one.high, 1e-12);
	near(quant_value_interval(&noise).high, 1000 + QUANT_Z95 * 10, 1e-12);
}

/* Ids of their own do average out. */
Test(value, factors_of_their_own_do)
{
	struct quant_value sum = { 0 };

	for (uint32_t i = 0; i < 10; i++) {
		struct quant_value v = value_with(10, i, 0.05, 0);

		quant_value_add(&sum, &v);
	}
	near(quant_value_interval(&sum).high, 100 * (1 + QUANT_Z95 * 0.05 / sqrt(10)), 2e-3);
}

/* Lognormals multiply exactly: σ² adds. */
Test(value, product_of_lognormals)
{
	struct quant_value v = value_with(12, 1, 0.1, 0);
	const struct quant_part grid = { .id = 2, .group = 1 };

	quant_value_multiply(&v, 5, &grid, &(struct quant_sides){ 0.3, 0.3 });
	near(v.value, 60, 1e-12);
	near(quant_value_interval(&v).high, 60 * exp(QUANT_Z95 * hypot(0.1, 0.3)), 1e-12);
	near(quant_value_interval(&v).low, 60 * exp(-QUANT_Z95 * hypot(0.1, 0.3)), 1e-12);
}

Test(value, scaling_changes_no_relative_width)
{
	struct quant_value v = value_with(12, 1, 0.1, 2);
	struct quant_interval before = quant_value_interval(&v), after;

	quant_value_scale(&v, 1e-9);
	after = quant_value_interval(&v);
	near(after.low, 1e-9 * before.low, 1e-9);
	near(after.high, 1e-9 * before.high, 1e-9);
	quant_value_scale(&v, 0);
	after = quant_value_interval(&v);
	cr_expect(after.low == 0 && after.value == 0 && after.high == 0);
}

/* More parts than there is room for: the last one takes them, linearly: wider, never narrower. */
Test(value, parts_beyond_the_bound_widen)
{
	struct quant_value v = { 0 };
	double sd = 0;

	for (uint32_t i = 0; i < 2 * QUANT_MAX_PARTS; i++) {
		const struct quant_part part = { .id = i, .amount = 1 };

		quant_value_hang(&v, &part, &(struct quant_sides){ 0.1, 0.1 });
		v.value += 1;
	}
	cr_expect_eq(v.n, QUANT_MAX_PARTS);
	sd = 0.1 / sqrt(2 * QUANT_MAX_PARTS);
	cr_expect(quant_value_interval(&v).high > v.value * exp(QUANT_Z95 * sd));
}

Test(value, a_quotient_keeps_only_what_is_not_common)
{
	struct quant_value a = value_with(100, 1, 0.3, 0), b = value_with(80, 1, 0.3, 0);
	struct quant_value c = value_with(80, 2, 0.3, 0);
	struct quant_spread s;

	quant_ratio_spread(&b, &a, &s);
	cr_expect_eq(quant_spread_variance(&s), 0);
	cr_expect_eq(quant_spread_cdf(&s, -log(0.8)), 1);
	quant_ratio_spread(&c, &a, &s);
	near(quant_spread_variance(&s), 2 * 0.09, 1e-12);
	/* Of half of b only: the other half is as uncertain as all of a. */
	b.part[0].amount /= 2;
	b.part[0].linear.minus /= 2;
	b.part[0].linear.plus /= 2;
	quant_ratio_spread(&b, &a, &s);
	cr_expect(quant_spread_variance(&s) > 0.02 && quant_spread_variance(&s) < 0.03);
}

static double any_double(struct random_source *r)
{
	static const double odd[] = { 0,       -0.0,   NAN, INFINITY, -INFINITY, 1e308, -1e308,
				      DBL_MIN, 5e-324, -1,  1,	      0.5,	 1e-9,	1e9 };
	union {
		uint64_t u;
		double d;
	} bits = { random_u64(r) };

	switch (random_below(r, 3)) {
	case 0:
		return odd[random_below(r, sizeof(odd) / sizeof(odd[0]))];
	case 1:
		return bits.d;
	default:
		return 3 * random_unit(r);
	}
}

/*
 * Arithmetic on whatever comes: an interval is in order, holds its value, is never negative and
 * never a NaN; and what is no number never makes it narrow.
 */
Test(value, property_nonsense_gives_no_nonsense)
{
	struct random_source r = { .seed = 51 };

	for (int i = 0; i < 100000; i++) {
		struct quant_value v = { .value = any_double(&r), .random_var = any_double(&r) };
		struct quant_value w = { .value = any_double(&r) };
		struct quant_interval q;
		struct quant_spread s;

		for (uint32_t k = 0; k < 5; k++) {
			const struct quant_part part = { .id = (uint32_t)random_below(&r, 20),
							 .group = (uint16_t)random_below(&r, 3),
							 .amount = any_double(&r) };
			const struct quant_sides sides = { any_double(&r), any_double(&r) };

			quant_value_hang(random_below(&r, 2) ? &v : &w, &part, &sides);
		}
		if (random_below(&r, 2))
			quant_value_add(&v, &w);
		if (random_below(&r, 3) == 0)
			quant_value_scale(&v, any_double(&r));
		q = quant_value_interval(&v);
		cr_assert(q.low >= 0 && q.low <= q.value && q.value <= q.high,
			  "case %d: %g [%g, %g]", i, q.value, q.low, q.high);
		quant_ratio_spread(&v, &w, &s);
		q = quant_spread_interval(&s, 1);
		cr_assert(q.low >= 0 && q.low <= 1 && q.high >= 1, "case %d: 1 [%g, %g]", i, q.low,
			  q.high);
		cr_assert(!isnan(quant_spread_cdf(&s, 0)) || isnan(s.k1), "case %d", i);
	}
}

Test(value, a_part_that_is_no_number_makes_it_wide)
{
	static const double bad[] = { NAN, INFINITY, 1e308 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct quant_value v = value_with(5, 1, bad[i], 0), noise = value_with(5, 1, 0, 1);
		struct quant_interval q = quant_value_interval(&v);

		cr_expect(q.low < 1e-9 && q.high > 1e9, "%g: [%g, %g]", bad[i], q.low, q.high);
		noise.random_var = bad[i];
		q = quant_value_interval(&noise);
		cr_expect(q.low == 0 && q.high > 1e150, "%g: [%g, %g]", bad[i], q.low, q.high);
	}
}
