/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * repeats.h - the same thing measured several times: what runs differ by, apart from what is
 * common to all of them.
 *
 * How runs differ is read off the runs themselves, and averages away; it holds the meters' random
 * errors too. What is common to all (a meter's gain, the model, the grid) is not seen in how they
 * differ, and stays however many there are. Source: docs/method.md, "Repeated runs".
 */
#ifndef QUANT_REPEATS_H
#define QUANT_REPEATS_H

#include <stddef.h>

#include "quant/value.h"

struct quant_repeats {
	size_t n;
	double mean;
	double sd; /* of one; 0 for n < 2 */
	double least;
	double median;
	double most;
	size_t n_outliers; /* beyond 3.5 deviations of the median (Iglewicz and Hoaglin) */
};

/* Of x[n], n > 0, finite; sorts x. */
void quant_repeats_of(double *x, size_t n, struct quant_repeats *ret);

/* What the mean may be off by, 95 %, by Student's t; INFINITY for one run: nothing is known. */
double quant_repeats_reach(const struct quant_repeats *r);

/*
 * The interval of the mean with both: the common parts of all, which is the sum of the n runs
 * (its random_var is left out: how the runs differ has it), and the reach.
 */
struct quant_interval quant_repeats_interval(const struct quant_repeats *r,
					     const struct quant_value *all);

/* b over a: median, 95 % interval and the probability that b is less. */
struct quant_ratio {
	double ratio;
	double low;
	double high;
	double less;
};

/*
 * Of n >= 2 pairs a[i], b[i] > 0, run one after the other: by the logarithms of their ratios, with
 * common_sd, in ln space, for what in the two does not cancel. Student's t with the degrees of
 * freedom of Welch and Satterthwaite. Returns 0, or -EINVAL for figures that are not > 0.
 */
int quant_repeats_ratio(const double *b, const double *a, size_t n, double common_sd,
			struct quant_ratio *ret);

#endif /* QUANT_REPEATS_H */
