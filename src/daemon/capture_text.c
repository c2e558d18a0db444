/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_text.c - see capture_text.h. */
#include "daemon/capture_text.h"

#include <string.h>

void capture_text_free(struct capture_text *c)
{
	buf_free(&c->lines);
	buf_free(&c->layout);
	buf_free(&c->intensity);
	buf_free(&c->scratch);
}

/* What is in scratch, unless it was the last to be written. */
static void put_changed(struct capture_text *c, struct buf *last)
{
	if (c->scratch.err ||
	    (c->scratch.len == last->len && !memcmp(c->scratch.data, last->data, last->len)))
		return;
	buf_append(&c->lines, c->scratch.data, c->scratch.len);
	buf_reset(last);
	buf_append(last, c->scratch.data, c->scratch.len);
}

static void put_intensity(struct capture_text *c, const struct intensity *i)
{
	buf_reset(&c->scratch);
	line_put(&c->scratch, &capture_line_intensity, i);
	put_changed(c, &c->intensity);
}

void capture_text_head(struct capture_text *c, const struct capture_head *head,
		       const struct intensity *i)
{
	struct capture_head mine = *head;

	if (!c->has_names)
		mine.host[0] = mine.ledger_dir[0] = '\0';
	line_put(&c->lines, &capture_line_head, &mine);
	put_intensity(c, i);
}

static void put_energy(struct capture_text *c, const struct energy *e)
{
	buf_reset(&c->scratch);
	line_put(&c->scratch, &capture_line_layout, e);
	for (size_t i = 0; i < e->n_domains; i++)
		line_put(&c->scratch, &capture_line_domain, &e->domain[i]);
	put_changed(c, &c->layout);
	line_put(&c->lines, &capture_line_energy, e);
	for (size_t i = 0; i < e->n_domains; i++)
		line_put(&c->lines, &capture_line_reading, &e->reading[i]);
	for (size_t i = 0; i < e->n_gaps; i++)
		line_put(&c->lines, &capture_line_gap, &e->gap[i]);
	for (size_t i = 0; i < e->n_uses; i++)
		line_put(&c->lines, &capture_line_use, &e->use[i]);
}

static void put_row(struct capture_text *c, const struct usage *u, size_t i)
{
	struct usage_row row = u->rows[i];

	if (u->weight == JT_WEIGHT_TIME)
		memset(row.weight, 0, sizeof(row.weight));
	if (!c->has_names)
		memset(row.comm, 0, sizeof(row.comm));
	line_put(&c->lines, &capture_line_row, &row);
}

void capture_text_window(struct capture_text *c, const struct usage *u, const struct energy *e,
			 const struct intensity *i)
{
	put_intensity(c, i);
	line_put(&c->lines, &capture_line_window, u);
	line_put(&c->lines, &capture_line_books, &u->books);
	for (unsigned int p = 0; p < u->n_packages; p++) {
		struct capture_package package = { u->package_id[p], u->package[p] };

		line_put(&c->lines, &capture_line_package, &package);
	}
	for (size_t r = 0; r < u->n_rows; r++)
		put_row(c, u, r);
	put_energy(c, e);
}

static void put_names(struct capture_text *c, const struct tick *t)
{
	for (size_t i = 0; t && c->has_names && i < t->n_samples; i++) {
		const struct sample *s = &t->sample[i];
		struct capture_name name = {
			.kind = s->kind,
			.tgid = s->tgid,
			.pid = s->pid,
			.start_boottime_ns = s->start_boottime_ns,
			.cgroup_id = s->cgroup_id,
			.group = s->group,
			.flags = s->flags,
			.id = s->id,
			.name = s->name,
			.cgroup = s->cgroup,
			.labels = s->labels,
		};

		line_put(&c->lines, &capture_line_name, &name);
	}
}

void capture_text_tick(struct capture_text *c, struct capture_tick t, const struct tick *tick)
{
	t.n_names = tick && c->has_names ? tick->n_samples : 0;
	line_put(&c->lines, &capture_line_tick, &t);
	put_names(c, tick);
}

void capture_text_end(struct capture_text *c, struct capture_end e, const struct tick *total)
{
	e.n_names = total && c->has_names ? total->n_samples : 0;
	line_put(&c->lines, &capture_line_end, &e);
	put_names(c, total);
}
