/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* draw_table.c - consumers and the sums below them: columns that add up as they are drawn. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/columns.h"
#include "view/figure.h"
#include "view/view_parts.h"

/* Lines below the rows, in order; the host's is the sum of all above it. */
enum sum { SUM_OTHERS = 0, SUM_UNATTRIBUTED, SUM_IDLE, SUM_N_PARTS, SUM_HOST = SUM_N_PARTS, SUM_N };

#define MAX_PARTS (FIGURE_MAX_PARTS - 1) /* and the host's */

/* Columns that add up. Of each, last digits of every row on the screen, then of the sums. */
enum added { ADDED_POWER = 0, ADDED_ENERGY, ADDED_CO2E, ADDED_SHARE, ADDED_CPU, ADDED_N };

struct table {
	const struct view *view;
	const struct rows *rows;
	struct canvas *canvas;
	struct column_place column[COLUMN_N];
	size_t first; /* line of the list */
	size_t n;     /* rows on the screen */
	size_t n_others;
	struct number_scale scale[ADDED_N];
	struct rows_figures sum[SUM_N]; /* what the lines at the bottom are of */
	struct list_item *item;		/* [n] */
	uint64_t *digits;		/* [ADDED_N][n + SUM_N] */
	unsigned int spark_n;
	float *spark;
};

