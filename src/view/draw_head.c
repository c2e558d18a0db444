/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* draw_head.c - the machine's power and carbon above the rows, keys and questions below them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/number.h"
#include "export/parts.h"
#include "types/derived.h"
#include "view/view_parts.h"

/* A figure for people in two parts, the second one its interval: " ±0.6", " [2.2, 13.4]". */
struct told {
	char value[48];
	char interval[64];
};

static void tell(struct told *ret, const struct quant_interval_u64 *v, const char *unit)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	const char *sides;
	size_t len;

	number_put_interval(&text, v, unit);
	ret->value[0] = ret->interval[0] = '\0';
	if (text.err)
		return;
	sides = strstr(text.data, " ±");
	if (!sides)
		sides = strstr(text.data, " [");
	len = sides ? (size_t)(sides - text.data) : text.len;
	snprintf(ret->value, sizeof(ret->value), "%.*s", (int)len, text.data);
	snprintf(ret->interval, sizeof(ret->interval), "%s", text.data + len);
}

/* "0:01:23", "3 d 04:05". */
static void put_uptime(char *to, size_t size, uint64_t ns)
{
	uint64_t s = ns / JT_NS_PER_S;

	if (s < 86400)
		snprintf(to, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
			 s % 60);
	else
		snprintf(to, size, "%" PRIu64 " d %02" PRIu64 ":%02" PRIu64, s / 86400,
			 s / 3600 % 24, s / 60 % 60);
}

static void add_power(struct strip *s, const struct rows_host *h)
{
	struct quant_interval_u64 power = record_power_uw(&h->energy, h->window_ns);
	struct told t;

	if (!h->has_energy) {
		strip_add(s, 0, CANVAS_WARNING, "power unknown: no meter could be read");
		return;
	}
	tell(&t, &power, "W");
	strip_add(s, 0, CANVAS_STRONG, "%s", t.value);
	strip_join(s, 1, CANVAS_PLAIN, "%s", t.interval);
	if (h->quality == ENERGY_MISSING)
		strip_join(s, 1, CANVAS_WARNING, " at least: a meter is missing");
	else
		strip_join(s, 1, CANVAS_PLAIN, " (%s)", energy_quality_name(h->quality));
}

/* What one must know of all figures. */
static void add_troubles(struct strip *s, const struct rows_host *h)
{
	if (h->n_breaches)
		strip_add(s, 2, CANVAS_WARNING, "%" PRIu64 " windows DO NOT ADD UP", h->n_breaches);
	if (h->n_gaps)
		strip_add(s, 3, CANVAS_WARNING, "%" PRIu64 " gaps of a meter", h->n_gaps);
	if (h->n_no_cell)
		strip_add(s, 3, CANVAS_WARNING, "%" PRIu64 " tasks with others (--max-tasks)",
			  h->n_no_cell);
}

static void draw_first(const struct view *v, struct canvas *c)
{
	const struct rows *r = view_rows(v);
	const struct rows_host *h = &r->host;
	struct strip s = { 0 };
	char uptime[32];

	put_uptime(uptime, sizeof(uptime), h->uptime_ns);
	if (v->frozen)
		strip_add(&s, 1, CANVAS_WARNING, "PAUSED");
	strip_add(&s, 5, CANVAS_TITLE, "jouletrail");
	if (r->n_windows)
		add_power(&s, h);
	else
		strip_add(&s, 0, CANVAS_PLAIN, "measuring the first window …");
	add_troubles(&s, h);
	strip_add_right(&s, 3, CANVAS_DIM, "by %s", record_kind_name(v->by));
	if (r->n_windows) {
		strip_add_right(&s, 4, CANVAS_DIM, "window %" PRIu64 ".%02" PRIu64 " s",
				h->window_ns / JT_NS_PER_S,
				h->window_ns / (JT_NS_PER_S / 100) % 100);
		strip_add_right(&s, 2, CANVAS_DIM, "up %s", uptime);
	}
	strip_put(&s, c, (struct canvas_span){ 0, 1, c->n_columns - 1 });
}

static void add_grid(struct strip *s, const struct intensity *i)
{
	CLEANUP(buf_free) struct buf g = { 0 };
	CLEANUP(buf_free) struct buf sides = { 0 };

	parts_human_g_per_kwh(&g, i->mg_per_kwh);
	buf_puts(&sides, " [");
	parts_human_g_per_kwh(&sides, i->low_mg_per_kwh);
	buf_puts(&sides, ", ");
	parts_human_g_per_kwh(&sides, i->high_mg_per_kwh);
	buf_puts(&sides, "]");
	if (g.err || sides.err)
		return;
	if (i->is_default)
		strip_add_right(s, 4, CANVAS_WARNING, "no --zone:");
	else
		strip_add_right(s, 2, CANVAS_PLAIN, "zone");
	strip_join(s, 2, CANVAS_PLAIN, " %s %s g/kWh", i->zone, g.data);
	strip_join(s, 5, CANVAS_DIM, "%s", sides.data);
	if (i->is_annual_mean)
		strip_join(s, 7, CANVAS_DIM, " mean of %d", i->year);
	if (i->flags && i->flags[0])
		strip_join(s, 7, CANVAS_DIM, " (%s)", i->flags);
}

