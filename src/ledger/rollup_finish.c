/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rollup_finish.c - rollup.h: the order of rows, and those who find no room. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rollup.h"
#include "types/energy.h"

/* By span, then largest energy first. */
static int rollup_compare_rows(const void *a, const void *b)
{
	const struct rollup_row *x = *(struct rollup_row *const *)a;
	const struct rollup_row *y = *(struct rollup_row *const *)b;

	if (x->span != y->span)
		return x->span < y->span ? -1 : 1;
	if (x->total.energy_uj != y->total.energy_uj)
		return x->total.energy_uj > y->total.energy_uj ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* Row `from` into `to`, the row of the others. */
static void rollup_merge(struct rollup_row *to, struct rollup_row *from)
{
	free(to->line);
	to->line = NULL;
	to->cpu_ns += from->cpu_ns;
	to->n_missing += from->n_missing;
	if (from->total.time_ns > to->total.time_ns)
		to->total.time_ns = from->total.time_ns;
	quant_zone_merge(&to->zone, &from->zone);
	quant_total_merge(&to->total, &from->total);
}

int rollup_finish(struct rollup *r)
{
	if (r->n_spans == 0) {
		/* No tick at all: a rollup that says so. */
		r->span = calloc(1, sizeof(*r->span));
		if (!r->span)
			return -ENOMEM;
		r->span[r->n_spans++] = (struct rollup_span){ .by = "cgroup",
							      .zone = "null",
							      .quality = ENERGY_MISSING };
	}
	r->span[r->n_spans - 1].n_lost_ticks += r->n_lost_ticks;
	r->n_lost_ticks = 0;
	if (r->n_rows)
		qsort(r->row, r->n_rows, sizeof(struct rollup_row *), rollup_compare_rows);
	for (size_t i = 0; i < r->n_rows; i++) {
		struct rollup_span *s = &r->span[r->row[i]->span];

		if (s->n_rows == 0)
			s->first_row = i;
		if (s->n_rows < ROLLUP_MAX_ROWS)
			s->n_rows++;
		else
			rollup_merge(r->row[s->first_row + ROLLUP_MAX_ROWS - 1], r->row[i]);
	}
	return 0;
}
