/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* student.h - Student's t distribution, for means of a few figures. */
#ifndef QUANT_STUDENT_H
#define QUANT_STUDENT_H

/*
 * P(T <= x) with df > 0 degrees of freedom (not only whole ones; INFINITY is the normal), to 1e-12.
 * Source: the incomplete beta function by its continued fraction, DLMF 8.17.22.
 */
double student_cdf(double x, double df);

/* x with student_cdf(x, df) = p, for 0 < p < 1. */
double student_quantile(double p, double df);

#endif /* QUANT_STUDENT_H */
