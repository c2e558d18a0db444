/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* repeats.c - see repeats.h. */
#include "quant/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "quant/student.h"

#define COVERED_BELOW 0.975

static int compare(const void *pa, const void *pb)
{
	const double a = *(const double *)pa, b = *(const double *)pb;

	return a < b ? -1 : a > b;
}

/* Of sorted x. */
static double median_of(const double *x, size_t n)
{
	return n % 2 ? x[n / 2] : x[n / 2 - 1] / 2 + x[n / 2] / 2;
}

/* By the median of the deviations: outliers would move their mean. */
static size_t count_outliers(const double *x, size_t n, double median)
{
	double *off = calloc(n + 1, sizeof(*off));
	double mad;
	size_t n_outliers = 0;

	if (!off)
		return 0;
	for (size_t i = 0; i < n; i++)
		off[i] = fabs(x[i] - median);
	qsort(off, n, sizeof(*off), compare);
	mad = median_of(off, n);
	for (size_t i = 0; i < n && mad > 0; i++)
		n_outliers += 0.6745 * off[i] > 3.5 * mad;
	free(off);
	return n_outliers;
}

void quant_repeats_of(double *x, size_t n, struct quant_repeats *ret)
{
	double sum = 0, squares = 0;

	qsort(x, n, sizeof(*x), compare);
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	*ret = (struct quant_repeats){ .n = n,
				       .mean = sum / (double)n,
				       .least = x[0],
				       .median = median_of(x, n),
				       .most = x[n - 1] };
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - ret->mean) * (x[i] - ret->mean);
	if (n > 1)
		ret->sd = sqrt(squares / (double)(n - 1));
	ret->n_outliers = count_outliers(x, n, ret->median);
}

double quant_repeats_reach(const struct quant_repeats *r)
{
	double n = (double)r->n;

	if (r->n < 2)
		return INFINITY;
	return student_quantile(COVERED_BELOW, n - 1) * r->sd / sqrt(n);
}

struct quant_interval quant_repeats_interval(const struct quant_repeats *r,
					     const struct quant_value *all)
{
	struct quant_value common = *all;
	double reach = quant_repeats_reach(r);
	struct quant_interval i;

	common.random_var = 0;
	quant_value_scale(&common, 1 / (double)r->n);
	i = quant_value_interval(&common);
	/* One run tells nothing of how runs differ. */
	if (isfinite(reach))
		i = quant_interval_add_noise(&i, pow(reach / QUANT_Z95, 2));
	return i;
}

int quant_repeats_ratio(const double *b, const double *a, size_t n, double common_sd,
			struct quant_ratio *ret)
{
	double mean = 0, squares = 0, of_mean, sd, df, reach;

	if (n < 2)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!(a[i] > 0) || !(b[i] > 0))
			return -EINVAL;
		mean += log(b[i] / a[i]) / (double)n;
	}
	for (size_t i = 0; i < n; i++)
		squares += pow(log(b[i] / a[i]) - mean, 2);
	of_mean = squares / (double)(n - 1) / (double)n;
	sd = sqrt(of_mean + common_sd * common_sd);
	if (!(sd > 0)) {
		*ret = (struct quant_ratio){ exp(mean), exp(mean), exp(mean),
					     mean < 0	? 1
					     : mean > 0 ? 0
							: 0.5 };
		return 0;
	}
	df = of_mean > 0 ? (double)(n - 1) * pow(sd * sd / of_mean, 2) : INFINITY;
	reach = student_quantile(COVERED_BELOW, df) * sd;
	*ret = (struct quant_ratio){ .ratio = exp(mean),
				     .low = exp(mean - reach),
				     .high = exp(mean + reach),
				     .less = student_cdf(-mean / sd, df) };
	return 0;
}
