/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shape.c - have the shapes the moments and quantiles that are known of them? */
#include "quant/shape.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "unit/random.h"

#define near(a, b, tolerance)                                                            \
	cr_expect(fabs((a) - (b)) <= (tolerance), "%s: %.9g, not %.9g", #a, (double)(a), \
		  (double)(b))

/* Moments by stratified draws: the mean of the quantiles at the middle of equal steps. */
static struct quant_moments by_quantiles(const struct shape *s)
{
	const int n = 200000;
	double mean = 0, square = 0;

	for (int i = 0; i < n; i++)
		mean += shape_quantile(s, (i + 0.5) / n) / n;
	for (int i = 0; i < n; i++) {
		double x = shape_quantile(s, (i + 0.5) / n) - mean;

		square += x * x / n;
	}
	return (struct quant_moments){ mean, sqrt(square) };
}

static void expect_moments(const char *name, const struct shape *s)
{
	struct quant_moments want = by_quantiles(s), got = shape_moments(s);
	double size = fabs(want.mean) + want.sd;

	cr_expect(fabs(got.mean - want.mean) < 1e-3 * size, "%s: mean %g, not %g", name, got.mean,
		  want.mean);
	cr_expect(fabs(got.sd - want.sd) < 4e-3 * size, "%s: sd %g, not %g", name, got.sd, want.sd);
}

/* France: 44.2 [22, 116] g/kWh. */
Test(shape, two_piece_keeps_its_three_points)
{
	struct quant_moments m;
	struct shape s;

	cr_assert_eq(shape_two_piece(22, 44.2, 116, &s), 0);
	near(shape_quantile(&s, 0.025), 22, 1e-9);
	near(shape_quantile(&s, 0.5), 44.2, 1e-9);
	near(shape_quantile(&s, 0.975), 116, 1e-9);
	m = shape_moments(&s);
	near(m.mean, 51.4, 0.1);
	near(m.sd, 24.87, 0.01);
	expect_moments("FR", &s);
}

/* Embodied carbon of a server: median 1215, 95 % [497, 2395]: no geometric mean of its ends. */
Test(shape, lognormal)
{
	double sigma = log(2395.0 / 497) / (2 * QUANT_Z95);
	struct quant_moments m;
	struct shape s;

	cr_assert_eq(shape_lognormal(497, 1215, 2395, &s), 0);
	near(shape_quantile(&s, 0.5), 1215, 1e-9);
	near(shape_quantile(&s, 0.975), 1215 * exp(QUANT_Z95 * sigma), 1e-6);
	m = shape_moments(&s);
	near(m.mean, 1215 * exp(sigma * sigma / 2), 1e-6);
	near(m.sd, m.mean * sqrt(expm1(sigma * sigma)), 1e-6);
}

/* PUE: 1 and what is above it. */
Test(shape, shifted)
{
	const struct quant_interval pue = { .value = 1.4, .low = 1.1, .high = 2 };
	const struct quant_interval at_one = { .value = 1.2, .low = 1, .high = 1.6 };
	const struct quant_interval one = { 1, 1, 1 }, below = { 1.2, 0.9, 1.5 };
	struct shape s;

	cr_assert_eq(shape_shifted(1, &pue, &s), 0);
	near(shape_quantile(&s, 0.025), 1.1, 1e-9);
	near(shape_quantile(&s, 0.5), 1.4, 1e-9);
	near(shape_quantile(&s, 0.975), 2, 1e-9);
	cr_expect(shape_quantile(&s, 1e-12) >= 1);
	expect_moments("PUE", &s);
	cr_assert_eq(shape_shifted(1, &at_one, &s), 0);
	near(shape_quantile(&s, 0.025), 1.005, 1e-9);
	cr_assert_eq(shape_shifted(1, &one, &s), 0);
	cr_expect_eq(shape_quantile(&s, 0.3), 1);
	cr_expect_eq(shape_moments(&s).sd, 0);
	cr_expect_eq(shape_shifted(1, &below, &s), -EINVAL);
}

