/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.c - where the uncertainty of one figure of a tick comes from, and its interval. */
#include "carbon/budget.h"

#include <math.h>

/* The factors, the attribution, the counters, the intensity and its moment must all fit. */
_Static_assert(RECORD_MAX_BUDGET >= SHARES_MAX_FACTORS + 4, "one row per source");

#define MG_UJ_PER_UG 3.6e9 /* jt_product_to_ug() */

void budget_host(const struct tick *t, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = t->host.energy_uj,
		.co2e_ug = jt_product_to_ug(t->host_product),
		.product = t->host_product,
		.by_factor_uj = t->host_by_factor_uj,
		.random_var_uj2 = t->host_random_var_uj2,
	};
}

void budget_idle(const struct tick *t, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = t->host.idle_uj,
		.co2e_ug = t->idle_co2e_ug,
		.product = t->idle_product,
		.by_factor_uj = t->idle_by_factor_uj,
		.attribution_sd_uj = fabs(t->idle_static_sd_uj),
	};
}

/*
 * How far the split could be another one: published errors of weights; between this window's own
 * models anything is as likely (rectangular: JCGM 100, 4.3.7); the level of static power.
 */
static double attribution_sd_uj(const struct sample *s)
{
	double var_uj2 =
		s->attribution_sd_uj * s->attribution_sd_uj + s->static_sd_uj * s->static_sd_uj;

	for (size_t i = 0; i < SHARES_N_MODELS; i++)
		var_uj2 += (double)s->model_uj[i] * (double)s->model_uj[i] / 3;
	return sqrt(var_uj2);
}

void budget_sample(const struct sample *s, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = s->energy_uj,
		.co2e_ug = s->co2e_ug,
		.product = s->product,
		.by_factor_uj = s->by_factor_uj,
		.attribution_sd_uj = attribution_sd_uj(s),
		.random_var_uj2 = s->random_var_uj2,
	};
}

static struct quant_spread energy_spread(const struct tick *t, const struct budget_figure *f)
{
	struct quant_spread s = { 0 };
	double energy = (double)f->energy_uj;

	for (size_t i = 0; i < t->n_factors; i++)
		quant_spread_add_factor(&s, (double)f->by_factor_uj[i] / energy,
					&t->factor[i].sides);
	quant_spread_add_sd(&s, f->attribution_sd_uj / energy);
	quant_spread_add_cv(&s, sqrt(f->random_var_uj2) / energy);
	return s;
}

/* No energy to be relative to: what the counters and the rounding may have missed. */
static struct quant_interval no_energy(const struct budget_figure *f)
{
	return (struct quant_interval){ .high = QUANT_Z95 * sqrt(f->random_var_uj2) };
}

void budget_interval(const struct tick *t, const struct budget_figure *f,
		     struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e)
{
	struct quant_spread s = { 0 };
	struct quant_interval energy;
	struct quant_interval co2e;

	if (f->energy_uj > 0) {
		s = energy_spread(t, f);
		energy = quant_spread_interval(&s, (double)f->energy_uj);
	} else {
		energy = no_energy(f);
	}

	quant_spread_add_factor(&s, 1, &t->intensity_sides);
	quant_spread_add_sd(&s, t->temporal_sd);
	if (f->energy_uj > 0) {
		co2e = quant_spread_interval(&s, (double)f->product / MG_UJ_PER_UG);
	} else {
		double most = energy.high * (double)t->intensity.mg_per_kwh / MG_UJ_PER_UG;

		co2e = quant_spread_interval(&s, most);
		co2e.low = 0;
	}
	*ret_energy = quant_interval_round(&energy, f->energy_uj);
	*ret_co2e = quant_interval_round(&co2e, f->co2e_ug);
}

static size_t add_source(struct record_budget *list, size_t n, const char *source, const char *kind,
			 double sd)
{
	double ppm = sd * (double)JT_PPM_PER_1;

	if (!(ppm != 0)) /* a NaN is kept, at the top */
		return n;
	list[n] = (struct record_budget){
		.source = source,
		.kind = kind,
		.sd_ppm = ppm < 1e15 ? (uint64_t)llround(ppm) : (uint64_t)1e15,
	};
	return n + 1;
}

static double mean_side(const struct quant_sides *s)
{
	return (s->minus + s->plus) / 2;
}

size_t budget_list(const struct tick *t, const struct budget_figure *f, struct record_budget *ret)
{
	double energy = (double)f->energy_uj;
	size_t n = 0;

	if (f->energy_uj > 0) {
		for (size_t i = 0; i < t->n_factors; i++)
			n = add_source(ret, n, t->factor[i].name, "systematic",
				       (double)f->by_factor_uj[i] / energy *
					       mean_side(&t->factor[i].sides));
		n = add_source(ret, n, "attribution", "systematic", f->attribution_sd_uj / energy);
		n = add_source(ret, n, "counter", "random", sqrt(f->random_var_uj2) / energy);
	}
	n = add_source(ret, n, "intensity", "systematic", mean_side(&t->intensity_sides));
	return add_source(ret, n, "annual_mean", "temporal", t->temporal_sd);
}
