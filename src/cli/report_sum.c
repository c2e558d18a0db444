/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_sum.c - the arithmetic of report.h: figures with intervals, added up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "carbon/temporal.h"
#include "cli/report.h"
#include "quant/montecarlo.h"

enum { GROUP_ENERGY, GROUP_INTENSITY, GROUP_MOMENT };

_Static_assert(REPORT_MAX_ZONES + 2 <= QUANT_MAX_PARTS, "a part for each zone");

/* What is left of a deviation when its random part is taken out, as squares. */
static double systematic(double deviation, double random)
{
	double rest = deviation * deviation - random * random;

	return rest > 0 ? sqrt(rest) : 0;
}

/*
 * ln-space sides of what is systematic in an interval around a value > 0; random: half the width
 * of what is not. A low end that was rounded away to 0 counts as the high one.
 */
static struct quant_sides sum_sides(const struct quant_interval_u64 *v, double random)
{
	double value = (double)v->value;
	double above = systematic((double)(v->high - v->value), random) / value;
	double below = systematic((double)(v->value - v->low), random) / value;
	struct quant_sides s = { .plus = log1p(above) / QUANT_Z95 };

	s.minus = v->low > 0 && below < 1 ? -log1p(-below) / QUANT_Z95 : s.plus;
	return s;
}

/* sd of a figure of 0, which is all that its interval says. */
static void sum_nothing(struct report_sum *s, const struct quant_interval_u64 *energy)
{
	double sd = (double)energy->high / QUANT_Z95;
	double ug_per_uj = s->energy_uj ? (double)s->co2e_ug / (double)s->energy_uj : 0;

	s->energy.random_var += sd * sd;
	s->co2e.random_var += sd * ug_per_uj * sd * ug_per_uj;
}

void report_sum_add(const struct report *r, struct report_sum *s,
		    const struct quant_interval_u64 *energy, uint64_t co2e_ug)
{
	double e = (double)energy->value, c = (double)co2e_ug, random = r->tick_random;
	struct quant_part part = { .id = REPORT_PART_ENERGY, .group = GROUP_ENERGY, .amount = e };
	struct quant_sides sides;

	s->energy_uj += energy->value;
	s->co2e_ug += co2e_ug;
	s->n_records++;
	if (energy->value == 0) {
		sum_nothing(s, energy);
		return;
	}
	sides = sum_sides(energy, QUANT_Z95 * e * random);
	quant_value_hang(&s->energy, &part, &sides);
	part.amount = c;
	quant_value_hang(&s->co2e, &part, &sides);
	s->energy.random_var += e * random * e * random;
	s->co2e.random_var += c * random * c * random;
	part.group = GROUP_INTENSITY;
	part.id = REPORT_PART_ZONE + (uint32_t)r->tick_zone;
	quant_value_hang(&s->co2e, &part, &r->tick_intensity);
	if (r->tick_annual)
		s->co2e_annual += c;
}

void report_sum_values(const struct report_sum *s, struct quant_value *ret_energy,
		       struct quant_value *ret_co2e)
{
	const struct quant_part moment = { .id = REPORT_PART_MOMENT,
					   .group = GROUP_MOMENT,
					   .temporal = true,
					   .amount = s->co2e_annual };
	double sd = carbon_temporal_sd(s->time_ns);

	*ret_energy = s->energy;
	*ret_co2e = s->co2e;
	/* The integers, which are exact. */
	ret_energy->value = (double)s->energy_uj;
	ret_co2e->value = (double)s->co2e_ug;
	if (s->co2e_annual > 0)
		quant_value_hang(ret_co2e, &moment, &(struct quant_sides){ sd, sd });
}

/* mc: NULL for the closed form. */
static struct quant_interval sum_interval(const struct quant_value *v, struct montecarlo *mc)
{
	struct montecarlo_result m;

	if (mc && quant_value_simulate(v, mc, &m) == 0)
		return m.interval;
	return quant_value_interval(v);
}

void report_intervals(const struct report *r, const struct report_sum *s,
		      struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e)
{
	bool simulated = quant_is_simulated(s->energy_uj, r->host.energy_uj);
	struct montecarlo *mc = simulated ? r->montecarlo : NULL;
	struct quant_value energy, co2e;
	struct quant_interval i;

	report_sum_values(s, &energy, &co2e);
	i = sum_interval(&energy, mc);
	*ret_energy = quant_interval_round(&i, s->energy_uj);
	i = sum_interval(&co2e, mc);
	*ret_co2e = quant_interval_round(&i, s->co2e_ug);
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
