/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* integral.c - is power summed over all of the time, and doubt never taken for energy? */
#include "power/integral.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <criterion/criterion.h>

#include "unit/random.h"

#define MS UINT64_C(1000000)
#define W  UINT64_C(1000000)

static struct energy e;
static struct window w;

static struct power_sample at(uint64_t uw, uint64_t ms)
{
	return (struct power_sample){ .uw = uw, .mono_ns = ms * MS };
}

static struct integral started(uint64_t uw)
{
	struct power_sample s = at(uw, 0);
	struct integral g;

	memset(&e, 0, sizeof(e));
	e.n_domains = 1;
	integral_start(&g, 0, 1000 * W, 500 * MS, &s);
	return g;
}

static void take(struct integral *g, uint64_t uw, uint64_t ms)
{
	struct power_sample s = at(uw, ms);

	integral_sample(g, &s);
}

static const char *end(struct integral *g)
{
	e.n_gaps = 0;
	integral_end(g, &w, &e);
	return e.n_gaps ? e.gap[0].reason : "";
}

Test(integral, trapezoids)
{
	struct integral g = started(100 * W);

	take(&g, 100 * W, 500);
	take(&g, 300 * W, 600);
	take(&g, 300 * W, 1000);
	cr_expect_str_eq(end(&g), "");
	cr_expect_eq(e.reading[0].energy_uj, 50 * W + 20 * W + 120 * W);
	cr_expect_eq(e.reading[0].quality, ENERGY_MEASURED);
	/* 200 W may have come anywhere in 100 ms: 20 J over sqrt(12). */
	cr_expect(fabs(e.reading[0].random_sd_uj - 20e6 / sqrt(12)) < 1);
	/* The next window begins anew, and with the last sample. */
	take(&g, 300 * W, 1100);
	cr_expect_str_eq(end(&g), "");
	cr_expect_eq(e.reading[0].energy_uj, 30 * W);
	cr_expect_eq(e.reading[0].random_sd_uj, 0);
}

Test(integral, what_is_not_known_is_a_gap)
{
	static const struct {
		int err;
		uint64_t uw;
		const char *reason;
	} cases[] = {
		{ -EIO, 0, "unreadable" },    { -ENODATA, 0, "unreadable" },
		{ -ENODEV, 0, "vanished" },   { -EINVAL, 0, "rubbish" },
		{ -EACCES, 0, "forbidden" },  { 0, 1001 * W, "rubbish" },
		{ 0, UINT64_MAX, "rubbish" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct integral g = started(100 * W);
		struct power_sample s = at(cases[i].uw, 100);

		s.err = cases[i].err;
		integral_sample(&g, &s);
		take(&g, 100 * W, 200);
		cr_expect_str_eq(end(&g), cases[i].reason);
		cr_expect_eq(e.reading[0].quality, ENERGY_MISSING);
		cr_expect_eq(e.reading[0].energy_uj, 0);
		take(&g, 100 * W, 300);
		cr_expect_str_eq(end(&g), "");
		cr_expect_eq(e.reading[0].energy_uj, 10 * W);
	}
}

Test(integral, late_and_asleep)
{
	struct integral g = started(100 * W);
	struct power_sample s = at(100 * W, 800);

	take(&g, 100 * W, 501);
	cr_expect_str_eq(end(&g), "pause");
	s.suspended_ns = 60000 * MS;
	integral_sample(&g, &s);
	cr_expect_str_eq(end(&g), "suspend");
	/* The clock cannot go back; if it did, it is no time. */
	s.mono_ns = 0;
	integral_sample(&g, &s);
	cr_expect_str_eq(end(&g), "");
	cr_expect_eq(e.reading[0].energy_uj, 0);
}

Test(integral, no_microjoule_is_lost_over_windows)
{
	struct random_source r = { .seed = 7 };
	struct integral g = started(33333333);
	jt_product truth = 0;
	uint64_t ns = 0, uw = 33333333, sum = 0;

	for (int i = 0; i < 10000; i++) {
		uint64_t step = 1 + random_below(&r, 500 * MS), next = random_below(&r, 999 * W);
		struct power_sample s = { .uw = next, .mono_ns = ns += step };

		truth += ((jt_product)uw + next) * step / 2;
		uw = next;
		integral_sample(&g, &s);
		if (i % 3 == 0) {
			cr_assert_str_eq(end(&g), "");
			sum += e.reading[0].energy_uj;
		}
	}
	cr_expect_eq(sum, (uint64_t)(truth / 1000000000u));
}
