/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* student.c - see student.h. */
#include "quant/student.h"

#include <float.h>
#include <math.h>

#include "quant/normal.h"

#define MAX_TERMS 500
/* From here on the normal is as near as the fraction. */
#define MANY 1e8

/* Odd and even coefficients of DLMF 8.17.22's fraction, m from 1 on. */
static double coefficient(double x, double a, double b, int m)
{
	const int half = m / 2;
	double k = half;

	if (m % 2)
		return -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
	return k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
}

/* The fraction by Lentz's method; converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b)
{
	double f = 1, c = 1, d = 0;

	for (int m = 1; m <= MAX_TERMS; m++) {
		double t = coefficient(x, a, b, m);

		d = 1 + t * d;
		c = 1 + t / c;
		d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
		if (fabs(c) < DBL_MIN)
			c = DBL_MIN;
		f *= c * d;
		if (fabs(c * d - 1) < 1e-15)
			break;
	}
	return 1 / f;
}

/* The regularised incomplete beta function I_x(a, b); y = 1 - x, which may be small. */
static double beta(double x, double y, double a, double b)
{
	double front;

	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
	if (x < (a + 1) / (a + b + 2))
		return front * fraction(x, a, b) / a;
	return 1 - front * fraction(y, b, a) / b;
}

double student_cdf(double x, double df)
{
	double tail;

	if (df > MANY)
		return normal_cdf(x);
	tail = beta(df / (df + x * x), x * x / (df + x * x), df / 2, 0.5) / 2;
	return x < 0 ? tail : 1 - tail;
}

double student_quantile(double p, double df)
{
	double low = -1, high = 0;

	if (df > MANY)
		return normal_quantile(p);
	/* By the smaller tail, which has the digits. */
	if (p > 0.5)
		return -student_quantile(1 - p, df);
	while (student_cdf(low, df) > p && low > -DBL_MAX / 4)
		low *= 2;
	while (high - low > 1e-13 * fabs(low)) {
		double middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			break;
		if (student_cdf(middle, df) > p)
			high = middle;
		else
			low = middle;
	}
	return low + (high - low) / 2;
}
