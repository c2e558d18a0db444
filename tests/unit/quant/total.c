/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* total.c - the intensity of a sum over several zones. */
#include <criterion/criterion.h>
#include <errno.h>

#include "quant/total.h"

/* A record of 1 kWh at so many mg/kWh, ± a tenth. */
static void add(struct quant_total *t, struct quant_zone *zone, uint64_t mg_per_kwh)
{
	const struct quant_interval_u64 energy = { 3600000000000, 3500000000000, 3700000000000 };
	const struct quant_interval_u64 i = { mg_per_kwh, mg_per_kwh * 9 / 10,
					      mg_per_kwh * 11 / 10 };
	struct quant_common common;

	quant_common_from(&i, 0, false, &common);
	quant_total_add(t, &energy, mg_per_kwh * 1000, &common, zone);
}

Test(total, intensity_of_one_zone_is_its_own)
{
	struct quant_total t = { 0 };
	struct quant_zone zone[3] = { { 0 } };
	struct quant_interval_u64 i;

	add(&t, &zone[1], 400000);
	add(&t, &zone[1], 400000);
	cr_assert(quant_total_intensity(&t, zone, 3, &i) == 0);
	cr_assert(i.value == 400000, "%lu", (unsigned long)i.value);
	cr_assert(i.low >= 359999 && i.low <= 360001 && i.high >= 439999 && i.high <= 440001);
}

Test(total, zones_err_independently)
{
	struct quant_total t = { 0 };
	struct quant_zone zone[2] = { { 0 } };
	struct quant_interval_u64 i;

	add(&t, &zone[0], 200000);
	add(&t, &zone[1], 600000);
	cr_assert(quant_total_intensity(&t, zone, 2, &i) == 0);
	cr_assert(i.value == 400000);
	/* √(20² + 60²)/2 = 31.6 g, not 40. */
	cr_assert(i.low > 363000 && i.low < 375000, "%lu", (unsigned long)i.low);
	cr_assert(i.high > 425000 && i.high < 437000, "%lu", (unsigned long)i.high);
}

Test(total, without_carbon_there_is_none)
{
	struct quant_total t = { .energy_uj = 5 };
	struct quant_zone zone = { 0 };
	struct quant_interval_u64 i = { 7, 7, 7 };

	cr_assert(quant_total_intensity(&t, &zone, 1, &i) == -ENODATA && i.value == 7);
}
