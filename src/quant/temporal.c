/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* temporal.c - how far an annual mean is from the moment it stands for. */
#include "quant/temporal.h"

#include <math.h>
#include <stddef.h>

#define TEMPORAL_NS_PER_HOUR 3.6e12

/*
 * Means over FR, GB and DE 2020 and DE 2021, rounded: hourly and finer series published with
 * "Let's Wait Awhile" (Middleware 2021) and by UMass Amherst. The year's own end point is 0 by
 * definition of an annual mean.
 */
static const struct {
	double hours;
	double cv;
} points[] = {
	{ 1, 0.34 }, { 24, 0.30 }, { 168, 0.23 }, { 720, 0.17 }, { 8760, 0 },
};

double quant_temporal_cv(uint64_t duration_ns)
{
	double hours = (double)duration_ns / TEMPORAL_NS_PER_HOUR;
	size_t n = sizeof(points) / sizeof(points[0]);

	if (hours <= points[0].hours)
		return points[0].cv;
	for (size_t i = 1; i < n; i++) {
		double whole = log(points[i].hours / points[i - 1].hours);
		double part = log(hours / points[i - 1].hours);

		if (hours < points[i].hours)
			return points[i - 1].cv + (points[i].cv - points[i - 1].cv) * part / whole;
	}
	return points[n - 1].cv;
}

double quant_temporal_sd(uint64_t duration_ns)
{
	double cv = quant_temporal_cv(duration_ns);

	return sqrt(log1p(cv * cv));
}
