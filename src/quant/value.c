/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.c - uncertain figures: sums, products and quotients, and their closed form. */
#include "quant/value.h"

#include <math.h>

static struct quant_part *find(struct quant_value *v, uint32_t id)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->part[i].id == id)
			return &v->part[i];
	return NULL;
}

/* The part to add to: of that id, a new one, or the last where there is no room. */
static struct quant_part *place(struct quant_value *v, const struct quant_part *part)
{
	struct quant_part *p = find(v, part->id);

	if (p)
		return p;
	if (v->n == QUANT_MAX_PARTS)
		return &v->part[QUANT_MAX_PARTS - 1];
	p = &v->part[v->n++];
	*p = (struct quant_part){ .id = part->id,
				  .group = part->group,
				  .temporal = part->temporal };
	return p;
}

void quant_value_hang(struct quant_value *v, const struct quant_part *part,
		      const struct quant_sides *sides)
{
	struct quant_part *p = place(v, part);

	p->amount += part->amount;
	p->linear.minus += part->amount * sides->minus;
	p->linear.plus += part->amount * sides->plus;
}

void quant_value_add(struct quant_value *to, const struct quant_value *from)
{
	to->value += from->value;
	to->random_var += from->random_var;
	for (size_t i = 0; i < from->n; i++) {
		const struct quant_part *f = &from->part[i];
		struct quant_part *p = place(to, f);

		p->amount += f->amount;
		p->linear.minus += f->linear.minus;
		p->linear.plus += f->linear.plus;
	}
}

void quant_value_scale(struct quant_value *v, double by)
{
	v->value *= by;
	v->random_var *= by * by;
	for (size_t i = 0; i < v->n; i++) {
		v->part[i].amount *= by;
		v->part[i].linear.minus *= by;
		v->part[i].linear.plus *= by;
	}
}

void quant_value_multiply(struct quant_value *v, double by, const struct quant_part *part,
			  const struct quant_sides *sides)
{
	struct quant_part all = *part;

	quant_value_scale(v, by);
	all.amount = v->value;
	quant_value_hang(v, &all, sides);
}

/* The factor's own sides, whatever share of the value hangs on it. */
static struct quant_sides factor_sides(const struct quant_part *p)
{
	if (p->amount == 0)
		return (struct quant_sides){ 0 };
	return (struct quant_sides){ p->linear.minus / p->amount, p->linear.plus / p->amount };
}

/* Up to here two terms of a logarithm's series say enough of a sum's parts. */
#define MOST_CURVED 1.0

static bool is_curved(const struct quant_sides *s)
{
	return s->minus <= MOST_CURVED && s->plus <= MOST_CURVED;
}

struct quant_sides quant_value_part_sides(const struct quant_value *v, const struct quant_part *p)
{
	double share = p->amount / v->value;
	struct quant_sides s = factor_sides(p);

	if (!(v->value > 0))
		return (struct quant_sides){ 0 };
	if (!(share < 1) || is_curved(&s)) /* NaN stays NaN */
		return (struct quant_sides){ share * s.minus, share * s.plus };
	/* ln(1 - share + share·e^Y) at the ends of Y. */
	return (struct quant_sides){
		-log1p(share * expm1(-QUANT_Z95 * s.minus)) / QUANT_Z95,
		log1p(share * expm1(QUANT_Z95 * s.plus)) / QUANT_Z95,
	};
}

/* Sums over a group's parts, of Y and its moments: see add_curvature(). */
struct group_sums {
	double first;	 /* Σ p·E Y */
	double variance; /* Σ p²·Var Y */
	double third;	 /* Σ p³·κ₃ */
	double square;	 /* Σ p·E Y² */
	double cross;	 /* Σ p²·Cov(Y, Y²) */
	double fourth2;	 /* Σ p²·Var²Y, Σ p³·Var²Y */
	double fourth3;
};

