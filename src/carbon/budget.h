/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.h - where the uncertainty of one figure of a tick comes from, and its interval. */
#ifndef CARBON_BUDGET_H
#define CARBON_BUDGET_H

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

/* 95 % intervals of its energy and co2e, with the tick's intensity and duration. */
void budget_interval(const struct tick *t, const struct budget_figure *f,
		     struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e);

/* Sources of its co2e with their size, those of no effect left out; at most RECORD_MAX_BUDGET. */
size_t budget_list(const struct tick *t, const struct budget_figure *f, struct record_budget *ret);

#endif /* CARBON_BUDGET_H */
