/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* carbon.c - windows into ticks, ticks into the total, samples into a sum. */
#include "carbon/carbon.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "carbon/account.h"
#include "carbon/budget.h"
#include "quant/montecarlo.h"

struct carbon {
	bool keep_total;
	uint64_t n_closed;
	struct account *open;	   /* being added to: it has the tally */
	struct account *closed;	   /* its tick was given out by the last carbon_close() */
	struct account account[2]; /* which of them is which changes with every tick */
	struct account total;
	struct montecarlo *montecarlo; /* NULL = closed forms */
};

/* Seed of every simulation: a figure is the same whenever it is drawn again. */
#define CARBON_SEED 0x6a6f756c
/* Of the standard deviation of each figure: JCGM 101, 7.9.2. */
#define CARBON_DIGITS 1

void carbon_free(struct carbon *c)
{
	if (!c)
		return;
	account_free(&c->account[0]);
	account_free(&c->account[1]);
	account_free(&c->total);
	montecarlo_free(c->montecarlo);
	free(c);
}

DEFINE_CLEANUP(struct carbon *, carbon_free)

int carbon_new(const struct carbon_options *o, struct carbon **ret)
{
	const struct montecarlo_options mo = { .seed = CARBON_SEED,
					       .n_threads = o->n_threads,
					       .n_digits = CARBON_DIGITS };
	CLEANUP(carbon_free_ptr) struct carbon *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	if (o->montecarlo) {
		err = montecarlo_new(&mo, &c->montecarlo);
		if (err)
			return err;
	}
	c->keep_total = o->keep_total;
	c->open = &c->account[0];
	c->closed = &c->account[1];
	c->open->tick.by = o->by;
	c->total.tick.by = o->by;
	c->open->tick.montecarlo = c->montecarlo;
	c->total.tick.montecarlo = c->montecarlo;
	*ret = TAKE_PTR(c);
	return 0;
}

int carbon_run(struct carbon *c, const struct usage *u, const struct energy *e,
	       const struct shares *s, const struct intensity *i)
{
	return account_add_window(c->open, u, e, s, i);
}

int carbon_close(struct carbon *c, struct tick **ret)
{
	struct account *done = c->open;
	int err;

	if (done->tick.n_windows == 0)
		return -ENODATA;
	err = account_finish(done);
	if (err)
		return err;
	if (c->keep_total) {
		err = account_merge(&c->total, done);
		if (err < 0)
			return err; /* the tick stays open: nothing is lost or counted twice */
	}
	c->open = c->closed;
	c->closed = done;
	c->n_closed++;
	account_follow(c->open, done, c->n_closed);
	*ret = &done->tick;
	return 0;
}

int carbon_total(struct carbon *c, struct tick **ret)
{
	int err;

	if (!c->keep_total)
		return -EINVAL;
	if (c->total.tick.n_windows == 0)
		return -ENODATA;
	err = account_finish(&c->total);
	if (err)
		return err;
	*ret = &c->total.tick;
	return 0;
}

/* Running sums of what does not simply add. */
struct sum_parts {
	double attribution_sd_uj;
	double random_sd_uj;
};

static void add_sample(struct sample *to, struct sum_parts *p, const struct sample *s)
{
	to->flags |= s->flags;
	to->cpu_ns += s->cpu_ns;
	to->energy_uj += s->energy_uj;
	to->co2e_ug += s->co2e_ug;
	to->product += s->product;
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		to->by_factor_uj[f] += s->by_factor_uj[f];
	to->spread_uj += s->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		to->model_uj[m] += s->model_uj[m];
	to->static_sd_uj += s->static_sd_uj;
	if (s->quality < to->quality)
		to->quality = s->quality;
	p->attribution_sd_uj += s->attribution_sd_uj;
	p->random_sd_uj += sqrt(s->random_var_uj2);
}

/*
 * Together the samples are one consumer, of whose energy only what lies between it and the others
 * is open: s·e·(1 - e/E) with the sums over the tick. e·(1 - e/E) is concave and homogeneous in
 * (e, E), so sums over windows and domains can only give more than window by window; the sum of
 * the samples' own parts is another upper bound. The smaller one is taken.
 */
static double group_attribution_sd(const struct tick *t, const struct sample *s,
				   const struct sum_parts *p)
{
	double divided = (double)t->host.attributed_uj;
	double together = 0;

	if (divided > (double)s->energy_uj)
		together = s->spread_uj * (1 - (double)s->energy_uj / divided);
	return fmin(together, p->attribution_sd_uj);
}

/*
 * Samples of one window follow the same error of its reading, so their deviations add; over
 * windows they add in quadrature. Adding all of them is an upper bound, the host's own another.
 */
static double group_random_var(const struct tick *t, const struct sum_parts *p, size_t n)
{
	double together = p->random_sd_uj * p->random_sd_uj;

	if (n <= 1 || !(t->host_random_var_uj2 > 0))
		return together;
	return fmin(together, t->host_random_var_uj2);
}

void carbon_sum(const struct tick *t, uint32_t flags, struct sample *ret, size_t *ret_n)
{
	struct sum_parts parts = { 0 };
	struct budget_figure f;
	size_t n = 0;

	*ret = (struct sample){ .kind = t->by, .quality = ENERGY_MEASURED };
	for (size_t i = 0; i < t->n_samples; i++) {
		if ((t->sample[i].flags & flags) != flags)
			continue;
		add_sample(ret, &parts, &t->sample[i]);
		n++;
	}
	if (n == 0)
		ret->quality = t->quality;
	ret->attribution_sd_uj = group_attribution_sd(t, ret, &parts);
	ret->random_var_uj2 = group_random_var(t, &parts, n);
	budget_sample(ret, &f);
	budget_interval(t, &f, &ret->energy, &ret->co2e);
	if (ret_n)
		*ret_n = n;
}

size_t carbon_budget(const struct tick *t, const struct sample *s, struct record_budget *ret)
{
	struct budget_figure f;

	budget_sample(s, &f);
	return budget_list(t, &f, ret);
}