Test(shape, truncated_normal)
{
	struct shape s;

	cr_assert_eq(shape_normal(10, 3, 0, INFINITY, &s), 0);
	expect_moments("normal >= 0", &s);
	cr_assert_eq(shape_normal(0, 1, 0, INFINITY, &s), 0);
	near(shape_moments(&s).mean, sqrt(2 / M_PI), 1e-9);
	near(shape_moments(&s).sd, sqrt(1 - 2 / M_PI), 1e-9);
	cr_assert_eq(shape_normal(0, 1, -INFINITY, INFINITY, &s), 0);
	near(shape_quantile(&s, 0.975), QUANT_Z95, 1e-9);
	near(shape_moments(&s).sd, 1, 1e-12);
	/* Far out in one tail. */
	cr_assert_eq(shape_normal(0, 1, 6, INFINITY, &s), 0);
	expect_moments("tail", &s);
	cr_expect(shape_quantile(&s, 0.001) >= 6);
	cr_assert_eq(shape_normal(0, 1, -INFINITY, -6, &s), 0);
	expect_moments("lower tail", &s);
}

/* RAM, W/GB; and the lifetime of a server, years. */
Test(shape, triangular)
{
	struct shape s;

	cr_assert_eq(shape_triangular(0.284, 0.375, 0.392, &s), 0);
	near(shape_moments(&s).mean, (0.284 + 0.375 + 0.392) / 3, 1e-12);
	expect_moments("RAM", &s);
	cr_assert_eq(shape_triangular(3, 4, 6, &s), 0);
	near(shape_moments(&s).sd, sqrt((9 + 16 + 36 - 12 - 18 - 24) / 18.0), 1e-12);
	expect_moments("lifetime", &s);
	cr_assert_eq(shape_triangular(2, 2, 2, &s), 0);
	cr_expect_eq(shape_quantile(&s, 0.7), 2);
}

Test(shape, what_is_no_distribution_is_refused)
{
	static const double bad[][3] = {
		{ 2, 1, 3 },   { 1, 4, 3 },	   { 0, 1, 2 },
		{ -1, 1, 2 },  { NAN, 1, 2 },	   { 1, NAN, 2 },
		{ 1, 2, NAN }, { 1, 2, INFINITY }, { INFINITY, INFINITY, INFINITY }
	};
	struct shape s = shape_constant(7);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const double *b = bad[i];

		cr_expect_eq(shape_two_piece(b[0], b[1], b[2], &s), -EINVAL);
		cr_expect_eq(shape_lognormal(b[0], b[1], b[2], &s), -EINVAL);
	}
	cr_expect_eq(shape_triangular(2, 1, 3, &s), -EINVAL);
	cr_expect_eq(shape_triangular(0, 1, INFINITY, &s), -EINVAL);
	cr_expect_eq(shape_normal(0, 0, -1, 1, &s), -EINVAL);
	cr_expect_eq(shape_normal(0, -1, -1, 1, &s), -EINVAL);
	cr_expect_eq(shape_normal(0, NAN, -1, 1, &s), -EINVAL);
	cr_expect_eq(shape_normal(0, 1, 1, -1, &s), -EINVAL);
	cr_expect_eq(shape_normal(0, 1, 50, 60, &s), -EINVAL);
	cr_expect_eq(shape_normal(1e308, 1e308, 0, 1, &s), -EINVAL);
	cr_expect_eq(shape_from_sides(-1, &(struct quant_sides){ 0, 0 }, &s), -EINVAL);
	cr_expect_eq(shape_from_sides(1, &(struct quant_sides){ NAN, 0 }, &s), -EINVAL);
	cr_expect(s.kind == SHAPE_CONSTANT && s.a == 7, "touched on error");
}

/* The wildest that is accepted gives quantiles in order, within the shape's own limits. */
Test(shape, property_quantiles_are_in_order)
{
	struct random_source r = { .seed = 41 };

	for (int i = 0; i < 20000; i++) {
		double a = exp(700 * (2 * random_unit(&r) - 1)), b = a * exp(20 * random_unit(&r));
		double c = b * exp(20 * random_unit(&r)), last = -INFINITY;
		struct shape s;
		int err;

		switch (random_below(&r, 4)) {
		case 0:
			err = shape_two_piece(a, b, c, &s);
			break;
		case 1:
			err = shape_lognormal(a, b, c, &s);
			break;
		case 2:
			err = shape_triangular(a, b, c, &s);
			break;
		default:
			err = shape_normal(b, a, random_unit(&r) < 0.5 ? 0 : b - a, c, &s);
		}
		for (double p = 0.01; !err && p < 1; p += 0.14) {
			double x = shape_quantile(&s, p);

			cr_assert(x >= last && x >= 0, "case %d, kind %d: %g after %g", i, s.kind,
				  x, last);
			last = x;
		}
	}
}
