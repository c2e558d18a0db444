/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* normal.h - the standard normal distribution, its inverse, and Owen's function. */
#ifndef QUANT_NORMAL_H
#define QUANT_NORMAL_H

double normal_pdf(double x);
double normal_cdf(double x);

/*
 * x with normal_cdf(x) = p, to about 1e-15 of x; -INFINITY and INFINITY at 0 and 1, NaN outside.
 * Source: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
 */
double normal_quantile(double p);

/*
 * T(h, a) = 1/2π ∫₀ᵃ exp(-h²(1+x²)/2) / (1+x²) dx: what the distribution of a half-normal plus a
 * normal needs. Absolute error below 1e-9 for any h and a, infinite ones included.
 * Source: Owen, Tables for computing bivariate normal probabilities, Ann. Math. Stat. 27 (1956).
 */
double normal_owen_t(double h, double a);

#endif /* QUANT_NORMAL_H */
