/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* normal.c - the standard normal distribution, its inverse, and Owen's function. */
#include "quant/normal.h"

#include <math.h>
#include <stddef.h>

#define N_COEFFICIENTS 8

double normal_pdf(double x)
{
	return exp(-x * x / 2) * (M_2_SQRTPI * M_SQRT1_2 / 2);
}

double normal_cdf(double x)
{
	return 0.5 * erfc(-x * M_SQRT1_2);
}

static double ratio(double x, const double num[N_COEFFICIENTS], const double den[N_COEFFICIENTS])
{
	double n = num[N_COEFFICIENTS - 1], d = den[N_COEFFICIENTS - 1];

	for (size_t i = N_COEFFICIENTS - 1; i-- > 0;) {
		n = n * x + num[i];
		d = d * x + den[i];
	}
	return n / d;
}

/* The coefficients of AS 241: the middle, the tails to e^-25, beyond. */
static const double middle[2][N_COEFFICIENTS] = {
	{ 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
	  1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
	  3.3430575583588128105e4, 2.5090809287301226727e3 },
	{ 1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
	  2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
	  5.2264952788528545610e3 },
};
static const double tail[2][N_COEFFICIENTS] = {
	{ 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
	  3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
	  2.27238449892691845833e-2, 7.74545014278341407640e-4 },
	{ 1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
	  1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
	  1.05075007164441684324e-9 },
};
static const double beyond[2][N_COEFFICIENTS] = {
	{ 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
	  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
	  2.71155556874348757815e-5, 2.01033439929228813265e-7 },
	{ 1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
	  7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
	  2.04426310338993978564e-15 },
};

double normal_quantile(double p)
{
	double q = p - 0.5, r, x;

	if (fabs(q) <= 0.425)
		return q * ratio(0.180625 - q * q, middle[0], middle[1]);
	r = q < 0 ? p : 1 - p;
	if (!(r > 0))
		return r == 0 ? copysign(INFINITY, q) : NAN;
	r = sqrt(-log(r));
	x = r <= 5 ? ratio(r - 1.6, tail[0], tail[1]) : ratio(r - 5, beyond[0], beyond[1]);
	return copysign(x, q);
}

/* Gauss and Legendre, 10 points on [-1, 1]: those above 0. */
static const double node[] = { 0.14887433898163122, 0.43339539412924719, 0.67940956829902441,
			       0.86506336668898451, 0.97390652851717172 };
static const double weight[] = { 0.29552422471475287, 0.26926671930999636, 0.21908636251598204,
				 0.14945134915058059, 0.066671344308688138 };

static double owen_integrand(double half_h2, double x)
{
	double y = 1 + x * x;

	return exp(-half_h2 * y) / y;
}

/* For 0 <= a <= 1. */
static double owen_integral(double h, double a)
{
	double half_h2 = h * h / 2, half_a = a / 2, sum = 0;

	/* Below what a figure could show, and where the nodes no longer see the integrand. */
	if (half_h2 > 40)
		return 0;
	for (size_t i = 0; i < sizeof(node) / sizeof(node[0]); i++)
		sum += weight[i] * (owen_integrand(half_h2, half_a * (1 - node[i])) +
				    owen_integrand(half_h2, half_a * (1 + node[i])));
	return sum * half_a / (2 * M_PI);
}

double normal_owen_t(double h, double a)
{
	double b, ph, pb;

	if (a < 0)
		return -normal_owen_t(h, -a);
	h = fabs(h);
	if (a <= 1)
		return owen_integral(h, a);
	/* T(h,a) + T(ah,1/a) = (Φ(h) + Φ(ah))/2 - Φ(h)Φ(ah) */
	b = h > 0 ? a * h : 0;
	ph = normal_cdf(h);
	pb = normal_cdf(b);
	/* a·h may be 0 with a infinite: then T(0, 1/a) = atan(1/a) / 2π = 0. */
	return (ph + pb) / 2 - ph * pb - owen_integral(b, 1 / a);
}
