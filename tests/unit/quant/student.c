/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* student.c - is Student's t what tables and closed forms say? */
#include "quant/student.h"

#include <criterion/criterion.h>
#include <math.h>

#include "quant/normal.h"

#define near(a, b, tolerance)                                                              \
	cr_expect(fabs((a) - (b)) <= (tolerance), "%s: %.15g, not %.15g", #a, (double)(a), \
		  (double)(b))

/* Source: NIST/SEMATECH e-Handbook, 1.3.6.7.2. */
Test(student, tables)
{
	near(student_quantile(0.975, 1), 12.706, 5e-4);
	near(student_quantile(0.975, 4), 2.776, 5e-4);
	near(student_quantile(0.975, 9), 2.262, 5e-4);
	near(student_quantile(0.975, 100), 1.984, 5e-4);
	near(student_quantile(0.999, 5), 5.893, 5e-4);
}

Test(student, closed_forms)
{
	for (double x = -50; x <= 50; x += 0.37) {
		near(student_cdf(x, 1), 0.5 + atan(x) / M_PI, 1e-12);
		near(student_cdf(x, 2), 0.5 + x / (2 * sqrt(2 + x * x)), 1e-12);
		near(student_cdf(x, INFINITY), normal_cdf(x), 0);
		near(student_cdf(x, 1e7), normal_cdf(x), 1e-7);
	}
}

Test(student, quantile_inverts_the_distribution)
{
	static const double df[] = { 0.5, 1, 2.5, 9, 30, 1e3, 1e6, INFINITY };

	for (size_t i = 0; i < sizeof(df) / sizeof(df[0]); i++)
		for (double p = 0.001; p < 1; p += 0.013) {
			near(student_cdf(student_quantile(p, df[i]), df[i]), p, 1e-11);
			near(student_quantile(p, df[i]), -student_quantile(1 - p, df[i]),
			     1e-9 * (1 + fabs(student_quantile(p, df[i]))));
		}
}
