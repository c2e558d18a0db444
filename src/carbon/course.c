/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* course.c - see course.h. */
#include "carbon/course.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "carbon/budget.h"

static int check(const struct course *c, const struct course_window *w)
{
	uint64_t sum;

	if (w->shares->n_rows != w->usage->n_rows || w->shares->n_factors > SHARES_MAX_FACTORS)
		return -EINVAL;
	if (__builtin_add_overflow(c->host_uj, w->shares->host.energy_uj, &sum) ||
	    __builtin_add_overflow(c->task_ns, w->usage->books.task_ns, &sum))
		return -EOVERFLOW;
	return 0;
}

static void add_energy(struct course *c, const struct course_window *w)
{
	const struct shares_domain *host = &w->shares->host;
	uint64_t mg_per_kwh = w->intensity->mg_per_kwh;
	enum energy_quality q = energy_total_quality(w->energy);

	c->host_uj += host->energy_uj;
	c->idle_uj += host->idle_uj;
	c->attributed_uj += host->attributed_uj;
	c->unattributed_uj += host->unattributed_uj;
	c->host_product += jt_energy_x_intensity(host->energy_uj, mg_per_kwh);
	c->idle_product += jt_energy_x_intensity(host->idle_uj, mg_per_kwh);
	c->host_random_var_uj2 += w->shares->host_random_var_uj2;
	c->idle_static_sd_uj += w->shares->idle_static_sd_uj;
	if (c->n_windows == 0 || q < c->quality)
		c->quality = q;
	if (q == ENERGY_MISSING)
		c->missing_ns += window_length_ns(&w->usage->window);
}

int course_add_window(struct course *c, const struct course_window *w,
		      size_t ret_map[SHARES_MAX_FACTORS])
{
	const struct shares *s = w->shares;
	struct quant_sides sides;
	int err = check(c, w);

	if (!err)
		err = account_sides(w->intensity, &sides);
	if (err)
		return err;
	for (size_t f = 0; f < s->n_factors; f++) {
		size_t at = account_factor(c->factor, &c->n_factors, &s->factor[f]);

		ret_map[f] = at;
		c->host_by_factor_uj[at] += s->host_by_factor_uj[f];
		c->idle_by_factor_uj[at] += s->idle_by_factor_uj[f];
	}
	add_energy(c, w);
	account_grid_add(&c->grid, s->host.energy_uj, w->intensity, &sides);
	c->intensity = *w->intensity;
	c->sides = sides;
	c->task_ns += w->usage->books.task_ns;
	if (c->n_windows == 0)
		c->window = w->usage->window;
	c->window.end_mono_ns = w->usage->window.end_mono_ns;
	c->window.end_real_us = w->usage->window.end_real_us;
	c->n_windows++;
	return 0;
}

void course_add(struct sum *to, const struct sum *window, const struct course_window *w,
		const size_t map[SHARES_MAX_FACTORS])
{
	const struct sample *from = &window->sample;
	double random_var_uj2 = window->random_sd_uj * window->random_sd_uj;
	struct sum mapped = *window;

	memset(mapped.sample.by_factor_uj, 0, sizeof(mapped.sample.by_factor_uj));
	for (size_t f = 0; f < w->shares->n_factors; f++)
		mapped.sample.by_factor_uj[map[f]] += from->by_factor_uj[f];
	mapped.sample.product = jt_energy_x_intensity(from->energy_uj, w->intensity->mg_per_kwh);
	mapped.sample.attribution_sd_uj = window->attribution_sd_uj;
	mapped.sample.random_var_uj2 = 0;
	sum_add(to, &mapped.sample);
	/* Rows of one window err together, windows do not. */
	to->sample.random_var_uj2 += random_var_uj2;
	to->random_sd_uj = sqrt(to->sample.random_var_uj2);
}

void course_finish(const struct course *c, struct account *a)
{
	struct budget_figure f;
	struct tick *t = &a->tick;

	memset(a, 0, sizeof(*a));
	t->window = c->window;
	t->n_windows = c->n_windows;
	t->quality = c->quality;
	t->host = (struct shares_domain){ .energy_uj = c->host_uj,
					  .idle_uj = c->idle_uj,
					  .attributed_uj = c->attributed_uj,
					  .unattributed_uj = c->unattributed_uj };
	t->intensity = c->intensity;
	t->intensity_sides = c->sides;
	t->n_factors = c->n_factors;
	memcpy(t->factor, c->factor, sizeof(t->factor));
	memcpy(t->host_by_factor_uj, c->host_by_factor_uj, sizeof(t->host_by_factor_uj));
	memcpy(t->idle_by_factor_uj, c->idle_by_factor_uj, sizeof(t->idle_by_factor_uj));
	t->host_product = c->host_product;
	t->idle_product = c->idle_product;
	t->host_random_var_uj2 = c->host_random_var_uj2;
	t->idle_static_sd_uj = c->idle_static_sd_uj;
	t->idle_co2e_ug = jt_product_to_ug(c->idle_product);
	account_grid_finish(&c->grid, t);
	budget_host(t, &f);
	budget_interval(t, &f, &t->host_energy, &t->host_co2e);
	budget_idle(t, &f);
	budget_interval(t, &f, &t->idle_energy, &t->idle_co2e);
}

void course_sum_end(struct sum *s, const struct account *a)
{
	s->sample.co2e_ug = jt_product_to_ug(s->sample.product);
	sum_end(s, &a->tick);
}
