/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grid.c - sums of the intensity over windows, and what is common to all figures out of them. */
#include "carbon/account.h"
#include "quant/temporal.h"

int account_sides(const struct intensity *i, struct quant_sides *ret)
{
	if (i->mg_per_kwh == 0 && i->high_mg_per_kwh == 0) {
		*ret = (struct quant_sides){ 0 };
		return 0;
	}
	return quant_sides_from((double)i->low_mg_per_kwh, (double)i->mg_per_kwh,
				(double)i->high_mg_per_kwh, ret);
}

void account_grid_add(struct account_grid *g, uint64_t host_uj, const struct intensity *i,
		      const struct quant_sides *sides)
{
	jt_product host = jt_energy_x_intensity(host_uj, i->mg_per_kwh);

	g->low_product += jt_energy_x_intensity(host_uj, i->low_mg_per_kwh);
	g->high_product += jt_energy_x_intensity(host_uj, i->high_mg_per_kwh);
	g->intensity_minus += (double)host * sides->minus;
	g->intensity_plus += (double)host * sides->plus;
	if (i->is_annual_mean)
		g->annual += host;
}

/* A tick's intensity is the mean of its windows', by the host's energy. */
static void mean_intensity(const struct account_grid *g, struct tick *t)
{
	uint64_t energy_uj = t->host.energy_uj;

	if (energy_uj == 0)
		return;
	t->intensity.mg_per_kwh = (uint64_t)((t->host_product + energy_uj / 2) / energy_uj);
	t->intensity.low_mg_per_kwh = (uint64_t)(g->low_product / energy_uj);
	t->intensity.high_mg_per_kwh = (uint64_t)((g->high_product + energy_uj - 1) / energy_uj);
}

void account_grid_finish(const struct account_grid *g, struct tick *t)
{
	double annual_part = t->intensity.is_annual_mean ? 1 : 0;

	mean_intensity(g, t);
	if (t->host_product > 0) {
		t->intensity_sides.minus = g->intensity_minus / (double)t->host_product;
		t->intensity_sides.plus = g->intensity_plus / (double)t->host_product;
		annual_part = (double)g->annual / (double)t->host_product;
	}
	t->temporal_sd = annual_part * quant_temporal_sd(window_length_ns(&t->window));
}