static uint64_t *table_digits(const struct table *t, enum added a)
{
	return t->digits + a * (t->n + SUM_N);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Others are what consumers had and no row on the screen has. */
static void add_sums(struct table *t)
{
	const struct rows_host *h = &t->rows->host;
	struct rows_figures shown = { 0 };
	struct rows_figures *others = &t->sum[SUM_OTHERS];

	for (size_t i = 0; i < t->n; i++)
		rows_figures_add(&shown, &t->item[i].figures);
	others->energy_uj = less(h->attributed.energy_uj, shown.energy_uj);
	others->total_uj = less(h->attributed.total_uj, shown.total_uj);
	others->total_ug = less(h->attributed.total_ug, shown.total_ug);
	others->cpu_ns = less(h->attributed.cpu_ns, shown.cpu_ns);
	t->sum[SUM_UNATTRIBUTED] = h->unattributed;
	t->sum[SUM_IDLE] = h->idle;
	for (size_t i = 0; i < SUM_N_PARTS; i++)
		rows_figures_add(&t->sum[SUM_HOST], &t->sum[i]);
	rows_figures_add(&t->sum[SUM_HOST], &shown);
}

static uint64_t part_of(const struct rows_figures *f, enum added a, bool since_start)
{
	switch (a) {
	case ADDED_POWER:
		return f->energy_uj;
	case ADDED_ENERGY:
		return f->total_uj;
	case ADDED_CO2E:
		return f->total_ug;
	case ADDED_SHARE:
		return since_start ? f->total_uj : f->energy_uj;
	default:
		return f->cpu_ns;
	}
}

static struct figure_ratio ratio_of(const struct table *t, enum added a)
{
	uint64_t step = figure_step(&t->scale[a]);
	uint64_t us = t->rows->host.window_ns / JT_NS_PER_US;
	uint64_t host = part_of(&t->sum[SUM_HOST], a, t->view->since_start);

	switch (a) {
	case ADDED_POWER:
		return (struct figure_ratio){ JT_US_PER_S, us ? us * step : 1 };
	case ADDED_SHARE: /* tenths of a per cent */
		return (struct figure_ratio){ 1000, host ? host : 1 };
	case ADDED_CPU: /* likewise, of one CPU */
		return (struct figure_ratio){ 1, us ? us : 1 };
	default:
		return (struct figure_ratio){ 1, step };
	}
}

/* The largest power of the last minute: the unit does not change with every window. */
static uint64_t largest_power(const struct rows *r)
{
	float largest = 0;

	for (uint64_t ago = 0; ago < ROWS_HISTORY; ago++) {
		float uw = rows_host_power_uw(r, ago);

		largest = uw > largest ? uw : largest;
	}
	return (uint64_t)largest;
}

static void apportion(struct table *t)
{
	size_t n = t->n + SUM_N_PARTS;

	t->scale[ADDED_POWER] = figure_scale(largest_power(t->rows));
	t->scale[ADDED_ENERGY] = figure_scale(t->sum[SUM_HOST].total_uj);
	t->scale[ADDED_CO2E] = figure_scale(t->sum[SUM_HOST].total_ug);
	for (enum added a = 0; a < ADDED_N; a++) {
		uint64_t *digits = table_digits(t, a);

		for (size_t i = 0; i < t->n; i++)
			digits[i] = part_of(&t->item[i].figures, a, t->view->since_start);
		for (size_t i = 0; i < SUM_N_PARTS; i++)
			digits[t->n + i] = part_of(&t->sum[i], a, t->view->since_start);
		figure_apportion(digits, n, ratio_of(t, a), digits);
		digits[n] = 0;
		for (size_t i = 0; i < n; i++)
			digits[n] += digits[i];
	}
}

/* A figure of one of the columns, right in its place. */
static void put_figure(const struct table *t, unsigned int line, size_t row, enum added a)
{
	static const enum column columns[ADDED_N] = { COLUMN_POWER, COLUMN_ENERGY, COLUMN_CO2E,
						      COLUMN_SHARE, COLUMN_CPU };
	const struct rows_host *h = &t->rows->host;
	const struct column_place *at = &t->column[columns[a]];
	struct canvas_span span = { line, at->at, at->width };
	bool known = a == ADDED_CPU || (a == ADDED_ENERGY || a == ADDED_CO2E
						? h->total_energy.value > 0 || h->has_energy
						: h->has_energy);
	uint64_t digits = table_digits(t, a)[row];
	bool is_strong = a == (t->view->since_start ? ADDED_ENERGY : ADDED_POWER);
	CLEANUP(buf_free) struct buf text = { 0 };

	if (!at->width)
		return;
	/* CPUs do not work for nobody. */
	if (a == ADDED_CPU && (row == t->n + SUM_UNATTRIBUTED || row == t->n + SUM_IDLE))
		return;
	if (!known)
		buf_puts(&text, "-");
	else if (a == ADDED_SHARE || a == ADDED_CPU)
		buf_printf(&text, "%" PRIu64 ".%" PRIu64, digits / 10, digits % 10);
	else
		number_put(&text, digits * figure_step(&t->scale[a]), &t->scale[a]);
	canvas_put_right(t->canvas, span,
			 digits == 0 ? CANVAS_DIM
			 : is_strong ? CANVAS_STRONG
				     : CANVAS_PLAIN,
			 text.err ? "" : text.data);
}

/* "0.46–2.76": the 95 % interval of the power, in the column's unit. */
static void put_range(const struct table *t, unsigned int line, const struct rows_figures *f)
{
	const struct column_place *at = &t->column[COLUMN_RANGE];
	uint64_t ns = t->rows->host.window_ns;
	CLEANUP(buf_free) struct buf text = { 0 };

	if (!at->width || !f->energy_uj)
		return;
	number_put(&text, jt_mean_power_uw(f->low_uj, ns), &t->scale[ADDED_POWER]);
	buf_puts(&text, "–");
	number_put(&text, jt_mean_power_uw(f->high_uj, ns), &t->scale[ADDED_POWER]);
	canvas_put_right(t->canvas, (struct canvas_span){ line, at->at, at->width }, CANVAS_DIM,
			 text.err ? "" : text.data);
}

static void put_bar(const struct table *t, unsigned int line, const struct rows_figures *f)
{
	const struct column_place *at = &t->column[COLUMN_BAR];
	uint64_t host = part_of(&t->sum[SUM_HOST], ADDED_SHARE, t->view->since_start);
	uint64_t part = part_of(f, ADDED_SHARE, t->view->since_start);

	if (at->width && host)
		canvas_bar(t->canvas, (struct canvas_span){ line, at->at, at->width }, CANVAS_GRAPH,
			   (double)part / (double)host);
}

/* The power of the last windows, the highest of them as high as it gets. */
static void put_spark(const struct table *t, unsigned int line, const struct row *row)
{
	const struct column_place *at = &t->column[COLUMN_SPARK];
	float largest = 0;

	if (!at->width)
		return;
	for (unsigned int i = 0; i < at->width; i++) {
		uint64_t ago = at->width - 1 - i;

		t->spark[i] =
			row ? rows_power_uw(t->rows, row, ago) : rows_host_power_uw(t->rows, ago);
		largest = t->spark[i] > largest ? t->spark[i] : largest;
	}
	canvas_spark(t->canvas, (struct canvas_span){ line, at->at, at->width }, CANVAS_GRAPH,
		     t->spark, largest);
}

/* Its place in the tree before it; of a path the end says most. */
static void put_name(const struct table *t, unsigned int line, const struct list_item *item)
{
	struct canvas_span at = { line, t->column[COLUMN_NAME].at, t->column[COLUMN_NAME].width };
	unsigned int indent = t->view->choice.tree ? 2 * item->depth : 0;
	bool is_path = t->view->by == RECORD_CGROUP || t->view->by == RECORD_SLICE;
	CLEANUP(buf_free) struct buf text = { 0 };

	indent = indent < at.width / 2 ? indent : at.width / 2;
	at.column += indent;
	at.width -= indent;
	if (item->is_branch && at.width > 2) {
		canvas_put(t->canvas, at, CANVAS_PLAIN, item->is_folded ? "▸" : "▾");
		at.column += 2;
		at.width -= 2;
	} else if (t->view->choice.tree && list_has_tree(t->view->by) && at.width > 2) {
		at.column += 2;
		at.width -= 2;
	}
	view_put_name(&text, item->name, item->name_len);
	if (text.err)
		return;
	if (is_path)
		canvas_put_end(t->canvas, at, CANVAS_PLAIN, text.data);
	else
		canvas_put(t->canvas, at, CANVAS_PLAIN, text.data);
}

static void put_pid(const struct table *t, unsigned int line, const struct list_item *item)
{
	const struct column_place *at = &t->column[COLUMN_PID];
	const struct row *row = item->row;
	uint32_t pid = row && row->pid ? row->pid : item->tgid;
	char text[16];

	if (!at->width || !pid)
		return;
	snprintf(text, sizeof(text), "%" PRIu32, pid);
	canvas_put_right(t->canvas, (struct canvas_span){ line, at->at, at->width }, CANVAS_DIM,
			 text);
}

static void put_row(const struct table *t, unsigned int line, size_t i)
{
	const struct list_item *item = &t->item[i];
	struct canvas_span whole = { line, 0, t->canvas->n_columns };

	put_name(t, line, item);
	put_pid(t, line, item);
	for (enum added a = 0; a < ADDED_N; a++)
		put_figure(t, line, i, a);
	put_range(t, line, &item->figures);
	put_bar(t, line, &item->figures);
	/* Of a folded branch there is no history of all together. */
	if (item->row && !item->is_folded)
		put_spark(t, line, item->row);
	if (t->view->has_cursor && t->first + i == t->view->cursor) {
		canvas_put(t->canvas, whole, CANVAS_CURSOR, ">");
		canvas_paint(t->canvas, whole, CANVAS_CURSOR);
	}
}

static void put_sum(const struct table *t, unsigned int line, enum sum sum)
{
	static const char *const names[SUM_N] = { "others", "not attributed", "idle", "host" };
	const struct rows_host *h = &t->rows->host;
	struct canvas_span at = { line, t->column[COLUMN_NAME].at, t->column[COLUMN_NAME].width };
	char text[48];

	snprintf(text, sizeof(text), "%s",
		 sum == SUM_UNATTRIBUTED && at.width < strlen(names[sum]) ? "nobody's"
									  : names[sum]);
	if (sum == SUM_OTHERS && t->n_others)
		snprintf(text, sizeof(text), "%zu others", t->n_others);
	canvas_put(t->canvas, at, sum == SUM_HOST ? CANVAS_STRONG : CANVAS_PLAIN, text);
	for (enum added a = 0; a < ADDED_N; a++)
		put_figure(t, line, t->n + sum, a);
	put_bar(t, line, &t->sum[sum]);
	if (sum != SUM_HOST)
		return;
	put_spark(t, line, NULL);
	put_range(t, line,
		  &(struct rows_figures){ .energy_uj = h->energy.value,
					  .low_uj = h->energy.low,
					  .high_uj = h->energy.high });
}

static void put_title(const struct table *t, unsigned int line, enum column column,
		      const char *text)
{
	static const enum column sorts[LIST_N_SORTS] = { COLUMN_POWER, COLUMN_ENERGY, COLUMN_CO2E,
							 COLUMN_CPU,   COLUMN_NAME,   COLUMN_PID };
	const struct list_choice *choice = &t->view->choice;
	const struct column_place *at = &t->column[column];
	bool sorted = sorts[choice->sort] == column;
	bool up = choice->reversed != (column == COLUMN_NAME || column == COLUMN_PID);
	enum canvas_role role = sorted ? CANVAS_SORTED : CANVAS_TITLE;
	bool left = column == COLUMN_NAME || column == COLUMN_BAR || column == COLUMN_SPARK;
	char marked[48];

	if (!at->width)
		return;
	snprintf(marked, sizeof(marked), "%s%s", text, !sorted ? "" : up ? "▴" : "▾");
	if (left)
		canvas_put(t->canvas, (struct canvas_span){ line, at->at, at->width }, role,
			   marked);
	else /* the mark may stand in the gap before the column */
		canvas_put_right(t->canvas, (struct canvas_span){ line, at->at - 1, at->width + 1 },
				 role, marked);
}

static void put_titles(const struct table *t, unsigned int line)
{
	static const char *const fixed[COLUMN_N] = {
		[COLUMN_NAME] = "Consumer", [COLUMN_PID] = "pid",	[COLUMN_RANGE] = "95 %",
		[COLUMN_SHARE] = "Host %",  [COLUMN_SPARK] = "History", [COLUMN_CPU] = "CPU %",
		[COLUMN_BAR] = "",
	};
	char text[32];

	for (enum column i = 0; i < COLUMN_N; i++)
		if (fixed[i])
			put_title(t, line, i, fixed[i]);
	snprintf(text, sizeof(text), "Power %sW", t->scale[ADDED_POWER].prefix);
	put_title(t, line, COLUMN_POWER, text);
	snprintf(text, sizeof(text), "Energy %sJ", t->scale[ADDED_ENERGY].prefix);
	put_title(t, line, COLUMN_ENERGY, text);
	snprintf(text, sizeof(text), "CO2e %sg", t->scale[ADDED_CO2E].prefix);
	put_title(t, line, COLUMN_CO2E, text);
}

/* The cursor's row is among those that are shown. */
static void scroll(struct view *v, size_t n_body)
{
	size_t n = list_length(v->list);

	v->page = (unsigned int)n_body;
	if (v->cursor < v->top)
		v->top = v->cursor;
	if (n_body && v->cursor >= v->top + n_body)
		v->top = v->cursor - n_body + 1;
	if (v->top + n_body > n)
		v->top = n > n_body ? n - n_body : 0;
}

static bool table_open(struct table *t, struct view *v, unsigned int n_body)
{
	struct columns_want want = { .n_columns = t->canvas->n_columns,
				     .since_start = v->since_start,
				     .has_pid = record_kind_is_task(v->by),
				     .n_cpus = t->rows->host.n_cpus };
	size_t n = list_length(v->list);

	n_body = n_body < MAX_PARTS - SUM_N ? n_body : MAX_PARTS - SUM_N;
	scroll(v, n_body);
	t->first = v->top;
	t->n = n - t->first < n_body ? n - t->first : n_body;
	t->n_others = less(list_unfiltered(v->list), t->n);
	columns_place(&want, t->column);
	t->item = calloc(t->n + 1, sizeof(*t->item));
	t->digits = calloc(ADDED_N * (t->n + SUM_N), sizeof(*t->digits));
	t->spark = calloc(t->canvas->n_columns + 1, sizeof(*t->spark));
	if (!t->item || !t->digits || !t->spark)
		return false;
	for (size_t i = 0; i < t->n; i++)
		list_get(v->list, t->first + i, &t->item[i]);
	add_sums(t);
	apportion(t);
	return true;
}

void view_draw_table(struct view *v, struct canvas *c, const struct view_layout *l)
{
	struct table t = { .view = v, .rows = view_rows(v), .canvas = c };

	if (t.rows->n_windows && table_open(&t, v, l->n_body)) {
		if (l->has_title)
			put_titles(&t, l->title);
		for (size_t i = 0; i < t.n; i++)
			put_row(&t, l->body + (unsigned int)i, i);
		for (unsigned int i = 0; l->has_rule && i < c->n_columns; i++)
			canvas_put(c, (struct canvas_span){ l->sums - 1, i, 1 }, CANVAS_DIM, "─");
		for (unsigned int i = 0; i < l->n_sums; i++)
			put_sum(&t, l->sums + i, l->n_sums == 1 ? SUM_HOST : (enum sum)i);
	}
	free(t.item);
	free(t.digits);
	free(t.spark);
}
