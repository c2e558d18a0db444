/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* draw_pane.c - what takes the place of the rows: help, the choice of a grouping, details. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/export.h"
#include "export/number.h"
#include "types/derived.h"
#include "view/view_parts.h"

#define LABEL_WIDTH 17

/* Lines go by: those between top and the end of the place are put. */
struct pane {
	struct canvas *canvas;
	unsigned int first; /* line of the screen */
	unsigned int n_lines;
	size_t top;
	size_t n; /* so far */
};

/* The next line's place; no width where it is out of sight. */
static struct canvas_span pane_next(struct pane *p)
{
	size_t line = p->n++;

	if (line < p->top || line - p->top >= p->n_lines)
		return (struct canvas_span){ 0, 0, 0 };
	return (struct canvas_span){ p->first + (unsigned int)(line - p->top), 1,
				     p->canvas->n_columns - 1 };
}

static void pane_line(struct pane *p, enum canvas_role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void pane_line(struct pane *p, enum canvas_role role, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	canvas_put(p->canvas, pane_next(p), role, text);
}

/* Bytes of UTF-8 text that fit into so many columns, whole words if any; at least a character. */
static size_t fitting(const struct canvas *c, const char *text, unsigned int width)
{
	unsigned int columns = 0;
	size_t n = 0, words = 0;

	while (text[n]) {
		char one[8] = "";
		size_t len = 1;

		while (((unsigned char)text[n + len] & 0xc0) == 0x80 && len < 4)
			len++;
		memcpy(one, text + n, len);
		columns += canvas_columns(c, one);
		if (columns > width && n)
			return words ? words : n;
		n += len;
		if (one[0] == ' ')
			words = n;
	}
	return n;
}

/* A label, and its value over as many lines as it needs; text is harmless. */
static void pane_value(struct pane *p, const char *label, const char *text)
{
	unsigned int columns = p->canvas->n_columns;
	unsigned int indent = columns >= 3 * LABEL_WIDTH ? LABEL_WIDTH : 2;
	unsigned int width = columns > indent + 3 ? columns - indent - 2 : 1;

	if (indent < LABEL_WIDTH)
		pane_line(p, CANVAS_DIM, "%s", label);
	for (bool first = true; first || *text; first = false) {
		size_t n = fitting(p->canvas, text, width);
		struct canvas_span at = pane_next(p);
		char part[1100];

		snprintf(part, sizeof(part), "%.*s", (int)n, text);
		if (first && indent == LABEL_WIDTH)
			canvas_put(p->canvas, at, CANVAS_DIM, label);
		if (at.width > indent)
			canvas_put(p->canvas,
				   (struct canvas_span){ at.line, at.column + indent,
							 at.width - indent },
				   CANVAS_PLAIN, part);
		text += n;
	}
}

static void draw_help(struct pane *p)
{
	static const struct {
		const char *key;
		const char *what;
	} lines[] = {
		{ "↑ ↓ PgUp PgDn", "choose a row; it stays chosen wherever it moves" },
		{ "Home", "back to the top, no row chosen" },
		{ "End", "the last row" },
		{ "⏎", "details of the row: who it is, how sure its figures are" },
		{ "s > <", "sort by the next column, or the one before: ▾ ▴" },
		{ "r", "the other way round" },
		{ "/", "only names that hold a text; Esc: all again" },
		{ "e", "share and bar of the energy since the start, or of the power" },
		{ "t", "tree: processes by parents, cgroups by paths" },
		{ "← →", "fold and unfold a branch: folded, its line is all below it" },
		{ "b", "measure by other consumers; all since the start begins anew" },
		{ "p Space", "the screen stands still; measuring goes on" },
		{ "h ?", "this page" },
		{ "Ctrl-L", "draw all anew" },
		{ "q", "end; Ctrl-Z stops, fg goes on" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		pane_value(p, lines[i].key, lines[i].what);
	pane_line(p, CANVAS_PLAIN, "%s", "");
	pane_value(
		p, "How it adds up",
		"In each column the rows, others, not attributed and idle are the host's figure, "
		"to the last digit shown. Others are consumers that are filtered out or beyond "
		"the screen. Idle is what the machine draws whoever runs; not attributed is "
		"energy of which nobody is known to be the cause.");
	pane_value(p, "[2.2, 13.4]",
		   "95 % interval. Measured: by a meter. Modelled: from the CPU's name and load.");
}

static void draw_groupings(struct view *v, struct pane *p)
{
	pane_line(p, CANVAS_PLAIN, "Consumers are measured by:");
	for (size_t i = 0; i < RECORD_N_KINDS; i++) {
		struct canvas_span at = pane_next(p);
		bool chosen = v->pane_top == i;

		at.width = at.width < 24 ? at.width : 24;
		canvas_put(p->canvas, at, CANVAS_KEY, chosen ? ">" : " ");
		if (at.width > 2)
			canvas_put(p->canvas,
				   (struct canvas_span){ at.line, at.column + 2, at.width - 2 },
				   CANVAS_PLAIN, record_kind_name(i));
		if (i == v->by && at.width > 15)
			canvas_put(p->canvas,
				   (struct canvas_span){ at.line, at.column + 14, at.width - 14 },
				   CANVAS_DIM, "now");
		if (chosen)
			canvas_paint(p->canvas, at, CANVAS_CURSOR);
	}
}

/* Figures of the row, in words. */
static void draw_figures(const struct view *v, struct pane *p, const struct list_item *item)
{
	const struct rows *r = view_rows(v);
	const struct rows_host *h = &r->host;
	const struct rows_figures *f = &item->figures;
	struct quant_interval_u64 energy = { f->energy_uj, f->low_uj, f->high_uj };
	struct quant_interval_u64 power = record_power_uw(&energy, h->window_ns);
	double window_s = jt_ns_to_s(h->window_ns ? h->window_ns : 1);
	CLEANUP(buf_free) struct buf text = { 0 };

	if (h->has_energy) {
		number_put_interval(&text, &power, "W");
		if (item->row)
			buf_printf(&text, " (%s)", energy_quality_name(item->row->quality));
		if (h->energy.value)
			buf_printf(&text, ", %.1f %% of the host",
				   100 * (double)f->energy_uj / (double)h->energy.value);
		pane_value(p, "power now", text.err ? "" : text.data);
		buf_reset(&text);
		number_put_plain(&text, f->total_uj, "J");
		buf_puts(&text, " and ");
		number_put_plain(&text, f->total_ug, "g");
		buf_puts(&text, " CO2e");
		pane_value(p, "since the start", text.err ? "" : text.data);
	}
	buf_reset(&text);
	buf_printf(&text, "%.1f %% of one CPU now, %.2f s since the start",
		   100 * jt_ns_to_s(f->cpu_ns) / window_s, jt_ns_to_s(f->total_cpu_ns));
	pane_value(p, "CPU", text.err ? "" : text.data);
}

static void draw_row_history(const struct view *v, struct pane *p, const struct row *row)
{
	const struct rows *r = view_rows(v);
	float value[ROWS_HISTORY], largest = 0;
	struct canvas_span at = pane_next(p);
	unsigned int n;

	if (at.width <= LABEL_WIDTH)
		return;
	canvas_put(p->canvas, at, CANVAS_DIM, "history");
	n = at.width - LABEL_WIDTH < ROWS_HISTORY ? at.width - LABEL_WIDTH : ROWS_HISTORY;
	for (unsigned int i = 0; i < n; i++) {
		value[i] = rows_power_uw(r, row, n - 1 - i);
		largest = value[i] > largest ? value[i] : largest;
	}
	canvas_spark(p->canvas, (struct canvas_span){ at.line, at.column + LABEL_WIDTH, n },
		     CANVAS_GRAPH, value, largest);
}

/* What the last tick said of it. */
static void draw_labels(const struct view *v, struct pane *p)
{
	const struct buf *labels = &v->details.labels;
	const char *end = labels->data + labels->len;
	CLEANUP(buf_free) struct buf text = { 0 };

	for (const char *s = labels->data; !labels->err && s < end;) {
		const char *value = s + strlen(s) + 1;

		view_put_name(&text, value, strlen(value));
		pane_value(p, s, text.err ? "" : text.data);
		s = value + strlen(value) + 1;
	}
}

static void draw_details(const struct view *v, struct pane *p)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	const char *lines = v->details.uncertainty.err ? NULL : v->details.uncertainty.data;
	struct list_item item;

	if (v->cursor >= list_length(v->list)) {
		pane_line(p, CANVAS_PLAIN, "no consumer is chosen");
		return;
	}
	list_get(v->list, v->cursor, &item);
	view_put_name(&text, item.name, item.name_len);
	pane_value(p, record_kind_name(v->by), text.err ? "" : text.data);
	if (item.tgid) {
		uint32_t pid = item.row && item.row->pid ? item.row->pid : item.tgid;

		buf_reset(&text);
		buf_put_u64(&text, pid);
		pane_value(p, "pid", text.err ? "" : text.data);
	}
	draw_figures(v, p, &item);
	if (!item.row) {
		pane_line(p, CANVAS_DIM, "a branch: nothing of its own is known");
		return;
	}
	if (!item.is_folded)
		draw_row_history(v, p, item.row);
	if (v->details.id != item.row->id) {
		pane_line(p, CANVAS_DIM, "it had nothing in the last window");
		return;
	}
	if (view_rows(v)->host.has_energy) {
		buf_reset(&text);
		export_human_co2e(&text, &v->details.co2e);
		pane_value(p, "carbon, window", text.err ? "" : text.data);
	}
	draw_labels(v, p);
	while (lines && *lines) {
		int n = (int)strcspn(lines, "\n");

		pane_line(p, CANVAS_PLAIN, "%.*s", n, lines);
		lines += n + (lines[n] == '\n');
	}
}

void view_draw_pane(struct view *v, struct canvas *c, const struct view_layout *l)
{
	unsigned int first = l->n_head + (l->has_gap ? 1U : 0U);
	struct pane p = { .canvas = c,
			  .first = first,
			  .n_lines = c->n_lines - first - (l->has_foot ? 1U : 0U) };

	/* The chosen line is on the screen. */
	if (v->pane == VIEW_GROUPINGS)
		p.top = v->pane_top + 2 > p.n_lines ? v->pane_top + 2 - p.n_lines : 0;
	else
		p.top = v->pane_top;
	if (v->pane == VIEW_HELP)
		draw_help(&p);
	else if (v->pane == VIEW_GROUPINGS)
		draw_groupings(v, &p);
	else
		draw_details(v, &p);
	v->pane_lines = p.n;
	v->page = p.n_lines;
}

/* Scrolls, as far as there is something. */
static void scroll_pane(struct view *v, uint32_t key)
{
	size_t most = v->pane_lines > v->page ? v->pane_lines - v->page : 0;
	size_t step = key == VIEW_KEY_PAGE_UP || key == VIEW_KEY_PAGE_DOWN ? v->page : 1;

	if (key == VIEW_KEY_UP || key == VIEW_KEY_PAGE_UP)
		v->pane_top = v->pane_top > step ? v->pane_top - step : 0;
	else if (key == VIEW_KEY_DOWN || key == VIEW_KEY_PAGE_DOWN)
		v->pane_top += step;
	else if (key == VIEW_KEY_HOME)
		v->pane_top = 0;
	else if (key == VIEW_KEY_END)
		v->pane_top = most;
	v->pane_top = v->pane_top < most ? v->pane_top : most;
}

static enum view_action grouping_key(struct view *v, uint32_t key)
{
	if (key == VIEW_KEY_UP)
		v->pane_top = (v->pane_top + RECORD_N_KINDS - 1) % RECORD_N_KINDS;
	if (key == VIEW_KEY_DOWN || key == 'b')
		v->pane_top = (v->pane_top + 1) % RECORD_N_KINDS;
	if (key != VIEW_KEY_ENTER)
		return VIEW_REDRAW;
	v->pane = VIEW_ROWS;
	if (v->pane_top == v->by)
		return VIEW_REDRAW;
	v->wanted_by = (enum record_kind)v->pane_top;
	return VIEW_REGROUP;
}

enum view_action view_pane_key(struct view *v, uint32_t key)
{
	bool opens = (v->pane == VIEW_HELP && (key == 'h' || key == '?')) ||
		     (v->pane == VIEW_DETAILS && key == VIEW_KEY_ENTER);

	if (key == VIEW_KEY_ESCAPE || key == 'q' || opens) {
		v->pane = VIEW_ROWS;
		v->pane_top = 0;
		return VIEW_REDRAW;
	}
	if (v->pane == VIEW_GROUPINGS)
		return grouping_key(v, key);
	scroll_pane(v, key);
	return VIEW_REDRAW;
}
