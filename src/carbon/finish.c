/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finish.c - from a tick's exact sums to what it publishes: co2e, intervals, budget. */
#include <string.h>

#include "carbon/account.h"
#include "carbon/budget.h"
#include "quant/temporal.h"

/*
 * Micrograms by cumulative floors: every figure is within 1 µg of its own product, and they add
 * up to the host's exactly. The order is fixed by tally_sort(), so that order of arrival changes
 * nothing.
 */
static uint64_t next_ug(jt_product *passed, jt_product product)
{
	uint64_t before = jt_product_to_ug(*passed);

	*passed += product;
	return jt_product_to_ug(*passed) - before;
}

static void round_co2e(struct account *a)
{
	struct tick *t = &a->tick;
	jt_product passed = 0;

	t->idle_co2e_ug = next_ug(&passed, t->idle_product);
	t->unattributed_co2e_ug = next_ug(&passed, t->unattributed_product);
	for (size_t i = 0; i < a->tally.n; i++)
		a->tally.sample[i].co2e_ug = next_ug(&passed, a->tally.sample[i].product);
}

/* A tick's intensity is the mean of its windows', by the host's energy. */
static void mean_intensity(struct account *a)
{
	struct tick *t = &a->tick;
	uint64_t energy_uj = t->host.energy_uj;

	if (energy_uj == 0)
		return;
	t->intensity.mg_per_kwh = (uint64_t)((t->host_product + energy_uj / 2) / energy_uj);
	t->intensity.low_mg_per_kwh = (uint64_t)(a->low_product / energy_uj);
	t->intensity.high_mg_per_kwh = (uint64_t)((a->high_product + energy_uj - 1) / energy_uj);
}

/* What is common to all figures of the tick, out of the weighted sums. */
static void finish_intensity(struct account *a)
{
	struct tick *t = &a->tick;
	double annual_part = t->intensity.is_annual_mean ? 1 : 0;

	mean_intensity(a);
	if (t->host_product > 0) {
		t->intensity_sides.minus = a->intensity_minus / (double)t->host_product;
		t->intensity_sides.plus = a->intensity_plus / (double)t->host_product;
		annual_part = (double)a->annual / (double)t->host_product;
	}
	t->temporal_sd = annual_part * quant_temporal_sd(window_length_ns(&t->window));
}

void account_finish(struct account *a)
{
	struct tick *t = &a->tick;
	struct budget_figure host = { 0 };
	struct budget_figure idle = { 0 };
	struct budget_tables tables;

	tally_sort(&a->tally);
	t->sample = a->tally.sample;
	t->n_samples = a->tally.n;
	t->uncertainty = quant_method_name(t->montecarlo != NULL);
	memset(tables.made, 0, sizeof(tables.made));
	finish_intensity(a);
	round_co2e(a);

	budget_host(t, &host);
	budget_interval(t, &host, NULL, &t->host_energy, &t->host_co2e);
	t->n_budget = budget_list(t, &host, t->budget);
	budget_idle(t, &idle);
	budget_interval(t, &idle, NULL, &t->idle_energy, &t->idle_co2e);
	for (size_t i = 0; i < t->n_samples; i++) {
		struct sample *s = &t->sample[i];
		struct budget_figure f;

		budget_sample(s, &f);
		budget_interval(t, &f, &tables, &s->energy, &s->co2e);
	}
}
