/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* between.c - see figures.h: what was used between two moments. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expo/figures.h"

/* A counter's growth; one that fell began anew. */
static double growth(double base, double now)
{
	return isnan(base) || base > now ? now : now - base;
}

/* x + more where that is known. */
static double plus(double x, double more)
{
	if (isnan(more))
		return x;
	return isnan(x) ? more : x + more;
}

static bool is_used(const struct figures_use *u)
{
	for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
		if (u->amount[k] > 0)
			return true;
	return false;
}

static struct figures_use use_of(const struct figures *base, const struct figures_series *s)
{
	const struct figures_series *b = base ? figures_find(base, s->labels) : NULL;
	struct figures_use u = { .labels = s->labels };

	for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
		u.amount[k] = growth(b ? b->amount[k] : NAN, s->amount[k]);
	return u;
}

/* The rows that are not consumers'; NULL for a consumer's. */
static struct figures_use *other_row(struct figures_between *b, struct exposition_text labels)
{
	if (exposition_is(labels, "kind=\"other\""))
		return &b->others;
	if (exposition_is(labels, "kind=\"idle\""))
		return &b->idle;
	return exposition_is(labels, "kind=\"unattributed\"") ? &b->unattributed : NULL;
}

/* What consumers whose series is gone used, from base on: all that they had had is evicted now. */
static void add_evicted(const struct figures *base, const struct figures *now,
			struct figures_use *to)
{
	double more[FIGURES_N_AMOUNTS];

	for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
		more[k] = growth(base ? base->host.evicted[k] : NAN, now->host.evicted[k]);
	for (size_t i = 0; base && i < base->n; i++) {
		const struct figures_series *was = &base->series[i];
		const struct figures_series *is = figures_find(now, was->labels);

		for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
			if (!isnan(was->amount[k]) && (!is || is->amount[k] < was->amount[k]))
				more[k] -= was->amount[k];
	}
	for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
		to->amount[k] = plus(to->amount[k], more[k]);
}

static int compare(const void *a, const void *b)
{
	const struct figures_use *x = a, *y = b;

	for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++) {
		double dx = isnan(x->amount[k]) ? -1 : x->amount[k];
		double dy = isnan(y->amount[k]) ? -1 : y->amount[k];

		if (dx != dy)
			return dx < dy ? 1 : -1;
	}
	return 0;
}

/* The smallest go to the others. */
static void fold(struct figures_between *b, size_t max_rows)
{
	if (b->n == 0)
		return;
	qsort(b->row, b->n, sizeof(*b->row), compare);
	for (size_t i = max_rows; i < b->n; i++)
		for (enum figures_amount k = 0; k < FIGURES_N_AMOUNTS; k++)
			b->others.amount[k] = plus(b->others.amount[k], b->row[i].amount[k]);
	b->n = b->n < max_rows ? b->n : max_rows;
}

static int make_room(struct figures_between *b, size_t n)
{
	struct figures_use *row;

	if (n <= b->capacity)
		return 0;
	row = reallocarray(b->row, n, sizeof(*row));
	if (!row)
		return -ENOMEM;
	b->row = row;
	b->capacity = n;
	return 0;
}

static void host_between(const struct figures *base, const struct figures *now,
			 struct figures_between *b)
{
	const struct figures_host *n = &now->host, *o = base ? &base->host : NULL;

	b->seconds = growth(o ? o->accounted_s : NAN, n->accounted_s);
	b->self_cpu_s = growth(o ? o->self_cpu_s : NAN, n->self_cpu_s);
	b->self_energy_j = growth(o ? o->self_energy_j : NAN, n->self_energy_j);
	for (int i = 0; i < 3; i++) {
		b->energy_j[i] = growth(o ? o->energy_j[i] : NAN, n->energy_j[i]);
		b->co2e_g[i] = growth(o ? o->co2e_g[i] : NAN, n->co2e_g[i]);
	}
}

int figures_between(const struct figures *base, const struct figures *now, size_t max_rows,
		    struct figures_between *ret)
{
	const struct figures_use none = { .amount = { NAN, NAN, NAN } };
	int err = make_room(ret, now->n);

	if (err)
		return err;
	host_between(base, now, ret);
	ret->others = ret->idle = ret->unattributed = none;
	ret->n = 0;
	for (size_t i = 0; i < now->n; i++) {
		struct figures_use u = use_of(base, &now->series[i]);
		struct figures_use *other = other_row(ret, u.labels);

		if (other)
			*other = u;
		else if (is_used(&u))
			ret->row[ret->n++] = u;
	}
	ret->others.labels = ret->idle.labels = ret->unattributed.labels = none.labels;
	add_evicted(base, now, &ret->others);
	fold(ret, max_rows);
	return 0;
}

void figures_between_free(struct figures_between *b)
{
	free(b->row);
	*b = (struct figures_between){ .n = 0 };
}
