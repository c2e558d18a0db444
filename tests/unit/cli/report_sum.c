/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_sum.c - are records' uncertainties combined as docs/method.md says? */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "quant/temporal.h"
#include "cli/report.h"

#define E UINT64_C(1000000000)

static struct report *begin(void)
{
	struct report *r;

	cr_assert(report_new(REPORT_HOST, INT64_MIN, INT64_MAX, &r) == 0);
	r->n_zones = 1;
	return r;
}

/* An interval with that sd in ln space on both sides. */
static struct quant_interval_u64 with_sd(uint64_t value, double sd)
{
	return (struct quant_interval_u64){
		value,
		(uint64_t)((double)value * exp(-QUANT_Z95 * sd)),
		(uint64_t)((double)value * exp(QUANT_Z95 * sd)),
	};
}

/* What a counter's noise alone gives. */
static struct quant_interval_u64 with_noise(uint64_t value, double sd)
{
	uint64_t reach = (uint64_t)((double)value * QUANT_Z95 * sd);

	return (struct quant_interval_u64){ value, value - reach, value + reach };
}

/* The sds of a sum's intervals, upper sides. */
static void sds(const struct report *r, const struct report_sum *s, double *ret_energy,
		double *ret_co2e)
{
	struct quant_interval_u64 energy, co2e;

	report_intervals(r, s, &energy, &co2e);
	cr_assert(energy.value == s->total.energy_uj && co2e.value == s->total.co2e_ug);
	*ret_energy = log((double)energy.high / (double)energy.value) / QUANT_Z95;
	*ret_co2e = log((double)co2e.high / (double)co2e.value) / QUANT_Z95;
}

#define near(a, b) cr_assert(fabs((a) - (b)) < 1e-4, "%f, not %f", a, b)

Test(report_sum, one_record_keeps_its_interval)
{
	struct report *r = begin();
	struct quant_interval_u64 e = with_sd(E, 0.1);
	struct report_sum s = { .total.time_ns = 10000000000 };
	double energy, co2e;

	r->tick_common.random = 0.06;
	r->tick_common.intensity = (struct quant_sides){ 0.2, 0.3 };
	r->tick_common.annual = true;
	report_sum_add(r, &s, &e, E);
	sds(r, &s, &energy, &co2e);
	near(energy, 0.1);
	/* Sides that differ do not simply add as squares; the lower one is by itself. */
	cr_expect(fabs(co2e / sqrt(0.1 * 0.1 + 0.3 * 0.3 + pow(quant_temporal_sd(10000000000), 2)) -
		       1) < 5e-3);
	report_free(r);
}

/* A hundred records: what is systematic stays, what is random falls to a tenth. */
Test(report_sum, systematic_adds_linearly_random_in_quadrature)
{
	struct report *r = begin();
	struct quant_interval_u64 e = with_sd(E, 0.1);
	struct report_sum systematic = { 0 }, random = { 0 };
	double energy, co2e;

	r->tick_common.intensity = (struct quant_sides){ 0.2, 0.3 };
	for (int i = 0; i < 100; i++)
		report_sum_add(r, &systematic, &e, E);
	sds(r, &systematic, &energy, &co2e);
	near(energy, 0.1);
	near(co2e, hypot(0.1, 0.3));
	r->tick_common.random = 0.1;
	e = with_noise(E, 0.1);
	for (int i = 0; i < 100; i++)
		report_sum_add(r, &random, &e, E);
	sds(r, &random, &energy, &co2e);
	near(energy, log1p(QUANT_Z95 * 0.01) / QUANT_Z95);
	cr_expect(fabs(co2e - hypot(0.01, 0.3)) < 1e-3, "%f", co2e);
	report_free(r);
}

/* One zone is one draw; two of the same size are two. */
Test(report_sum, zones_are_independent_of_each_other)
{
	struct report *r = begin();
	struct quant_interval_u64 e = with_sd(E, 0);
	struct report_sum one = { 0 }, two = { 0 };
	double energy, co2e;

	r->n_zones = 2;
	r->tick_common.intensity = (struct quant_sides){ 0.3, 0.3 };
	for (size_t i = 0; i < 2; i++) {
		r->tick_zone = 0;
		report_sum_add(r, &one, &e, E);
		r->tick_zone = i;
		report_sum_add(r, &two, &e, E);
	}
	sds(r, &one, &energy, &co2e);
	near(co2e, 0.3);
	sds(r, &two, &energy, &co2e);
	/* The mean of two medians is not the median of the mean: both ends are a little higher. */
	cr_expect(co2e > 0.3 / sqrt(2) && co2e < 0.235, "%f", co2e);
	report_free(r);
}

/* Order and splitting change nothing of what is systematic. */
Test(report_sum, splitting_changes_nothing)
{
	struct report *r = begin();
	struct quant_interval_u64 whole = with_sd(10 * E, 0.2), part = with_sd(E, 0.2);
	struct report_sum a = { 0 }, b = { 0 };
	double ea, ca, eb, cb;

	r->tick_common.intensity = (struct quant_sides){ 0.1, 0.5 };
	report_sum_add(r, &a, &whole, 10 * E);
	for (int i = 0; i < 10; i++)
		report_sum_add(r, &b, &part, E);
	sds(r, &a, &ea, &ca);
	sds(r, &b, &eb, &cb);
	near(ea, eb);
	near(ca, cb);
	report_free(r);
}

/* Figures of nothing, and with a low end that was rounded away. */
Test(report_sum, zeros_have_an_upper_end)
{
	struct report *r = begin();
	struct quant_interval_u64 none = { 0, 0, 50 }, tiny = { 1, 0, 3 }, energy, co2e;
	struct report_sum s = { 0 };

	report_intervals(r, &s, &energy, &co2e);
	cr_assert(energy.high == 0 && co2e.high == 0);
	report_sum_add(r, &s, &none, 0);
	report_sum_add(r, &s, &none, 0);
	report_intervals(r, &s, &energy, &co2e);
	cr_assert(energy.value == 0 && energy.high >= 70 && energy.high <= 72, "%lu",
		  (unsigned long)energy.high);
	report_sum_add(r, &s, &tiny, 0);
	report_intervals(r, &s, &energy, &co2e);
	cr_assert(energy.low <= 1 && energy.value == 1 && energy.high > 3);
	report_free(r);
}

Test(report_sum, groups_beyond_the_bound_share_one_row)
{
	struct report *r = begin();
	struct report_group *g;
	char key[32];

	for (int i = 0; i < REPORT_MAX_GROUPS + 500; i++) {
		snprintf(key, sizeof(key), "%d", i);
		g = report_group(r, key);
		cr_assert(g);
		g->sum.total.energy_uj++;
	}
	cr_assert(r->n_groups == REPORT_MAX_GROUPS && r->n_beyond == 501);
	g = report_group(r, "(others)");
	cr_assert(g->sum.total.energy_uj == 501);
	cr_assert(report_group(r, "77")->sum.total.energy_uj == 1);
	report_free(r);
}
