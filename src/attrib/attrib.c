/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attrib.c - one window: every counted domain's energy over the rows that ran on it. */
#include "attrib/attrib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/parts.h"
#include "attrib/uses.h"
#include "attrib/weight.h"
#include "base/cleanup.h"

/* domain.package of a domain that the whole machine draws from. */
#define WHOLE_MACHINE (-1)

/* Both threads of a core draw at least what one does, and at most twice that. */
#define LEAST_CORUN_PERCENT 50
#define MOST_CORUN_PERCENT  100

void attrib_free(struct attrib *a)
{
	if (!a)
		return;
	reservations_free(&a->reservations);
	free(a->shares.rows);
	free(a->active);
	free(a->weight);
	free(a->plain);
	free(a->share);
	free(a->other);
	free(a);
}

DEFINE_CLEANUP(struct attrib *, attrib_free)

int attrib_new(size_t capacity, const struct method *m, struct attrib **ret)
{
	CLEANUP(attrib_free_ptr) struct attrib *a = calloc(1, sizeof(*a));
	/* One more, for what is nobody's. */
	size_t n = capacity + 1;

	if (m->corun_percent < LEAST_CORUN_PERCENT || m->corun_percent > MOST_CORUN_PERCENT)
		return -EINVAL;
	if (!a)
		return -ENOMEM;
	a->method = *m;
	a->shares.capacity = capacity;
	a->shares.rows = calloc(n, sizeof(*a->shares.rows));
	a->active = calloc(n, sizeof(*a->active));
	a->weight = calloc(n, sizeof(*a->weight));
	a->plain = calloc(n, sizeof(*a->plain));
	a->share = calloc(n, sizeof(*a->share));
	a->other = calloc(n, sizeof(*a->other));
	if (!a->shares.rows || !a->active || !a->weight || !a->plain || !a->share || !a->other ||
	    reservations_new(capacity, &a->reservations))
		return -ENOMEM;
	*ret = TAKE_PTR(a);
	return 0;
}

/* Quality of what the gathered rows drew from this package; no domain at all is missing. */
static void rate(struct attrib *a, enum energy_quality quality)
{
	/* Which is what they begin with. */
	if (quality == ENERGY_MEASURED)
		return;
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

static bool has_domain(const struct energy *e, int package)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (e->domain[i].counted && e->domain[i].package == package &&
		    e->domain[i].kind != ENERGY_GPU)
			return true;
	return false;
}

/*
 * Every counted domain of one package (or of the whole machine). covered: the rows' CPUs have a
 * domain elsewhere.
 */
static void run_package(struct attrib *a, const struct usage *u, const struct energy *e,
			int package, bool covered)
{
	enum energy_quality worst = ENERGY_MEASURED;

	/* On packages that the machine does not have nobody ran. */
	if (!has_domain(e, package) && (covered || package >= (int)u->n_packages))
		return;
	a->n_active = attrib_weight_rows(&a->method, u, package,
					 &(struct weighed){ a->active, a->weight, a->plain });
	for (size_t i = 0; i < e->n_domains; i++) {
		if (!e->domain[i].counted || e->domain[i].package != package ||
		    e->domain[i].kind == ENERGY_GPU)
			continue;
		covered |= covers_cpus(&e->domain[i]);
		if (e->reading[i].quality < worst)
			worst = e->reading[i].quality;
		if (e->reading[i].quality == ENERGY_MISSING)
			continue;
		attrib_divide(a, &(struct part){ u, e, i, false });
	}
	rate(a, covered ? worst : ENERGY_MISSING);
}

/* GPUs: who ran on the CPUs says nothing of who used them, only their meter does. */
static void run_gpus(struct attrib *a, const struct usage *u, const struct energy *e)
{
	for (size_t i = 0; i < e->n_domains; i++) {
		if (!e->domain[i].counted || e->domain[i].kind != ENERGY_GPU)
			continue;
		a->n_active = attrib_uses(u, e, i, a->active, a->weight);
		rate(a, e->reading[i].quality);
		if (e->reading[i].quality == ENERGY_MISSING)
			continue;
		attrib_divide(a, &(struct part){ u, e, i, true });
	}
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
	a->method.weight = u->weight;
	a->shares.method = a->method;
	memset(rows, 0, u->n_rows * sizeof(*rows));
	for (size_t i = 0; i < u->n_rows; i++)
		rows[i].quality = ENERGY_MEASURED;
}

int attrib_run(struct attrib *a, const struct usage *u, const struct energy *e,
	       const struct shares **ret)
{
	bool whole = false;

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
	if (a->method.idle_policy == METHOD_RESERVED)
		reservations_find(&a->reservations, u);
	/* Packages are judged one by one: a whole machine without a domain is no gap. */
	for (int package = WHOLE_MACHINE; package < JT_MAX_PACKAGES; package++)
		run_package(a, u, e, package, package == WHOLE_MACHINE || whole);
	run_gpus(a, u, e);
	*ret = &a->shares;
	return 0;
}
