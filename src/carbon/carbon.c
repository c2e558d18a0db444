/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* carbon.c - windows into ticks, ticks into the total, samples into a sum. */
#include "carbon/carbon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/prefixes.h"
#include "carbon/account.h"
#include "carbon/budget.h"
#include "carbon/sum.h"
#include "quant/montecarlo.h"

struct carbon {
	bool keep_total;
	uint64_t n_closed;
	struct account *open;	   /* being added to: it has the tally */
	struct account *closed;	   /* its tick was given out by the last carbon_close() */
	struct account account[2]; /* which of them is which changes with every tick */
	struct account total;
	struct montecarlo *montecarlo; /* NULL = closed forms */
	struct record_branch *branch;  /* of the last carbon_branches() */
	size_t n_branches;
	size_t capacity;
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
	free(c->branch);
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

void carbon_sum(const struct tick *t, uint32_t flags, struct sample *ret, size_t *ret_n)
{
	struct sum s;

	sum_begin(&s, t->by);
	for (size_t i = 0; i < t->n_samples; i++)
		if ((t->sample[i].flags & flags) == flags)
			sum_add(&s, &t->sample[i]);
	sum_end(&s, t);
	*ret = s.sample;
	if (ret_n)
		*ret_n = s.n;
}

bool carbon_is_below(const struct sample *s, const char *cgroup)
{
	size_t len = strlen(cgroup);

	if (!s->cgroup || strncmp(s->cgroup, cgroup, len) != 0)
		return false;
	return s->cgroup[len] == '\0' || s->cgroup[len] == '/' || strcmp(cgroup, "/") == 0;
}

void carbon_sum_below(const struct tick *t, const char *cgroup, struct sample *ret, size_t *ret_n)
{
	struct sum s;

	sum_begin(&s, t->by);
	for (size_t i = 0; i < t->n_samples; i++)
		if (carbon_is_below(&t->sample[i], cgroup))
			sum_add(&s, &t->sample[i]);
	sum_end(&s, t);
	*ret = s.sample;
	if (ret_n)
		*ret_n = s.n;
}

void carbon_values(const struct tick *t, const struct sample *s, struct quant_value *ret_energy,
		   struct quant_value *ret_co2e)
{
	struct budget_figure f;

	budget_sample(s, &f);
	budget_values(t, &f, ret_energy, ret_co2e);
}

/* Branches while they are being made. */
struct carbon_growth {
	struct carbon *c;
	const struct tick *t;
};

/* Cgroups with two samples: one is of the command's lineage, one of others. */
static size_t carbon_n_twins(const struct tick *t, const size_t *index, size_t n)
{
	size_t n_twins = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sample *one = &t->sample[index[i]];

		for (size_t k = 0; k < n && one->flags & JT_CELL_LINEAGE; k++) {
			const struct sample *other = &t->sample[index[k]];

			n_twins += !(other->flags & JT_CELL_LINEAGE) &&
				   !strcmp(one->cgroup, other->cgroup);
		}
	}
	return n_twins;
}

static int carbon_grow(const char *path, size_t len, const size_t *index, size_t n, void *arg)
{
	struct carbon_growth *g = arg;
	struct carbon *c = g->c;
	struct record_branch *b;
	struct sum s;

	if (c->n_branches == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 64;

		b = reallocarray(c->branch, capacity, sizeof(*b));
		if (!b)
			return -ENOMEM;
		c->branch = b;
		c->capacity = capacity;
	}
	b = &c->branch[c->n_branches++];
	*b = (struct record_branch){ .path = path, .len = len };
	b->n_cgroups = n - carbon_n_twins(g->t, index, n);
	sum_begin(&s, g->t->by);
	for (size_t i = 0; i < n; i++) {
		const struct sample *one = &g->t->sample[index[i]];

		sum_add(&s, one);
		if (one->cgroup[len])
			continue;
		b->own_cpu_ns += one->cpu_ns;
		b->own_energy_uj += one->energy_uj;
	}
	sum_end(&s, g->t);
	b->cpu_ns = s.sample.cpu_ns;
	b->energy = s.sample.energy;
	b->co2e = s.sample.co2e;
	return 0;
}

int carbon_branches(struct carbon *c, struct tick *t)
{
	const char **path = calloc(t->n_samples + 1, sizeof(*path));
	struct carbon_growth g = { .c = c, .t = t };
	int err;

	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_samples; i++)
		path[i] = t->sample[i].cgroup;
	c->n_branches = 0;
	err = prefixes_each(path, t->n_samples, carbon_grow, &g);
	free(path);
	t->branch = c->branch;
	t->n_branches = err ? 0 : c->n_branches;
	return err;
}

size_t carbon_budget(const struct tick *t, const struct sample *s, struct record_budget *ret)
{
	struct budget_figure f;

	budget_sample(s, &f);
	return budget_list(t, &f, ret);
}
