/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* span_capture.c - see span_capture.h. */
#include "daemon/span_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct span_capture {
	struct capture_text text;
	bool by_cgroup; /* what cgroups reserve hangs on who is in them: others are one each */
	bool has_given;
	struct energy energy;
};

void span_capture_free(struct span_capture *c)
{
	if (!c)
		return;
	capture_text_free(&c->text);
	free(c);
}

int span_capture_new(const struct capture_head *head, const struct intensity *i,
		     struct span_capture **ret)
{
	struct span_capture *c = calloc(1, sizeof(*c));
	struct capture_head mine = *head;

	if (!c)
		return -ENOMEM;
	mine.by = RECORD_PROCESS;
	mine.has_ledger = false;
	mine.ledger_dir[0] = '\0';
	mine.has_names = c->text.has_names = true;
	c->by_cgroup = head->idle_policy == METHOD_RESERVED;
	capture_text_head(&c->text, &mine, i);
	*ret = c;
	return 0;
}

/* Who is in one row with it, of those that are not the span's. */
static struct usage_row *row_of_others(const struct span_capture *c, struct usage *to, size_t n_own,
				       const struct usage_row *one)
{
	bool alone = one->flags & (USAGE_ROW_RESERVED | USAGE_ROW_IRQ);
	uint32_t flags = one->flags & (JT_CELL_V1_CGRP | USAGE_ROW_RESERVED | USAGE_ROW_IRQ);
	struct usage_row *row;

	for (size_t i = n_own; c->by_cgroup && !alone && i < to->n_rows; i++)
		if (to->rows[i].cgroup_id == one->cgroup_id &&
		    to->rows[i].flags == (flags | JT_CELL_OVERFLOW))
			return &to->rows[i];
	if (!c->by_cgroup && !alone && to->n_rows > n_own)
		return &to->rows[n_own];
	row = &to->rows[to->n_rows++];
	*row = (struct usage_row){ .flags = alone ? flags : JT_CELL_OVERFLOW };
	if (c->by_cgroup) {
		row->flags |= flags;
		row->cgroup_id = one->cgroup_id;
	}
	memcpy(row->comm, "(others)", sizeof("(others)"));
	return row;
}

static void add_other(struct usage_row *to, const struct usage_row *one)
{
	for (size_t p = 0; p < JT_MAX_PACKAGES; p++) {
		to->cpu_ns[p] += one->cpu_ns[p];
		to->weight[p] += one->weight[p];
	}
	to->total_ns += one->total_ns;
	to->reserved_ucpu += one->reserved_ucpu;
}

/* The rows of the window; to->rows has room for all of it and one. */
static void divide_rows(const struct span_capture *c, const struct usage *u, const bool *is_own,
			struct usage *to)
{
	size_t n_own;

	to->n_rows = 0;
	for (size_t i = 0; i < u->n_rows; i++) {
		if (!is_own[i])
			continue;
		to->rows[to->n_rows] = u->rows[i];
		to->rows[to->n_rows].group = 0;
		to->rows[to->n_rows++].flags |= JT_CELL_LINEAGE;
	}
	n_own = to->n_rows;
	/* The first of the others is that of tasks. */
	if (!c->by_cgroup && n_own < u->n_rows)
		row_of_others(c, to, n_own, &(struct usage_row){ .flags = 0 });
	for (size_t i = 0; i < u->n_rows; i++)
		if (!is_own[i])
			add_other(row_of_others(c, to, n_own, &u->rows[i]), &u->rows[i]);
}

static bool has_row(const struct usage *u, uint32_t tgid)
{
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == tgid)
			return true;
	return false;
}

/* Uses of others are of one, in each domain: who that is, is not told. */
static void divide_uses(const struct energy *e, const struct usage *u, const struct usage *own,
			struct energy *to)
{
	*to = *e;
	to->n_uses = 0;
	for (size_t i = 0; i < e->n_uses; i++) {
		struct energy_use use = e->use[i];
		size_t k = 0;

		if (!has_row(u, use.tgid))
			continue; /* nobody's */
		if (!has_row(own, use.tgid))
			use.tgid = 0;
		while (k < to->n_uses &&
		       (to->use[k].domain != use.domain || to->use[k].tgid != use.tgid))
			k++;
		if (k < to->n_uses)
			to->use[k].ppm += use.ppm;
		else
			to->use[to->n_uses++] = use;
	}
}

static void put_end(struct span_capture *c, const struct span *span)
{
	struct span_result r;
	struct capture_end end = { .n_lineage_alive = span_n_alive(span) };

	span_result(span, &r);
	end.mono_ns = r.end.mono_ns;
	end.real_us = r.end.real_us;
	end.n_lineage_tasks = r.n_processes;
	capture_text_end(&c->text, end, NULL);
}

const struct buf *span_capture_window(struct span_capture *c, struct span *span,
				      const struct course_window *w)
{
	CLEANUP(cleanup_free) bool *is_own = calloc(w->usage->n_rows + 1, sizeof(*is_own));
	CLEANUP(cleanup_free)
	struct usage_row *rows = calloc(w->usage->n_rows + 1, sizeof(*rows));
	struct capture_tick tick = { .mono_ns = w->usage->window.end_mono_ns,
				     .real_us = w->usage->window.end_real_us };
	struct usage own = *w->usage;
	struct span_result r;

	/* The head goes with the first window. */
	if (c->has_given)
		buf_reset(&c->text.lines);
	c->has_given = true;
	if (!is_own || !rows) {
		c->text.lines.err = -ENOMEM;
		return &c->text.lines;
	}
	span_rows(span, w, is_own);
	own.rows = rows;
	divide_rows(c, w->usage, is_own, &own);
	divide_uses(w->energy, w->usage, &own, &c->energy);
	capture_text_window(&c->text, &own, &c->energy, w->intensity);
	span_result(span, &r);
	tick.n_lineage_tasks = r.n_processes;
	capture_text_tick(&c->text, tick, NULL);
	if (span_is_done(span))
		put_end(c, span);
	return &c->text.lines;
}
