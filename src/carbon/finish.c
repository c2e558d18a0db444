/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finish.c - from a tick's exact sums to what it publishes: co2e, intervals, budget. */
#include <string.h>

#include "carbon/account.h"
#include "carbon/budget.h"
#include "quant/temporal.h"

/*
 * Micrograms by cumulative floors: every figure is within 1 µg of its own product, and they add
 * up to the host's exactly. The order is fixed by tally_sort(), so that order of arrival changes
 * nothing. rest: what the floors have left so far.
 */
static uint64_t next_ug(jt_product *rest, jt_product product)
{
	uint64_t ug;

	*rest += product;
	ug = jt_product_to_ug(*rest);
	*rest -= (jt_product)ug * JT_PRODUCT_PER_UG;
	return ug;
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

/* Takes the samples in order, each with its co2e and intervals. */
static void finish_samples(struct account *a, jt_product *rest)
{
	struct tally *t = &a->tally;
	struct budget_tables tables;
	size_t done = 0;

	memset(tables.made, 0, sizeof(tables.made));
	for (size_t i = 0; i < t->n_sorted; i++) {
		struct sample *s = tally_take(t, i);

		s->co2e_ug = next_ug(rest, s->product);
		if (i + 1 == t->n_sorted || i + 1 == done + BUDGET_BLOCK) {
			budget_samples(&a->tick, &t->sorted[done], i + 1 - done, &tables);
			done = i + 1;
		}
	}
}

int account_finish(struct account *a)
{
	struct tick *t = &a->tick;
	struct budget_figure host = { 0 };
	struct budget_figure idle = { 0 };
	jt_product rest = 0;
	int err = tally_sort(&a->tally);

	if (err)
		return err;
	t->sample = a->tally.sorted;
	t->n_samples = a->tally.n_sorted;
	t->uncertainty = quant_method_name(t->montecarlo != NULL);
	finish_intensity(a);
	t->idle_co2e_ug = next_ug(&rest, t->idle_product);
	t->unattributed_co2e_ug = next_ug(&rest, t->unattributed_product);

	budget_host(t, &host);
	budget_interval(t, &host, &t->host_energy, &t->host_co2e);
	t->n_budget = budget_list(t, &host, t->budget);
	budget_idle(t, &idle);
	budget_interval(t, &idle, &t->idle_energy, &t->idle_co2e);
	finish_samples(a, &rest);
	return 0;
}
