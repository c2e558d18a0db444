/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan_write.c - a plan for people and as JSON (jouletrail.plan/1). */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/plan.h"
#include "export/number.h"
#include "export/parts.h"
#include "export/text.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

/* Rows on a screen; machines get all. */
#define PLAN_SCREEN_ROWS 20

static struct quant_interval_u64 interval_of(const struct plan_window *w)
{
	return (struct quant_interval_u64){ w->mg_per_kwh, w->low_mg_per_kwh, w->high_mg_per_kwh };
}

static void json_time(struct json_writer *w, const char *name, int64_t t_s)
{
	char text[32];

	json_kv_str(w, name, stamp_write(t_s, text, sizeof(text)));
}

/* Both kinds side by side, each on its own; null where it is not known. */
static void json_intensity(struct json_writer *w, const struct plan_zone *z,
			   const struct plan_window *at)
{
	struct quant_interval_u64 v = { 0 };
	struct plan_window of;

	json_key(w, "intensity_mg_per_kwh");
	json_object_begin(w);
	for (enum series_kind k = SERIES_AVERAGE; k <= SERIES_MARGINAL; k++) {
		bool known = plan_intensity(z, k, at, &of);

		if (known)
			v = interval_of(&of);
		parts_json_interval(w, series_kind_name(k), known, &v);
	}
	json_object_end(w);
}

static void json_probability(struct json_writer *w, double p)
{
	json_key(w, "probability_better_ppm");
	if (isnan(p))
		json_put_null(w);
	else
		json_u64(w, (uint64_t)lround(p * JT_PPM_PER_1));
}

static void json_window(struct json_writer *w, const struct plan *p, const struct plan_zone *z,
			const struct plan_window *at, double better)
{
	const struct plan_signal *g = &z->signal[p->kind];

	json_object_begin(w);
	json_kv_str(w, "boundary", g->boundary && *g->boundary ? g->boundary : NULL);
	json_time(w, "end", at->end_s);
	json_key(w, "flags");
	{
		struct buf flags = { 0 };

		series_flags_write(at->flags, &flags);
		json_str(w, flags.len ? flags.data : "");
		buf_free(&flags);
	}
	json_intensity(w, z, at);
	json_kv_bool(w, "is_annual_mean", g->is_annual_mean);
	json_kv_u64(w, "missing_s", z->missing_s);
	json_probability(w, better);
	json_kv_bytes(w, "source", g->source && *g->source ? g->source : NULL);
	json_time(w, "start", at->start_s);
	json_kv_bytes(w, "zone", z->name);
	json_object_end(w);
}

static void json_excluded(struct json_writer *w, const struct plan *p)
{
	json_key(w, "excluded");
	json_array_begin(w);
	for (size_t i = 0; i < p->n; i++) {
		if (!p->zone[i].excluded[0])
			continue;
		json_object_begin(w);
		json_kv_bytes(w, "reason", p->zone[i].excluded);
		json_kv_bytes(w, "zone", p->zone[i].name);
		json_object_end(w);
	}
	json_array_end(w);
}

