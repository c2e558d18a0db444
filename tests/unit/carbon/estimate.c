/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate.c - is energy measured elsewhere turned into carbon right? */
#include "carbon/estimate.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "jouletrail/units.h"
#include "unit/random.h"

#define HOUR_NS (3600 * JT_NS_PER_S)

static struct estimate_input plain(uint64_t energy_uj, uint64_t mg)
{
	return (struct estimate_input){
		.energy_uj = { energy_uj, energy_uj, energy_uj },
		.duration_ns = HOUR_NS,
		.intensity = { .mg_per_kwh = mg, .low_mg_per_kwh = mg, .high_mg_per_kwh = mg },
		.pue = { .pue_ppm = 1000000, .low_ppm = 1000000, .high_ppm = 1000000 },
		.share = 1,
	};
}

Test(estimate, a_kilowatt_hour_at_one_gram)
{
	struct estimate_input in = plain(JT_UJ_PER_KWH, 1000);
	struct estimate e;

	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_eq(e.total_ug.value, 1000000);
	cr_expect_eq(e.operational_ug.value, 1000000);
	cr_expect_eq(e.total_ug.low, 1000000, "nothing is uncertain");
	cr_expect_eq(e.total_ug.high, 1000000);
	cr_expect_eq(e.embodied_ug.value, 0);
	in.pue = (struct site_pue){ .pue_ppm = 1500000, .low_ppm = 1500000, .high_ppm = 1500000 };
	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_eq(e.energy_uj.value, JT_UJ_PER_KWH * 3 / 2);
	cr_expect_eq(e.total_ug.value, 1500000);
}

Test(estimate, ends_of_one_factor_are_its_own)
{
	struct estimate_input in = plain(JT_UJ_PER_KWH, 44200);
	struct estimate e;

	in.intensity.low_mg_per_kwh = 22200;
	in.intensity.high_mg_per_kwh = 115700;
	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_float_eq((double)e.total_ug.low, 22200000, 2);
	cr_expect_float_eq((double)e.total_ug.high, 115700000, 2);
	in.intensity.is_annual_mean = true;
	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_lt(e.total_ug.low, 20000000, "a moment is further off than a year");
	in.duration_ns = 8784 * HOUR_NS;
	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_float_eq((double)e.total_ug.low, 22200000, 2, "a year is a year");
}

Test(estimate, embodied_by_time_and_share)
{
	struct site_embodied server;
	struct estimate_input in = plain(0, 0);
	struct estimate e;

	cr_assert_eq(site_embodied_lookup("server", &server), 0);
	cr_expect_eq(server.g, 1215000);
	in.embodied = &server;
	in.share = 0.25;
	cr_assert_eq(estimate_run(&in, &e), 0);
	/* 1215 kg / 4 years / 8765.82 h x a quarter. */
	cr_expect_float_eq((double)e.embodied_ug.value, 1215e9 / 4 / 8765.82 / 4, 1000);
	cr_expect_eq(e.total_ug.value, e.embodied_ug.value);
	cr_expect_lt(e.embodied_ug.low, e.embodied_ug.value / 2);
	in.duration_ns = 0;
	cr_expect_eq(estimate_run(&in, &e), -EINVAL);
}

Test(estimate, what_is_no_figure_is_refused)
{
	struct estimate_input in = plain(1000000, 1000);
	struct estimate e;

	in.energy_uj.low = 2000000;
	cr_expect_eq(estimate_run(&in, &e), -EINVAL);
	in = plain(1000000, 1000);
	in.pue.low_ppm = 900000;
	cr_expect_eq(estimate_run(&in, &e), -EINVAL);
	in = plain(1000000, 1000);
	in.share = NAN;
	cr_expect_eq(estimate_run(&in, &e), -EINVAL);
	in = plain(UINT64_C(9200000000000000000), 10000000);
	in.pue = (struct site_pue){ .pue_ppm = 3000000, .low_ppm = 3000000, .high_ppm = 3000000 };
	cr_expect_eq(estimate_run(&in, &e), -EOVERFLOW);
	in = plain(0, 0);
	cr_assert_eq(estimate_run(&in, &e), 0);
	cr_expect_eq(e.total_ug.high, 0);
}

