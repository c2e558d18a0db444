/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attrib.c - one window: every counted domain's energy over the rows that ran on it. */
#include "attrib/attrib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/spread.h"
#include "attrib/uses.h"
#include "attrib/weight.h"
#include "base/cleanup.h"

/* domain.package of a domain that the whole machine draws from. */
#define WHOLE_MACHINE (-1)

/* A share is off its real value by less than 1 µJ, triangular: variance 1/6 (difference of two). */
#define ROUNDING_VAR_UJ2 (1.0 / 6)

struct attrib {
	struct shares shares;
	size_t n_active; /* rows with weight on the package at hand, and their weights */
	size_t *active;
	uint64_t *weight;
	uint64_t *share;
};

void attrib_free(struct attrib *a)
{
	if (!a)
		return;
	free(a->shares.rows);
	free(a->active);
	free(a->weight);
	free(a->share);
	free(a);
}

DEFINE_CLEANUP(struct attrib *, attrib_free)

int attrib_new(size_t capacity, struct attrib **ret)
{
	CLEANUP(attrib_free_ptr) struct attrib *a = calloc(1, sizeof(*a));
	size_t n = capacity ? capacity : 1; /* calloc(0) may give NULL */

	if (!a)
		return -ENOMEM;
	a->shares.capacity = capacity;
	a->shares.rows = calloc(n, sizeof(*a->shares.rows));
	a->active = calloc(n, sizeof(*a->active));
	/* One more, for what is nobody's. */
	a->weight = calloc(n + 1, sizeof(*a->weight));
	a->share = calloc(n + 1, sizeof(*a->share));
	if (!a->shares.rows || !a->active || !a->weight || !a->share)
		return -ENOMEM;
	*ret = TAKE_PTR(a);
	return 0;
}

/* Index of the domain's factor, added on first sight: see SHARES_MAX_FACTORS for the overflow. */
static size_t factor_of(struct shares *s, const struct energy_domain *d)
{
	struct shares_factor *f;
	size_t i;

	for (i = 0; i < s->n_factors; i++)
		if (strncmp(s->factor[i].name, d->factor, ENERGY_NAME_LEN) == 0)
			break;
	if (i == SHARES_MAX_FACTORS) {
		i = SHARES_MAX_FACTORS - 1;
		memcpy(s->factor[i].name, "other", sizeof("other"));
	}
	f = &s->factor[i];
	if (i == s->n_factors) {
		memcpy(f->name, d->factor, ENERGY_NAME_LEN);
		f->name[ENERGY_NAME_LEN - 1] = '\0';
		f->sides = d->systematic;
		s->n_factors++;
		return i;
	}
	if (!(d->systematic.minus <= f->sides.minus))
		f->sides.minus = d->systematic.minus;
	if (!(d->systematic.plus <= f->sides.plus))
		f->sides.plus = d->systematic.plus;
	return i;
}

/* The rows that ran on the package, and what that weighs. */
static void gather(struct attrib *a, const struct usage *u, int package)
{
	a->n_active = 0;
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *row = &u->rows[i];
		uint64_t weight = attrib_weight(u, row, package);

		if (weight == 0)
			continue;
		a->active[a->n_active] = i;
		a->weight[a->n_active] = weight;
		a->n_active++;
	}
}

static void add_shares(struct attrib *a, uint64_t dynamic_uj, double spread, double random_sd_uj,
		       size_t factor)
{
	/* The shares follow an error of the reading in proportion: together, not in quadrature. */
	double sd_per_uj = dynamic_uj ? random_sd_uj / (double)dynamic_uj : 0;

	for (size_t k = 0; k < a->n_active; k++) {
		struct shares_row *row = &a->shares.rows[a->active[k]];
		uint64_t uj = a->share[k];
		double random_sd = (double)uj * sd_per_uj;

		row->energy_uj += uj;
		row->by_factor_uj[factor] += uj;
		row->attribution_sd_uj += attrib_spread_sd_uj(spread, uj, dynamic_uj);
		row->spread_uj += spread * (double)uj;
		row->random_var_uj2 += random_sd * random_sd;
		if (uj < dynamic_uj)
			row->random_var_uj2 += ROUNDING_VAR_UJ2;
	}
}

/*
 * One domain, whose rows are gathered. With by_use the weight after theirs is what is nobody's.
 */