static void draw_second(const struct view *v, struct canvas *c)
{
	const struct rows *r = view_rows(v);
	const struct rows_host *h = &r->host;
	/* µg in a window, as µg in an hour. */
	struct quant_interval_u64 rate = record_power_uw(&h->co2e, h->window_ns);
	struct strip s = { 0 };
	struct told t;

	if (!r->n_windows)
		return;
	if (h->has_energy && rate.high < UINT64_MAX / 3600) {
		rate = (struct quant_interval_u64){
			.value = jt_mean_power_uw(h->co2e.value * 3600, h->window_ns),
			.low = rate.low * 3600,
			.high = jt_mean_power_uw(h->co2e.high * 3600, h->window_ns)
		};
		tell(&t, &rate, "g");
		strip_add(&s, 0, CANVAS_STRONG, "%s CO2e/h", t.value);
		strip_join(&s, 3, CANVAS_PLAIN, "%s", t.interval);
		tell(&t, &h->total_co2e, "g");
		strip_add(&s, 1, CANVAS_PLAIN, "since start %s CO2e", t.value);
		strip_join(&s, 6, CANVAS_DIM, "%s", t.interval);
		tell(&t, &h->total_energy, "J");
		strip_add(&s, 8, CANVAS_PLAIN, "%s", t.value);
		strip_join(&s, 9, CANVAS_DIM, "%s", t.interval);
	}
	add_grid(&s, &h->intensity);
	strip_put(&s, c, (struct canvas_span){ 1, 1, c->n_columns - 1 });
}

static void draw_history(const struct view *v, struct canvas *c)
{
	const struct rows *r = view_rows(v);
	float value[ROWS_HOST_HISTORY], largest = 0;
	unsigned int width = c->n_columns > 2 ? c->n_columns - 2 : 0;
	CLEANUP(buf_free) struct buf text = { 0 };
	unsigned int n;

	if (!r->n_windows || !width)
		return;
	n = width > 24 ? width - 17 : width;
	n = n < ROWS_HOST_HISTORY ? n : ROWS_HOST_HISTORY;
	for (unsigned int i = 0; i < n; i++) {
		value[i] = rows_host_power_uw(r, n - 1 - i);
		largest = value[i] > largest ? value[i] : largest;
	}
	canvas_spark(c, (struct canvas_span){ 2, 1, n }, CANVAS_GRAPH, value, largest);
	if (width <= 24)
		return;
	buf_puts(&text, "0 to ");
	number_put_plain(&text, (uint64_t)largest, "W");
	canvas_put(c, (struct canvas_span){ 2, n + 2, c->n_columns - n - 2 }, CANVAS_DIM,
		   text.err ? "" : text.data);
}

void view_draw_head(const struct view *v, struct canvas *c, const struct view_layout *l)
{
	if (l->n_head >= 1)
		draw_first(v, c);
	if (l->n_head >= 2)
		draw_second(v, c);
	if (l->n_head >= 3)
		draw_history(v, c);
}

/* The keys that lead on from here; the rest is in the help. */
static void add_keys(struct strip *s, const struct view *v)
{
	static const struct {
		const char *key;
		const char *what;
		unsigned int rank;
	} keys[] = { { "q", "quit", 1 },   { "h", "help", 2 },	{ "/", "filter", 3 },
		     { "s", "sort", 4 },   { "t", "tree", 7 },	{ "b", "group", 6 },
		     { "e", "energy", 8 }, { "p", "pause", 5 }, { "⏎", "details", 9 },
		     { "↑↓", "move", 10 } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *what = keys[i].what;

		if (keys[i].key[0] == 'e' && v->since_start)
			what = "power";
		if (keys[i].key[0] == 'p' && v->frozen)
			what = "go on";
		if (keys[i].key[0] == 't' && v->choice.tree)
			what = "list";
		strip_add(s, keys[i].rank, CANVAS_KEY, "%s", keys[i].key);
		strip_join(s, keys[i].rank, CANVAS_DIM, " %s", what);
	}
}

void view_draw_foot(const struct view *v, struct canvas *c)
{
	struct canvas_span at = { c->n_lines - 1, 1, c->n_columns - 1 };
	struct strip s = { 0 };

	if (v->message[0]) {
		canvas_put(c, at, CANVAS_WARNING, v->message);
		return;
	}
	if (v->is_typing) {
		strip_add(&s, 0, CANVAS_STRONG, "/%s_", v->choice.filter);
		strip_add(&s, 1, CANVAS_KEY, "⏎");
		strip_join(&s, 1, CANVAS_DIM, " keep");
		strip_add(&s, 2, CANVAS_KEY, "Esc");
		strip_join(&s, 2, CANVAS_DIM, " show all");
	} else if (v->pane != VIEW_ROWS) {
		strip_add(&s, 0, CANVAS_KEY, "Esc");
		strip_join(&s, 0, CANVAS_DIM, " back");
		strip_add(&s, 1, CANVAS_KEY, "↑↓");
		strip_join(&s, 1, CANVAS_DIM, v->pane == VIEW_GROUPINGS ? " choose" : " scroll");
		if (v->pane == VIEW_GROUPINGS) {
			strip_add(&s, 1, CANVAS_KEY, "⏎");
			strip_join(&s, 1, CANVAS_DIM, " measure anew by it");
		}
	} else {
		if (v->choice.filter[0])
			strip_add(&s, 0, CANVAS_STRONG, "/%s", v->choice.filter);
		add_keys(&s, v);
	}
	strip_put(&s, c, at);
}
