/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* view.c - see view.h: what a view knows, and how its parts are drawn. */
#include "view/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/text.h"
#include "view/view_parts.h"

DEFINE_CLEANUP(struct view *, view_free)

int view_new(enum record_kind by, bool can_regroup, struct view **ret)
{
	CLEANUP(view_free_ptr) struct view *v = calloc(1, sizeof(*v));

	if (!v || rows_new(ROWS_MAX, &v->rows) || list_new(&v->list))
		return -ENOMEM;
	v->by = v->wanted_by = by;
	v->rows->host.by = by;
	v->can_regroup = can_regroup;
	v->is_stale = true;
	*ret = TAKE_PTR(v);
	return 0;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	rows_free(v->rows);
	rows_free(v->frozen);
	list_free(v->list);
	free(v->choice.folded);
	buf_free(&v->details.labels);
	buf_free(&v->details.uncertainty);
	free(v);
}

int view_tick(struct view *v, const struct tick *t)
{
	int err = rows_add(v->rows, t);

	v->is_stale = v->is_stale || !v->frozen;
	return err;
}

int view_restart(struct view *v, enum record_kind by)
{
	struct rows *rows;
	int err = rows_new(ROWS_MAX, &rows);

	if (err)
		return err;
	rows_free(v->rows);
	rows_free(v->frozen);
	v->rows = rows;
	v->frozen = NULL;
	v->by = v->wanted_by = rows->host.by = by;
	v->has_cursor = false;
	v->cursor = v->top = 0;
	v->choice.n_folded = 0;
	v->details.id = 0;
	v->is_stale = true;
	return 0;
}

enum record_kind view_grouping(const struct view *v)
{
	return v->wanted_by;
}

void view_say(struct view *v, const char *line)
{
	snprintf(v->message, sizeof(v->message), "%s", line);
}

/* The row under the cursor; without one the first. NULL: a branch without a row, or none at all. */
static const struct row *view_chosen(const struct view *v)
{
	struct list_item item;

	if (v->is_stale || v->cursor >= list_length(v->list))
		return NULL;
	list_get(v->list, v->cursor, &item);
	return item.row;
}

const struct sample *view_wants(const struct view *v, const struct tick *t)
{
	const struct row *row = view_chosen(v);

	if (v->pane != VIEW_DETAILS || !row)
		return NULL;
	/* While the screen stands, so does what is told already. */
	if (v->frozen && v->details.id == row->id)
		return NULL;
	for (size_t i = 0; i < t->n_samples; i++)
		if (rows_is(row, &t->sample[i]))
			return &t->sample[i];
	return NULL;
}

static void put_label(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_append(out, name, strlen(name) + 1);
	buf_append(out, value, strlen(value) + 1);
}

void view_describe(struct view *v, const struct sample *s, const char *uncertainty)
{
	const struct sample_labels *l = &s->labels;
	const struct row *row = view_chosen(v);
	struct view_details *d = &v->details;
	struct buf *out = &d->labels;

	buf_reset(out);
	put_label(out, "container", l->container_name);
	put_label(out, "container id", l->container);
	put_label(out, "image", l->image);
	put_label(out, "runtime", l->runtime);
	put_label(out, "pod", l->pod_name);
	put_label(out, "pod id", l->pod);
	put_label(out, "namespace", l->namespace);
	put_label(out, "QoS class", l->qos);
	put_label(out, "unit", l->unit);
	put_label(out, "virtual machine", l->vm);
	put_label(out, "labels", l->tags);
	put_label(out, "user", l->user);
	put_label(out, "executable", l->exe);
	put_label(out, "command line", l->cmdline);
	put_label(out, "started by", l->ancestors);
	put_label(out, "pid inside", l->ns_pid);
	put_label(out, "cgroup", s->cgroup);
	d->id = row ? row->id : 0;
	d->co2e = s->co2e;
	buf_reset(&d->uncertainty);
	buf_puts(&d->uncertainty, uncertainty);
}

/*
 * The cursor goes where the one goes that it is on. Who has nothing in a window falls to the end
 * of the list: there it does not follow, but waits where it is for him to come back.
 */
static void view_follow(struct view *v)
{
	size_t at = list_find(v->list, v->cursor_id), n = list_length(v->list);
	struct list_item item;

	if (at == n)
		return;
	list_get(v->list, at, &item);
	if (item.figures.cpu_ns || item.figures.energy_uj || item.is_branch ||
	    v->choice.sort != LIST_BY_POWER)
		v->cursor = at;
}

int view_refresh(struct view *v)
{
	size_t n;
	int err;

	if (!v->is_stale)
		return 0;
	err = list_make(v->list, view_rows(v), &v->choice);
	v->is_stale = false;
	n = list_length(v->list);
	if (v->has_cursor)
		view_follow(v);
	if (v->cursor >= n)
		v->cursor = n ? n - 1 : 0;
	return err;
}

/*
 * What is most wanted comes first: the sums and one row, the columns' names, the host's power, the
 * keys, more rows, and then the rest of the head and some air.
 */
struct view_layout view_layout_of(unsigned int n_lines, bool needs_foot)
{
	struct view_layout l = { .n_sums = n_lines >= 5 ? 4 : n_lines > 0 };
	unsigned int left = n_lines - l.n_sums;

	l.has_foot = left > 0 && (needs_foot || left >= 4);
	left -= l.has_foot;
	l.has_title = left >= 2;
	left -= l.has_title;
	l.n_head = left >= 2;
	if (left >= 7)
		l.n_head = 2;
	if (left >= 9)
		l.n_head = 3;
	left -= l.n_head;
	l.has_rule = left >= 10;
	l.has_gap = left >= 12;
	left -= l.has_rule + (l.has_gap ? 1U : 0U);
	l.title = l.n_head + l.has_gap;
	l.body = l.title + l.has_title;
	l.n_body = left;
	l.sums = l.body + l.n_body + l.has_rule;
	return l;
}

int view_draw(struct view *v, struct canvas *c)
{
	struct view_layout l = view_layout_of(c->n_lines, v->is_typing || v->message[0]);
	int err = view_refresh(v);

	if (!c->n_lines || !c->n_columns)
		return err;
	view_draw_head(v, c, &l);
	if (v->pane == VIEW_ROWS)
		view_draw_table(v, c, &l);
	else
		view_draw_pane(v, c, &l);
	if (l.has_foot)
		view_draw_foot(v, c);
	return err;
}

void view_put_name(struct buf *out, const char *name, size_t len)
{
	char part[1024];

	buf_reset(out);
	if (!name || !len) {
		buf_puts(out, "(no name)");
		return;
	}
	/* No screen shows more, and nobody waits for it to be made harmless. */
	len = len < sizeof(part) - 1 ? len : sizeof(part) - 1;
	memcpy(part, name, len);
	part[len] = '\0';
	text_put_escaped(out, part, 0);
}
