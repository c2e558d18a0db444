/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* divide.c - one domain of one window: static and dynamic energy to rows, idle, unattributed. */
#include <string.h>

#include "attrib/parts.h"
#include "attrib/spread.h"

/* A share is off its real value by less than 1 µJ, triangular: variance 1/6 (difference of two). */
#define ROUNDING_VAR_UJ2 (1.0 / 6)

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

static void add_energy(struct shares_row *row, uint64_t uj, size_t factor)
{
	row->energy_uj += uj;
	row->by_factor_uj[factor] += uj;
}

/* What of a domain is divided by weight. */
struct divided {
	size_t factor;
	uint64_t uj;
	double static_sd_uj;   /* less: what it has less where static power is higher */
	const uint64_t *other; /* shares by plain time; NULL where that is how it is divided */
};

/* a->share of the divided energy to the rows, and what by time alone they would have more. */
static void add_shares(struct attrib *a, const struct part *p, const struct divided *d)
{
	const struct usage *u = p->usage;
	double spread =
		attrib_spread(p->energy->domain[p->domain].kind, u->threads_per_core, u->weight);
	double per_uj = d->uj ? 1 / (double)d->uj : 0;
	/* The shares follow an error of the reading in proportion: together, not in quadrature. */
	double random_sd = p->energy->reading[p->domain].random_sd_uj;

	for (size_t k = 0; k < a->n_active; k++) {
		struct shares_row *row = &a->shares.rows[a->active[k]];
		uint64_t uj = a->share[k];
		double part = (double)uj * per_uj;

		add_energy(row, uj, d->factor);
		row->spread_uj += spread * (double)uj;
		row->static_sd_uj -= d->static_sd_uj * part;
		row->random_var_uj2 += random_sd * part * random_sd * part;
		/* All of it is no question of how it was divided. */
		if (uj < d->uj) {
			row->attribution_sd_uj += attrib_spread_sd_uj(spread, (double)uj, part);
			row->random_var_uj2 += ROUNDING_VAR_UJ2;
		}
		if (d->other)
			row->model_uj[SHARES_BY_TIME] += (int64_t)(d->other[k] - uj);
	}
}

static enum shares_reason reason_of(const struct attrib *a, const struct part *p)
{
	if (p->by_use)
		return SHARES_NO_USER;
	return a->n_active ? SHARES_NO_WEIGHT : SHARES_NOBODY_RAN;
}

/* Divides d->uj by weight. Returns what of it is nobody's: all where nobody has a weight. */
static uint64_t divide_by_weight(struct attrib *a, const struct part *p, struct divided *d)
{
	bool plain_too = p->usage->weight != JT_WEIGHT_TIME && !p->by_use;

	/* The weights fit 64 bits, so it can only be that there are none. */
	if (attrib_split(d->uj, a->weight, a->n_active + p->by_use, a->share))
		return d->uj;
	if (plain_too && !attrib_split(d->uj, a->plain, a->n_active, a->other))
		d->other = a->other;
	add_shares(a, p, d);
	return p->by_use ? a->share[a->n_active] : 0;
}

/*
 * Divides static energy by what is reserved. The spread of weights is within a cgroup only. Returns
 * what nobody reserves.
 */
static uint64_t divide_reserved(struct attrib *a, const struct part *p, size_t factor,
				const struct static_energy *e)
{
	double spread = attrib_spread(p->energy->domain[p->domain].kind, p->usage->threads_per_core,
				      p->usage->weight);
	struct reservations *r = &a->reservations;
	uint64_t rest = reservations_split(r, e->uj, a->active, a->weight, a->n_active, a->share);
	double sd_per_uj = e->uj ? e->sd_uj / (double)e->uj : 0;
	bool other = !attrib_split(e->uj - rest, a->weight, a->n_active, a->other);

	for (size_t k = 0; k < a->n_active; k++) {
		struct shares_row *row = &a->shares.rows[a->active[k]];
		size_t at = r->of_row[a->active[k]];

		if (a->share[k] == 0)
			continue;
		add_energy(row, a->share[k], factor);
		row->attribution_sd_uj +=
			attrib_spread_sd_uj(spread, (double)a->share[k],
					    (double)a->share[k] / (double)r->share[at - 1]);
		row->spread_uj += spread * (double)a->share[k];
		row->static_sd_uj += sd_per_uj * (double)a->share[k];
	}
	for (size_t k = 0; other && k < a->n_active; k++)
		a->shares.rows[a->active[k]].model_uj[SHARES_BY_PROPORTIONAL] +=
			(int64_t)(a->other[k] - a->share[k]);
	for (size_t i = 0; rest < e->uj && i < r->n; i++) {
		struct shares_row *row = &a->shares.rows[r->one[i].row];

		if (r->one[i].sum)
			continue;
		add_energy(row, r->share[i], factor);
		row->static_sd_uj += sd_per_uj * (double)r->share[i];
		if (other)
			row->model_uj[SHARES_BY_PROPORTIONAL] -= (int64_t)r->share[i];
	}
	return rest;
}

/* Adds the domain's sums to the host's. */
static void add_domain(struct shares *s, const struct shares_domain *d, size_t factor)
{
	shares_domain_add(&s->host, d);
	s->host_by_factor_uj[factor] += d->energy_uj;
	s->idle_by_factor_uj[factor] += d->idle_uj;
}

void attrib_divide(struct attrib *a, const struct part *p)
{
	const struct energy_reading *r = &p->energy->reading[p->domain];
	struct shares_domain *to = &a->shares.domain[p->domain];
	size_t factor = factor_of(&a->shares, &p->energy->domain[p->domain]);
	struct static_energy e = attrib_static(a, p);
	/* CPUs are what is reserved: it says nothing of a GPU. */
	bool reserved = a->method.idle_policy == METHOD_RESERVED && !p->by_use;
	struct divided d = { .factor = factor, .uj = r->energy_uj };
	uint64_t nobodys_uj;

	/* Static energy that took all there is has nobody to take more from. */
	if (r->energy_uj == e.uj)
		e.sd_uj = 0;

	*to = (struct shares_domain){ .energy_uj = r->energy_uj,
				      .static_uj = e.uj,
				      .static_sd_uj = e.sd_uj,
				      .static_from = e.from };
	if (a->method.idle_policy == METHOD_PROPORTIONAL) {
		nobodys_uj = divide_by_weight(a, p, &d);
		/* Static energy that nobody pays for is idle, as ever. */
		to->idle_uj = nobodys_uj < e.uj ? nobodys_uj : e.uj;
		to->unattributed_uj = nobodys_uj - to->idle_uj;
	} else {
		d.uj -= e.uj;
		d.static_sd_uj = e.sd_uj;
		nobodys_uj = divide_by_weight(a, p, &d);
		to->unattributed_uj = nobodys_uj;
		to->idle_uj = reserved ? divide_reserved(a, p, factor, &e) : e.uj;
		a->shares.idle_static_sd_uj +=
			e.uj ? e.sd_uj * (double)to->idle_uj / (double)e.uj : 0;
	}
	to->attributed_uj = r->energy_uj - to->idle_uj - to->unattributed_uj;
	to->unattributed_by_uj[reason_of(a, p)] = to->unattributed_uj;
	add_domain(&a->shares, to, factor);
	a->shares.host_random_var_uj2 += r->random_sd_uj * r->random_sd_uj;
}
