/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* human_branches.c - cgroups with all below them, on a screen. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/parts.h"
#include "export/text.h"

#define BRANCHES_SHOWN 8
#define BRANCHES_NAME  40

static int by_energy(const void *a, const void *b)
{
	const struct record_branch *x = a, *y = b;

	if (x->energy.value != y->energy.value)
		return x->energy.value > y->energy.value ? -1 : 1;
	if (x->cpu_ns != y->cpu_ns)
		return x->cpu_ns > y->cpu_ns ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

static void branch_line(struct buf *out, const struct tick *t, const struct record_branch *b)
{
	CLEANUP(cleanup_free) char *path = strndup(b->path, b->len);
	CLEANUP(buf_free) struct buf own = { 0 };
	size_t from = out->len;

	buf_putc(out, ' ');
	text_put_escaped_end(out, path ? path : "", BRANCHES_NAME - 2);
	text_pad(out, from, 1 + BRANCHES_NAME);
	text_put_time(&own, b->own_cpu_ns);
	text_put_right(out, own.err ? "" : own.data, 12);
	buf_puts(out, "  ");
	if (export_has_energy(t))
		export_human_energy(out, &b->energy);
	else
		text_put_time(out, b->cpu_ns);
	buf_putc(out, '\n');
}

void parts_human_branches(struct buf *out, const struct tick *t)
{
	CLEANUP(cleanup_free) struct record_branch *order = NULL;
	size_t n = 0;

	order = calloc(t->n_branches + 1, sizeof(*order));
	for (size_t i = 0; order && i < t->n_branches; i++)
		/* All that is, is below the root. */
		if (t->branch[i].len > 1)
			order[n++] = t->branch[i];
	if (!n)
		return;
	qsort(order, n, sizeof(*order), by_energy);
	buf_printf(out, "\n %-40s%12s  %s\n", "With all below them", "own time", "all energy");
	for (size_t i = 0; i < n && i < BRANCHES_SHOWN; i++)
		branch_line(out, t, &order[i]);
	if (n > BRANCHES_SHOWN)
		buf_printf(out, " … and %zu more\n", n - BRANCHES_SHOWN);
}
