/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.h - where the uncertainty of one figure of a tick comes from, and its interval. */
#ifndef CARBON_BUDGET_H
#define CARBON_BUDGET_H

#include <stdbool.h>

#include "quant/value.h"
#include "types/record.h"

/* One figure - host, idle, a consumer, several consumers - and what hangs on what. */
struct budget_figure {
	uint64_t energy_uj;
	uint64_t co2e_ug;
	jt_product product;
	const uint64_t *by_factor_uj; /* [SHARES_MAX_FACTORS] */
	double attribution_sd_uj;     /* 0 for what does not depend on the split */
	double random_var_uj2;
};

void budget_host(const struct tick *t, struct budget_figure *ret);
void budget_idle(const struct tick *t, struct budget_figure *ret);
void budget_sample(const struct sample *s, struct budget_figure *ret);

/*
 * How far the split could be another one, 1 σ in µJ: published errors of weights, which are
 * attribution_sd_uj; between the windows' own models; the level of static power.
 */
double budget_split_sd_uj(const struct sample *s, double attribution_sd_uj);

/* The figure's energy (µJ) and co2e (µg), with the tick's intensity and duration. */
void budget_values(const struct tick *t, const struct budget_figure *f,
		   struct quant_value *ret_energy, struct quant_value *ret_co2e);

/*
 * Closed forms that many figures of one tick have in common, made when the first of them asks:
 * those of which all hangs on one factor, and those that hang on several as the first such figure
 * does, to a share of BUDGET_ALIKE. Zero-initialise made for each tick.
 */
#define BUDGET_N_TABLES (SHARES_MAX_FACTORS + 1)
#define BUDGET_ALIKE	0.002

struct budget_tables {
	bool made[BUDGET_N_TABLES];
	double share[SHARES_MAX_FACTORS]; /* of the last table's figure */
	struct quant_table energy[BUDGET_N_TABLES];
	struct quant_table co2e[BUDGET_N_TABLES];
};

/*
 * 95 % intervals of the figure's energy and co2e: by Monte Carlo where the tick has one and the
 * figure is no crumb (quant_is_simulated()), else in closed form.
 */
void budget_interval(const struct tick *t, const struct budget_figure *f,
		     struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e);

/*
 * The same into n <= BUDGET_BLOCK samples of t, by the tables where these know them: to their
 * accuracy, in a fraction of the time.
 */
#define BUDGET_BLOCK 16
void budget_samples(const struct tick *t, struct sample *s, size_t n, struct budget_tables *tables);

/* Sources of its co2e, largest first, those of no effect left out; at most RECORD_MAX_BUDGET. */
size_t budget_list(const struct tick *t, const struct budget_figure *f, struct record_budget *ret);

#endif /* CARBON_BUDGET_H */
