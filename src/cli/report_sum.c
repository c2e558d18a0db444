/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_sum.c - the rows of report.h and their sums. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "cli/report.h"
#include "cli/report_facts.h"
#include "cli/report_seen.h"
#include "cli/report_series.h"
#include "quant/montecarlo.h"

int report_new(unsigned int by, int64_t since_us, int64_t until_us, struct report **ret)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->by = by;
	r->since_us = since_us;
	r->until_us = until_us;
	*ret = r;
	return 0;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_groups; i++) {
		free(r->group[i].key);
		free(r->group[i].id);
		free(r->group[i].comm);
		free(r->group[i].cgroup);
		free(r->group[i].name);
		free(r->group[i].extra);
	}
	free(r->group);
	free(r->slot);
	free(r->series);
	free(r->facts);
	report_seen_free(r->seen);
	montecarlo_free(r->montecarlo);
	free(r);
}

void report_intervals(const struct report *r, const struct report_sum *s,
		      struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e)
{
	bool simulated = quant_is_simulated(s->total.energy_uj, r->host.total.energy_uj);

	quant_total_intervals(&s->total, s->zone, r->n_zones, simulated ? r->montecarlo : NULL,
			      ret_energy, ret_co2e);
}

void report_sum_add(const struct report *r, struct report_sum *s,
		    const struct quant_interval_u64 *energy, uint64_t co2e_ug)
{
	quant_total_add(&s->total, energy, co2e_ug, &r->tick_common, &s->zone[r->tick_zone]);
}

void report_sum_merge(struct report_sum *to, const struct report_sum *from)
{
	to->cpu_ns += from->cpu_ns;
	to->n_missing += from->n_missing;
	/* How many ticks they share is not known: the shorter time is the wider interval. */
	if (from->total.time_ns > to->total.time_ns)
		to->total.time_ns = from->total.time_ns;
	quant_total_merge(&to->total, &from->total);
	for (size_t i = 0; i < REPORT_MAX_ZONES; i++)
		quant_zone_merge(&to->zone[i], &from->zone[i]);
}

static uint32_t *report_find(const struct report *r, const char *key)
{
	for (size_t i = fnv_add(FNV_BEGIN, key, strlen(key));; i++) {
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

	if (x->sum.total.energy_uj != y->sum.total.energy_uj)
		return x->sum.total.energy_uj > y->sum.total.energy_uj ? -1 : 1;
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
