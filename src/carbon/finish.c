/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finish.c - from a tick's exact sums to what it publishes: co2e, intervals, budget. */
#include <string.h>

#include "carbon/account.h"
#include "carbon/budget.h"

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
	account_grid_finish(&a->grid, t);
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
