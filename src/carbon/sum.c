/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sum.c - see sum.h. */
#include "carbon/sum.h"

#include <math.h>

#include "carbon/budget.h"

void sum_begin(struct sum *s, enum record_kind kind)
{
	*s = (struct sum){ .sample = { .kind = kind, .quality = ENERGY_MEASURED } };
}

void sum_add(struct sum *s, const struct sample *one)
{
	struct sample *to = &s->sample;

	s->n++;
	to->flags = sample_flags(to, one->flags);
	to->cpu_ns += one->cpu_ns;
	to->energy_uj += one->energy_uj;
	to->co2e_ug += one->co2e_ug;
	to->product += one->product;
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		to->by_factor_uj[f] += one->by_factor_uj[f];
	to->spread_uj += one->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		to->model_uj[m] += one->model_uj[m];
	to->static_sd_uj += one->static_sd_uj;
	if (one->quality < to->quality)
		to->quality = one->quality;
	s->attribution_sd_uj += one->attribution_sd_uj;
	s->random_sd_uj += sqrt(one->random_var_uj2);
}

void sum_add_row(struct sum *s, const struct shares_row *row, uint64_t cpu_ns)
{
	struct sample *to = &s->sample;

	s->n++;
	to->cpu_ns += cpu_ns;
	to->energy_uj += row->energy_uj;
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		to->by_factor_uj[f] += row->by_factor_uj[f];
	to->spread_uj += row->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		to->model_uj[m] += row->model_uj[m];
	to->static_sd_uj += row->static_sd_uj;
	if (row->quality < to->quality)
		to->quality = row->quality;
	s->attribution_sd_uj += row->attribution_sd_uj;
	s->random_sd_uj += sqrt(row->random_var_uj2);
}

/*
 * Together the samples are one consumer, of whose energy only what lies between it and the others
 * is open: s·e·(1 - e/E) with the sums over the tick. e·(1 - e/E) is concave and homogeneous in
 * (e, E), so sums over windows and domains can only give more than window by window; the sum of
 * the samples' own parts is another upper bound. The smaller one is taken.
 */
static double sum_attribution_sd(uint64_t attributed_uj, const struct sum *p)
{
	const struct sample *s = &p->sample;
	double divided = (double)attributed_uj;
	double together = 0;

	if (divided > (double)s->energy_uj)
		together = s->spread_uj * (1 - (double)s->energy_uj / divided);
	return fmin(together, p->attribution_sd_uj);
}

double sum_split_sd_uj(const struct sum *s, uint64_t attributed_uj)
{
	return budget_split_sd_uj(&s->sample, sum_attribution_sd(attributed_uj, s));
}

/*
 * Samples of one window follow the same error of its reading, so their deviations add; over
 * windows they add in quadrature. Adding all of them is an upper bound, the host's own another.
 */
static double sum_random_var(const struct tick *t, const struct sum *p)
{
	double together = p->random_sd_uj * p->random_sd_uj;

	if (p->n <= 1 || !(t->host_random_var_uj2 > 0))
		return together;
	return fmin(together, t->host_random_var_uj2);
}

void sum_end(struct sum *s, const struct tick *t)
{
	struct budget_figure f;

	if (s->n == 0)
		s->sample.quality = t->quality;
	s->sample.attribution_sd_uj = sum_attribution_sd(t->host.attributed_uj, s);
	s->sample.random_var_uj2 = sum_random_var(t, s);
	budget_sample(&s->sample, &f);
	budget_interval(t, &f, &s->sample.energy, &s->sample.co2e);
}
