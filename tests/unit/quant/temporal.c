/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* temporal.c - does an annual mean get closer to a longer moment? */
#include <criterion/criterion.h>
#include <math.h>

#include "quant/temporal.h"

#define HOUR_NS UINT64_C(3600000000000)

Test(temporal, known_points)
{
	static const struct {
		uint64_t hours;
		double cv;
	} cases[] = { { 0, 0.34 },   { 1, 0.34 }, { 24, 0.30 }, { 168, 0.23 },
		      { 720, 0.17 }, { 8760, 0 }, { 100000, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(fabs(quant_temporal_cv(cases[i].hours * HOUR_NS) - cases[i].cv) < 1e-12,
			  "%lu h", cases[i].hours);
	cr_expect_eq(quant_temporal_cv(1), 0.34);
	cr_expect_eq(quant_temporal_cv(UINT64_MAX), 0);
	cr_expect(fabs(quant_temporal_sd(1) - 0.3308) < 1e-4);
}

Test(temporal, never_rises)
{
	double last = quant_temporal_cv(0);

	for (uint64_t hours = 1; hours < 10000; hours++) {
		double cv = quant_temporal_cv(hours * HOUR_NS);

		cr_assert(cv <= last && cv >= 0, "%lu h", hours);
		last = cv;
	}
}