Test(estimate, sites)
{
	struct site_embodied host;
	struct site_pue p;

	cr_assert_eq(site_pue_lookup("AWS:af-south-1", &p), 0);
	cr_expect_eq(p.pue_ppm, 1240000);
	cr_assert_eq(site_pue_lookup("aws:not-there-1", &p), 0, "its provider's");
	cr_expect_str_eq(p.site, "aws");
	cr_assert_eq(site_pue_lookup("on-prem", &p), 0);
	cr_expect_eq(site_pue_lookup("moon:base-1", &p), -ENOENT);
	cr_expect_eq(site_pue_lookup("", &p), -ENOENT);
	cr_assert_eq(site_embodied_lookup("aws:c5.large", &host), 0);
	cr_expect_eq(host.g, 1344300);
	cr_expect_eq(site_embodied_lookup("aws:c99.large", &host), -ENOENT);
}

static void expect_near(const struct quant_interval_u64 *a, const struct quant_interval_u64 *b,
			double part, const char *what)
{
	cr_expect_float_eq((double)a->value, (double)b->value, (double)b->value * 1e-9 + 1,
			   "%s: value %lu, not %lu", what, a->value, b->value);
	cr_expect_float_eq((double)a->low, (double)b->low, (double)b->low * part + 2,
			   "%s: low %lu, not %lu", what, a->low, b->low);
	cr_expect_float_eq((double)a->high, (double)b->high, (double)b->high * part + 2,
			   "%s: high %lu, not %lu", what, a->high, b->high);
}

/* The same energy, once with its intensity and once with the carbon that came of it. */
Test(estimate, measured_energy_is_estimated_as_any_other)
{
	struct random_source r = { .seed = 5 };
	struct site_embodied server;

	cr_assert_eq(site_embodied_lookup("server", &server), 0);
	for (int i = 0; i < 500; i++) {
		struct estimate_input in = plain(1000000 + random_u64(&r) % JT_UJ_PER_KWH, 0);
		struct estimate bare, want, got;
		uint64_t mg = 10000 + random_u64(&r) % 900000;

		in.energy_uj.low = in.energy_uj.value * (500 + random_u64(&r) % 500) / 1000;
		in.energy_uj.high = in.energy_uj.value * (1000 + random_u64(&r) % 1500) / 1000;
		in.intensity.mg_per_kwh = mg;
		in.intensity.low_mg_per_kwh = mg * (300 + random_u64(&r) % 700) / 1000;
		in.intensity.high_mg_per_kwh = mg * (1000 + random_u64(&r) % 2000) / 1000;
		in.intensity.is_annual_mean = i % 2;
		cr_assert_eq(estimate_run(&in, &bare), 0);
		in.pue = (struct site_pue){ .pue_ppm = 1200000 + random_u64(&r) % 400000,
					    .low_ppm = 1000000 + random_u64(&r) % 200000,
					    .high_ppm = 1600000 + random_u64(&r) % 400000 };
		in.embodied = i % 3 ? &server : NULL;
		in.share = (double)(random_u64(&r) % 1000) / 1000;
		cr_assert_eq(estimate_run(&in, &want), 0);
		cr_assert_eq(estimate_measured(&in, &bare.operational_ug, &got), 0);
		expect_near(&got.energy_uj, &want.energy_uj, 1e-9, "energy");
		/* An interval tells less than the factors that it came of. */
		expect_near(&got.operational_ug, &want.operational_ug, 0.1, "operational");
		expect_near(&got.embodied_ug, &want.embodied_ug, 1e-9, "embodied");
		expect_near(&got.total_ug, &want.total_ug, 0.1, "total");
	}
}

