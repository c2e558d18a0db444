/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* normal.c - is the normal distribution, its inverse and Owen's function what tables say? */
#include "quant/normal.h"

#include <criterion/criterion.h>
#include <math.h>

#include "quant/interval.h"

#define near(a, b, tolerance)                                                              \
	cr_expect(fabs((a) - (b)) <= (tolerance), "%s: %.15g, not %.15g", #a, (double)(a), \
		  (double)(b))

Test(normal, known_points)
{
	near(normal_cdf(0), 0.5, 0);
	near(normal_cdf(QUANT_Z95), 0.975, 1e-15);
	near(normal_cdf(-1), 0.15865525393145707, 1e-16);
	near(normal_pdf(0), 0.3989422804014327, 1e-16);
	near(normal_quantile(0.975), QUANT_Z95, 1e-14);
	near(normal_quantile(0.5), 0, 0);
}

Test(normal, quantile_inverts_the_distribution)
{
	for (double x = -8; x <= 8; x += 0.01) {
		/* Above 0, 1 - p has lost digits: the mirror image has them. */
		double p = normal_cdf(-fabs(x));

		near(normal_quantile(p), -fabs(x), 1e-12);
	}
	for (double p = 0.001; p < 1; p += 0.001)
		near(normal_cdf(normal_quantile(p)), p, 1e-15);
}

Test(normal, quantile_at_and_beyond_the_ends)
{
	cr_expect_eq(normal_quantile(0), -INFINITY);
	cr_expect_eq(normal_quantile(1), INFINITY);
	cr_expect(isnan(normal_quantile(-0.1)));
	cr_expect(isnan(normal_quantile(1.1)));
	cr_expect(isnan(normal_quantile(NAN)));
	cr_expect(isfinite(normal_quantile(0x1p-1074)));
}

/* T by Simpson's rule with many steps. */
static double simpson(double h, double a)
{
	const int n = 4000;
	double sum = 0;

	for (int i = 0; i <= n; i++) {
		double x = a * i / n, y = exp(-h * h * (1 + x * x) / 2) / (1 + x * x);

		sum += (i == 0 || i == n ? 1 : i % 2 ? 4 : 2) * y;
	}
	return sum * a / n / 3 / (2 * M_PI);
}

Test(normal, owen_agrees_with_its_integral)
{
	for (double h = -6; h <= 6; h += 0.31)
		for (double a = -12; a <= 12; a += 0.37)
			near(normal_owen_t(h, a), simpson(h, a), 1e-9);
}

Test(normal, owen_at_its_known_points)
{
	for (double h = 0; h < 6; h += 0.5) {
		near(normal_owen_t(h, 1), normal_cdf(h) * normal_cdf(-h) / 2, 1e-9);
		near(normal_owen_t(h, INFINITY), normal_cdf(-h) / 2, 1e-12);
		near(normal_owen_t(h, -INFINITY), -normal_cdf(-h) / 2, 1e-12);
		near(normal_owen_t(h, 0), 0, 0);
	}
	near(normal_owen_t(0, 5), atan(5) / (2 * M_PI), 1e-9);
	near(normal_owen_t(1e300, 1e300), 0, 1e-12);
	near(normal_owen_t(0, INFINITY), 0.25, 1e-12);
}