static void sum_part(struct group_sums *g, double p, const struct quant_sides *s)
{
	double m2 = s->minus * s->minus, p2 = s->plus * s->plus;
	double e1 = (s->plus - s->minus) / sqrt(2 * M_PI), e2 = (p2 + m2) / 2;
	double e3 = (p2 * s->plus - m2 * s->minus) * sqrt(2 / M_PI);
	double variance = e2 - e1 * e1;

	g->first += p * e1;
	g->variance += p * p * variance;
	g->third += p * p * p * (e3 - 3 * e1 * e2 + 2 * e1 * e1 * e1);
	g->square += p * e2;
	g->cross += p * p * (e3 - e1 * e2);
	g->fourth2 += p * p * variance * variance;
	g->fourth3 += p * p * p * variance * variance;
}

/*
 * ln G of G = 1 - Σp + Σ p·e^Y is L + Q to the second order, L = Σ p·Y and Q = (Σ p·Y² - L²)/2.
 * L is in the spread already; of Q here its mean, 2 Cov(L,Q) + Var Q, and 3 Cov(L²,Q), the last two
 * as for normal Y. All of it is 0 where one part is the whole.
 */
static void add_curvature(const struct group_sums *g, double sign, struct quant_spread *s)
{
	double v2 = g->variance * g->variance;

	s->k1 += sign * (g->square - g->variance - g->first * g->first) / 2;
	s->k2 = fmax(s->k2 / 2, s->k2 + g->cross - g->third - 2 * g->first * g->variance +
					(g->fourth2 - 2 * g->fourth3 + v2) / 2);
	s->k3 += sign * 3 * (g->fourth3 - v2);
}

/* What sums have beyond their parts' own sides. Parts that are too wide for it add nothing here. */
static void add_groups(const struct quant_value *v, double sign, struct quant_spread *s)
{
	for (size_t i = 0; i < v->n; i++) {
		struct group_sums sums = { 0 };
		bool first = v->part[i].amount < v->value;

		for (size_t j = 0; j < i && first; j++)
			first = v->part[j].group != v->part[i].group;
		for (size_t j = i; j < v->n && first; j++) {
			const struct quant_part *p = &v->part[j];
			struct quant_sides sides = factor_sides(p);

			if (p->group == v->part[i].group && is_curved(&sides))
				sum_part(&sums, p->amount / v->value, &sides);
		}
		if (first)
			add_curvature(&sums, sign, s);
	}
}

void quant_value_spread(const struct quant_value *v, struct quant_spread *ret)
{
	*ret = (struct quant_spread){ 0 };
	for (size_t i = 0; i < v->n; i++) {
		struct quant_sides s = quant_value_part_sides(v, &v->part[i]);

		quant_spread_add_factor(ret, 1, &s);
	}
	add_groups(v, 1, ret);
}

void quant_ratio_spread(const struct quant_value *b, const struct quant_value *a,
			struct quant_spread *ret)
{
	struct quant_value rest = *a;

	*ret = (struct quant_spread){ 0 };
	for (size_t i = 0; i < b->n; i++) {
		struct quant_sides s = quant_value_part_sides(b, &b->part[i]);
		struct quant_part *common = find(&rest, b->part[i].id);
		double part = 1;

		if (common) {
			struct quant_sides c = quant_value_part_sides(a, common);

			/* One draw: it is in the quotient by the difference of what it does. */
			s.minus -= c.minus;
			s.plus -= c.plus;
			part = s.plus + s.minus < 0 ? -1 : 1;
			common->amount = 0;
		}
		s = (struct quant_sides){ fabs(s.minus), fabs(s.plus) };
		quant_spread_add_factor(ret, part, &s);
	}
	for (size_t i = 0; i < rest.n; i++) {
		struct quant_sides s = quant_value_part_sides(a, &rest.part[i]);

		quant_spread_add_factor(ret, -1, &s);
	}
	add_groups(b, 1, ret);
	add_groups(a, -1, ret);
	if (b->random_var != 0)
		quant_spread_add_cv(ret, sqrt(b->random_var) / b->value);
	if (a->random_var != 0)
		quant_spread_add_cv(ret, sqrt(a->random_var) / a->value);
}

struct quant_interval quant_value_interval(const struct quant_value *v)
{
	struct quant_interval i = { 0 };
	struct quant_spread s;

	if (v->value > 0) {
		quant_value_spread(v, &s);
		i = quant_spread_interval(&s, v->value);
	}
	return v->random_var != 0 ? quant_interval_add_noise(&i, v->random_var) : i;
}