static int divide(struct attrib *a, const struct usage *u, const struct energy *e, size_t domain,
		  bool by_use)
{
	const struct energy_domain *d = &e->domain[domain];
	const struct energy_reading *r = &e->reading[domain];
	struct shares *s = &a->shares;
	struct shares_domain *to = &s->domain[domain];
	size_t factor = factor_of(s, d);
	uint64_t dynamic_uj;
	int err;

	to->energy_uj = r->energy_uj;
	to->idle_uj = r->idle_uj < r->energy_uj ? r->idle_uj : r->energy_uj;
	dynamic_uj = to->energy_uj - to->idle_uj;

	err = attrib_split(dynamic_uj, a->weight, a->n_active + by_use, a->share);
	if (err == -ENODATA) {
		to->unattributed_uj = dynamic_uj;
	} else if (err < 0) {
		return err;
	} else {
		to->unattributed_uj = by_use ? a->share[a->n_active] : 0;
		to->attributed_uj = dynamic_uj - to->unattributed_uj;
		add_shares(a, dynamic_uj, attrib_spread(d->kind, u->threads_per_core, u->weight),
			   r->random_sd_uj, factor);
	}

	s->host.energy_uj += to->energy_uj;
	s->host.idle_uj += to->idle_uj;
	s->host.attributed_uj += to->attributed_uj;
	s->host.unattributed_uj += to->unattributed_uj;
	s->host_by_factor_uj[factor] += to->energy_uj;
	s->idle_by_factor_uj[factor] += to->idle_uj;
	s->host_random_var_uj2 += r->random_sd_uj * r->random_sd_uj;
	return 0;
}

/* Quality of what the gathered rows drew from this package; no domain at all is missing. */
static void rate(struct attrib *a, enum energy_quality quality)
{
	for (size_t k = 0; k < a->n_active; k++) {
		struct shares_row *row = &a->shares.rows[a->active[k]];

		if (quality < row->quality)
			row->quality = quality;
	}
}

/* Whether the domain speaks of the CPUs: a machine with only a DRAM or GPU meter misses them. */
static bool covers_cpus(const struct energy_domain *d)
{
	return d->kind == ENERGY_PACKAGE || d->kind == ENERGY_PSYS;
}

/*
 * Every counted domain of one package (or of the whole machine). covered: the rows' CPUs have a
 * domain elsewhere.
 */
static int run_package(struct attrib *a, const struct usage *u, const struct energy *e, int package,
		       bool covered)
{
	enum energy_quality worst = ENERGY_MEASURED;
	int err;

	gather(a, u, package);
	for (size_t i = 0; i < e->n_domains; i++) {
		if (!e->domain[i].counted || e->domain[i].package != package ||
		    e->domain[i].kind == ENERGY_GPU)
			continue;
		covered |= covers_cpus(&e->domain[i]);
		if (e->reading[i].quality < worst)
			worst = e->reading[i].quality;
		if (e->reading[i].quality == ENERGY_MISSING)
			continue;
		err = divide(a, u, e, i, false);
		if (err < 0)
			return err;
	}
	rate(a, covered ? worst : ENERGY_MISSING);
	return 0;
}

/* GPUs: who ran on the CPUs says nothing of who used them, only their meter does. */
static int run_gpus(struct attrib *a, const struct usage *u, const struct energy *e)
{
	for (size_t i = 0; i < e->n_domains; i++) {
		int err;

		if (!e->domain[i].counted || e->domain[i].kind != ENERGY_GPU)
			continue;
		a->n_active = attrib_uses(u, e, i, a->active, a->weight);
		rate(a, e->reading[i].quality);
		if (e->reading[i].quality == ENERGY_MISSING)
			continue;
		err = divide(a, u, e, i, true);
		if (err < 0)
			return err;
	}
	return 0;
}

static void reset(struct attrib *a, const struct usage *u, const struct energy *e)
{
	struct shares_row *rows = a->shares.rows;
	size_t capacity = a->shares.capacity;

	a->shares = (struct shares){
		.n_rows = u->n_rows,
		.capacity = capacity,
		.rows = rows,
		.n_domains = e->n_domains,
	};
	memset(rows, 0, u->n_rows * sizeof(*rows));
	for (size_t i = 0; i < u->n_rows; i++)
		rows[i].quality = ENERGY_MEASURED;
}

int attrib_run(struct attrib *a, const struct usage *u, const struct energy *e,
	       const struct shares **ret)
{
	bool whole = false;
	int err;

	if (u->n_rows > a->shares.capacity)
		return -EOVERFLOW;
	for (size_t i = 0; i < e->n_domains; i++) {
		if (!e->domain[i].counted)
			continue;
		if (e->domain[i].package < WHOLE_MACHINE || e->domain[i].package >= JT_MAX_PACKAGES)
			return -EINVAL;
		if (e->domain[i].package == WHOLE_MACHINE && covers_cpus(&e->domain[i]))
			whole = true;
	}

	reset(a, u, e);
	for (int package = WHOLE_MACHINE; package < JT_MAX_PACKAGES; package++) {
		/* Packages are judged one by one: a whole machine without a domain is no gap. */
		err = run_package(a, u, e, package, package == WHOLE_MACHINE || whole);
		if (err < 0)
			return err;
	}
	err = run_gpus(a, u, e);
	if (err < 0)
		return err;
	*ret = &a->shares;
	return 0;
}