static void plan_json(const struct plan *p, struct buf *out)
{
	const struct plan_zone *best = &p->zone[p->best];
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_key(&w, "best");
	json_window(&w, p, best, &best->best, plan_better(p, best));
	json_key(&w, "candidates");
	json_array_begin(&w);
	for (size_t i = 0; i < p->n_ranked; i++) {
		const struct plan_zone *z = &p->zone[p->rank[i]];

		json_window(&w, p, z, &z->best, plan_better(p, z));
	}
	json_array_end(&w);
	if (p->span.until_s == INT64_MAX) {
		json_key(&w, "deadline");
		json_put_null(&w);
	} else {
		json_time(&w, "deadline", p->span.until_s);
	}
	json_kv_u64(&w, "duration_s", p->span.duration_s);
	json_excluded(&w, p);
	json_time(&w, "from", p->span.from_s);
	json_kv_bool(&w, "has_forecast", p->has_forecast);
	json_kv_str(&w, "kind", series_kind_name(p->kind));
	json_key(&w, "now");
	if (p->has_now)
		json_window(&w, p, &p->zone[0], &p->now, NAN);
	else
		json_put_null(&w);
	json_kv_str(&w, "schema", "jouletrail.plan/1");
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* "44.2 g/kWh [22.2, 115.7]": mg are the micro-units of grams x 1000. */
static void human_intensity(struct buf *out, const struct plan_zone *z, enum series_kind kind,
			    const struct plan_window *at)
{
	struct quant_interval_u64 v;
	struct plan_window of;

	if (!plan_intensity(z, kind, at, &of)) {
		buf_puts(out, "not known");
		return;
	}
	v = interval_of(&of);
	v = (struct quant_interval_u64){ v.value * 1000, v.low * 1000, v.high * 1000 };
	number_put_interval(out, &v, "g");
}

static void human_window(struct buf *out, const struct plan *p, const struct plan_zone *z,
			 const struct plan_window *at)
{
	size_t from = out->len;
	char text[32];

	buf_putc(out, ' ');
	text_put_escaped_end(out, z->name, 16);
	text_pad(out, from, 18);
	buf_puts(out, stamp_write(at->start_s, text, sizeof(text)));
	text_pad(out, from, 40);
	human_intensity(out, z, p->kind, at);
	if (z->signal[!p->kind].series.n) {
		text_pad(out, from, 66);
		human_intensity(out, z, !p->kind, at);
	}
}

static bool any_other_kind(const struct plan *p)
{
	for (size_t i = 0; i < p->n_ranked; i++)
		if (p->zone[p->rank[i]].signal[!p->kind].series.n)
			return true;
	return false;
}

static bool boundaries_differ(const struct plan *p)
{
	const char *first = NULL;

	for (size_t i = 0; i < p->n_ranked; i++) {
		const char *boundary = p->zone[p->rank[i]].signal[p->kind].boundary;

		if (!boundary || !*boundary)
			continue;
		if (first && strcmp(first, boundary) != 0)
			return true;
		first = boundary;
	}
	return false;
}

static void human_verdict(const struct plan *p, struct buf *out)
{
	const struct plan_zone *best = &p->zone[p->best];
	double better = plan_better(p, best);
	char text[32];

	buf_puts(out, "\n Best: ");
	text_put_escaped(out, best->name, 0);
	buf_printf(out, ", %s to ", stamp_write(best->best.start_s, text, sizeof(text)));
	buf_printf(out, "%s: ", stamp_write(best->best.end_s, text, sizeof(text)));
	human_intensity(out, best, p->kind, &best->best);
	buf_printf(out, " per kWh (%s)\n", series_kind_name(p->kind));
	if (!p->has_now)
		buf_puts(out, " What it would be at once is not known.\n");
	else if (isnan(better))
		buf_puts(out, " That is at once, in the first zone: there is nothing better.\n");
	else if (p->now.sum_mg_s)
		buf_printf(out,
			   " %.0f %% less than at once in %s; really better with a "
			   "probability of %s%.0f %%.\n",
			   100 - 100 * (double)best->best.sum_mg_s / (double)p->now.sum_mg_s,
			   p->zone[0].name, better > 0.995 ? "more than " : "",
			   better > 0.995 ? 99 : 100 * better);
}

static void plan_human(const struct plan *p, struct buf *out)
{
	size_t shown = p->n_ranked < PLAN_SCREEN_ROWS ? p->n_ranked : PLAN_SCREEN_ROWS, from;

	human_verdict(p, out);
	from = out->len + 1;
	buf_puts(out, "\n zone");
	text_pad(out, from, 18);
	buf_puts(out, "start");
	text_pad(out, from, 40);
	buf_printf(out, "%s, per kWh", series_kind_name(p->kind));
	if (any_other_kind(p)) {
		text_pad(out, from, 66);
		buf_printf(out, "%s, per kWh", series_kind_name(!p->kind));
	}
	buf_putc(out, '\n');
	for (size_t i = 0; i < shown; i++) {
		const struct plan_zone *z = &p->zone[p->rank[i]];

		human_window(out, p, z, &z->best);
		buf_putc(out, '\n');
	}
	if (shown < p->n_ranked)
		buf_printf(out, " … and %zu more\n", p->n_ranked - shown);
	if (p->has_now) {
		buf_puts(out, "At once:\n");
		human_window(out, p, &p->zone[0], &p->now);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	for (size_t i = 0; i < p->n; i++)
		if (p->zone[i].excluded[0])
			buf_printf(out, " Not %s: %s.\n", p->zone[i].name, p->zone[i].excluded);
	for (size_t i = 0; i < p->n_ranked; i++)
		if (p->zone[p->rank[i]].missing_s)
			buf_printf(out,
				   " %s: %" PRIu64 " s of its time are missing: no window "
				   "holds them.\n",
				   p->zone[p->rank[i]].name, p->zone[p->rank[i]].missing_s);
	if (!p->has_forecast)
		buf_puts(out, " No forecast was given: annual means tell where, not when.\n");
	if (boundaries_differ(p))
		buf_puts(out, " Careful: some figures are lifecycle, some direct emissions.\n");
}

void plan_write(const struct plan *p, enum export_format f, struct buf *out)
{
	if (f == EXPORT_JSON)
		plan_json(p, out);
	else
		plan_human(p, out);
}
