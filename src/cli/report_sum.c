/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_sum.c - the arithmetic of report.h: figures with intervals, added up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "carbon/temporal.h"
#include "cli/report.h"

/* ln-space sides of an interval; a low end that was rounded away to 0 counts as the high one. */
static struct quant_sides sum_sides(const struct quant_interval_u64 *v)
{
	struct quant_sides s = { 0 };
	double value = (double)v->value;

	s.plus = v->high > v->value ? log((double)v->high / value) / QUANT_Z95 : 0;
	s.minus = s.plus;
	if (v->low > 0)
		s.minus = v->low < v->value ? log(value / (double)v->low) / QUANT_Z95 : 0;
	return s;
}

/* What is left of a side when its random part is taken out. */
static double sum_systematic(double side, double random)
{
	double rest = side * side - log1p(random * random);

	return rest > 0 ? sqrt(rest) : 0;
}

static void sum_linear(struct quant_sides *to, double weight, const struct quant_sides *s)
{
	to->minus += weight * s->minus;
	to->plus += weight * s->plus;
}

void report_sum_add(const struct report *r, struct report_sum *s,
		    const struct quant_interval_u64 *energy, uint64_t co2e_ug)
{
	double e = (double)energy->value, c = (double)co2e_ug, random = r->tick_random;
	struct quant_sides sides;

	s->energy_uj += energy->value;
	s->co2e_ug += co2e_ug;
	s->n_records++;
	if (energy->value == 0) {
		/* Nothing to be relative to: what the counters may have missed. */
		double sd = (double)energy->high / QUANT_Z95;
		double ug_per_uj = s->energy_uj ? (double)s->co2e_ug / (double)s->energy_uj : 0;

		s->energy_var += sd * sd;
		s->co2e_var += sd * ug_per_uj * sd * ug_per_uj;
		return;
	}
	sides = sum_sides(energy);
	sides.minus = sum_systematic(sides.minus, random);
	sides.plus = sum_systematic(sides.plus, random);
	sum_linear(&s->energy_linear, e, &sides);
	sum_linear(&s->co2e_linear, c, &sides);
	s->energy_var += e * random * e * random;
	s->co2e_var += c * random * c * random;
	sum_linear(&s->zone[r->tick_zone], c, &r->tick_intensity);
	if (r->tick_annual)
		s->co2e_annual += c;
}

static void sum_spread(struct quant_spread *to, double total, const struct quant_sides *linear)
{
	struct quant_sides s = { linear->minus / total, linear->plus / total };

	quant_spread_add_factor(to, 1, &s);
}

static struct quant_interval sum_interval(double total, const struct quant_sides *linear,
					  double var, struct quant_spread *spread)
{
	if (!(total > 0))
		return (struct quant_interval){ .high = QUANT_Z95 * sqrt(var) };
	sum_spread(spread, total, linear);
	quant_spread_add_cv(spread, sqrt(var) / total);
	return quant_spread_interval(spread, total);
}

void report_intervals(const struct report *r, const struct report_sum *s,
		      struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e)
{
	struct quant_spread energy_spread = { 0 }, co2e_spread = { 0 };
	double c = (double)s->co2e_ug;
	struct quant_interval energy, co2e;

	energy = sum_interval((double)s->energy_uj, &s->energy_linear, s->energy_var,
			      &energy_spread);
	for (size_t i = 0; c > 0 && i < r->n_zones; i++)
		sum_spread(&co2e_spread, c, &s->zone[i]);
	if (c > 0)
		quant_spread_add_sd(&co2e_spread,
				    s->co2e_annual / c * carbon_temporal_sd(s->time_ns));
	co2e = sum_interval(c, &s->co2e_linear, s->co2e_var, &co2e_spread);
	*ret_energy = quant_interval_round(&energy, s->energy_uj);
	*ret_co2e = quant_interval_round(&co2e, s->co2e_ug);
}

void report_sum_merge(struct report_sum *to, const struct report_sum *from)
{
	to->energy_uj += from->energy_uj;
	to->co2e_ug += from->co2e_ug;
	to->cpu_ns += from->cpu_ns;
	to->n_records += from->n_records;
	to->n_missing += from->n_missing;
	/* How many ticks they share is not known: the shorter time is the wider interval. */
	if (from->time_ns > to->time_ns)
		to->time_ns = from->time_ns;
	sum_linear(&to->energy_linear, 1, &from->energy_linear);
	sum_linear(&to->co2e_linear, 1, &from->co2e_linear);
	to->energy_var += from->energy_var;
	to->co2e_var += from->co2e_var;
	to->co2e_annual += from->co2e_annual;
	for (size_t i = 0; i < REPORT_MAX_ZONES; i++)
		sum_linear(&to->zone[i], 1, &from->zone[i]);
}

/* FNV-1a. */
static uint64_t report_hash(const char *key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

static uint32_t *report_find(const struct report *r, const char *key)
{
	for (size_t i = report_hash(key);; i++) {
		uint32_t *slot = &r->slot[i & (r->n_slots - 1)];

		if (*slot == 0 || strcmp(r->group[*slot - 1].key, key) == 0)
			return slot;
	}
}

/* Room for twice as many. */
static int report_grow(struct report *r)
{
	size_t n = r->n_slots ? 2 * r->n_slots : 256;
	uint32_t *slot = calloc(n, sizeof(*slot));
	struct report_group *group = reallocarray(r->group, n / 2, sizeof(*group));

	if (group)
		r->group = group;
	if (!slot || !group) {
		free(slot);
		return -1;
	}
	free(r->slot);
	r->slot = slot;
	r->n_slots = n;
	for (size_t i = 0; i < r->n_groups; i++)
		*report_find(r, r->group[i].key) = (uint32_t)(i + 1);
	return 0;
}

struct report_group *report_group(struct report *r, const char *key)
{
	struct report_group *g;
	uint32_t *slot;

	if (r->n_groups + 1 >= r->n_slots / 2 && report_grow(r))
		return NULL;
	slot = report_find(r, key);
	if (*slot == 0 && r->n_groups >= REPORT_MAX_GROUPS - 1) {
		r->n_beyond++;
		slot = report_find(r, "(others)");
		key = "(others)";
	}
	if (*slot)
		return &r->group[*slot - 1];
	g = &r->group[r->n_groups];
	*g = (struct report_group){ .key = strdup(key), .last_tick = UINT64_MAX };
	if (!g->key)
		return NULL;
	*slot = (uint32_t)++r->n_groups;
	return g;
}

static int report_compare(const void *a, const void *b)
{
	const struct report_group *x = a, *y = b;

	if (x->sum.energy_uj != y->sum.energy_uj)
		return x->sum.energy_uj > y->sum.energy_uj ? -1 : 1;
	if (x->sum.cpu_ns != y->sum.cpu_ns)
		return x->sum.cpu_ns > y->sum.cpu_ns ? -1 : 1;
	return strcmp(x->key, y->key);
}

void report_sort(struct report *r)
{
	if (r->n_groups)
		qsort(r->group, r->n_groups, sizeof(*r->group), report_compare);
	/* The slots are of the order before: nothing is added any more. */
	free(r->slot);
	r->slot = NULL;
	r->n_slots = 0;
}
