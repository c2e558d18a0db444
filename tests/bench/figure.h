/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figure.h - what the C benches share: figures as JSON lines, medians, an instance to measure. */
#ifndef TESTS_BENCH_FIGURE_H
#define TESTS_BENCH_FIGURE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "sched/sched.h"

/* One line of the form that run.sh reads; target "" = for information. */
static inline void figure_line(const char *name, double value, const char *unit, const char *target,
			       bool ok)
{
	if (isfinite(value))
		printf("{\"name\":\"%s\",\"value\":%.15g,", name, round(value * 1000) / 1000);
	else
		printf("{\"name\":\"%s\",\"value\":null,", name);
	printf("\"unit\":\"%s\",\"target\":\"%s\",\"ok\":%s}\n", unit, target,
	       ok ? "true" : "false");
	fflush(stdout);
}

static inline void figure_info(const char *name, double value, const char *unit)
{
	figure_line(name, value, unit, "", true);
}

static inline void figure_at_most(const char *name, double value, const char *unit, double most)
{
	char target[32];

	snprintf(target, sizeof(target), "<= %.15g", most);
	figure_line(name, value, unit, target, value <= most);
}

static inline void figure_at_least(const char *name, double value, const char *unit, double least)
{
	char target[32];

	snprintf(target, sizeof(target), ">= %.15g", least);
	figure_line(name, value, unit, target, value >= least);
}

static inline int figure_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts x; NAN of nothing. */
static inline double figure_median(double *x, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(x, n, sizeof(*x), figure_compare);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

/* Half the distance of the 95 % order-statistic interval of the median; x is sorted. */
static inline double figure_median_error(const double *x, size_t n)
{
	size_t reach = (size_t)ceil(0.98 * sqrt((double)n)), middle = n / 2;

	if (n < 3)
		return NAN;
	if (reach > middle)
		reach = middle;
	return (x[middle + reach < n ? middle + reach : n - 1] - x[middle - reach]) / 2;
}

/* The kernel side attached, or the end of the bench: it has nothing to measure without. */
static inline struct sched *bench_sched(unsigned int max_tasks)
{
	struct sched_options o = { .max_tasks = max_tasks };
	struct why why = { "" };
	struct sched *s;

	if (sched_new(&o, &s, &why)) {
		fprintf(stderr, "bench: %s\n", why.text);
		exit(1);
	}
	return s;
}

#endif /* TESTS_BENCH_FIGURE_H */