Test(estimate, measured_figures_at_their_edges)
{
	struct quant_interval_u64 co2e = { 0, 0, 7 };
	struct estimate_input in = plain(0, 0);
	struct estimate e;

	in.pue = (struct site_pue){ .pue_ppm = 1200000, .low_ppm = 1100000, .high_ppm = 1500000 };
	in.energy_uj.high = 100;
	cr_assert_eq(estimate_measured(&in, &co2e, &e), 0, "nothing was seen");
	cr_expect_eq(e.energy_uj.value, 0);
	cr_expect_eq(e.energy_uj.high, 150, "what was missed is stretched");
	cr_expect_eq(e.operational_ug.high, 11);
	cr_expect_eq(e.total_ug.high, 11);

	/* An end that was rounded to 0 is no certainty. */
	in.energy_uj = (struct quant_interval_u64){ 1000, 0, 2000 };
	co2e = (struct quant_interval_u64){ 10, 0, 20 };
	cr_assert_eq(estimate_measured(&in, &co2e, &e), 0);
	cr_expect_eq(e.operational_ug.value, 12);
	cr_expect_geq(e.operational_ug.high, 24);
	cr_expect_leq(e.operational_ug.low, 6);

	co2e = (struct quant_interval_u64){ 10, 11, 20 };
	cr_expect_eq(estimate_measured(&in, &co2e, &e), -EINVAL);
	co2e = (struct quant_interval_u64){ 10, 10, 10 };
	in.pue.low_ppm = 900000;
	cr_expect_eq(estimate_measured(&in, &co2e, &e), -EINVAL);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double draw(struct random_source *r, double low, double mid, double high)
{
	double u = random_normal(r);

	return mid * exp(u * (u < 0 ? log(mid / low) : log(high / mid)) / QUANT_Z95);
}

/* The closed form against draws of the same factors: PUE - 1 enters as what it is, a sum. */
Test(estimate, the_closed_form_is_near_to_monte_carlo)
{
	enum { N = 40000 };
	double *value = malloc(N * sizeof(*value));
	struct random_source r = { .seed = 11 };
	struct estimate_input in = plain(JT_UJ_PER_KWH, 342100);
	struct site_embodied server;
	struct estimate e;

	cr_assert_eq(site_embodied_lookup("server", &server), 0);
	in.energy_uj.low = JT_UJ_PER_KWH * 95 / 100;
	in.energy_uj.high = JT_UJ_PER_KWH * 105 / 100;
	in.intensity.low_mg_per_kwh = 229100;
	in.intensity.high_mg_per_kwh = 515000;
	in.pue = (struct site_pue){ .pue_ppm = 1185000, .low_ppm = 1070000, .high_ppm = 1460000 };
	in.embodied = &server;
	cr_assert_eq(estimate_run(&in, &e), 0);
	for (int i = 0; i < N; i++) {
		double kwh = draw(&r, 0.95, 1, 1.05);
		double pue = 1 + draw(&r, 0.07, 0.185, 0.46);
		double years = 4 * exp(0.1439 * random_normal(&r));

		value[i] = kwh * pue * draw(&r, 229.1e6, 342.1e6, 515e6) +
			   draw(&r, 497e9, 1215e9, 2395e9) / (years * 8765.82);
	}
	qsort(value, N, sizeof(*value), compare);
	cr_expect_float_eq((double)e.total_ug.value / value[N / 2], 1, 0.02, "median %g",
			   value[N / 2]);
	cr_expect_float_eq((double)e.total_ug.low / value[N / 40], 1, 0.04, "2.5 %%: %g",
			   value[N / 40]);
	cr_expect_float_eq((double)e.total_ug.high / value[N - N / 40], 1, 0.04, "97.5 %%: %g",
			   value[N - N / 40]);
	free(value);
}
