/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whatif_write.c - a counterfactual for people and as JSON (jouletrail.whatif/1). */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "quant/temporal.h"
#include "cli/options.h"
#include "cli/report_write.h"
#include "cli/whatif.h"
#include "export/number.h"
#include "export/parts.h"
#include "export/text.h"
#include "jouletrail/units.h"

/* Rows on a screen; machines get all. */
#define WHATIF_SCREEN_ROWS 40

static const struct whatif_sum nothing;

static const struct whatif_sum *sum_of(const struct report_group *g)
{
	return g && g->extra ? g->extra : &nothing;
}

/* What is a group's own of an amount, and an annual mean's distance from its moment. */
static struct plan_amount amount(double ug, const struct quant_sides *own, double moment)
{
	struct plan_amount a = { .ug = ug };

	if (ug > 0) {
		a.own.minus = hypot(own->minus / ug, moment);
		a.own.plus = hypot(own->plus / ug, moment);
	}
	return a;
}

struct quant_interval whatif_saving(const struct whatif *w, const struct report_group *g)
{
	const struct whatif_sum *s = sum_of(g);
	struct quant_interval_u64 energy, co2e;
	struct quant_sides common = { 0 };
	struct plan_amount was, instead;
	double moment = w->has_series ? 0 : quant_temporal_sd(g->sum.total.time_ns);

	/* The energy is the same on both sides, whatever it really is. */
	report_intervals(w->by, &g->sum, &energy, &co2e);
	if (energy.value)
		quant_sides_from(fmax((double)energy.low, 1), fmax((double)energy.value, 1),
				 (double)energy.high, &common);
	common.minus = hypot(common.minus, w->common.minus);
	common.plus = hypot(common.plus, w->common.plus);
	was = amount(s->was_ug, &s->was, moment);
	instead = amount(s->instead_ug, &s->instead, moment);
	return plan_saving(&was, &instead, &common);
}

static void json_signed(struct json_writer *w, const char *name, const struct quant_interval *v)
{
	json_key(w, name);
	json_object_begin(w);
	json_kv_i64(w, "high", (int64_t)ceil(v->high));
	json_kv_i64(w, "low", (int64_t)floor(v->low));
	json_kv_i64(w, "value", (int64_t)llround(v->value));
	json_object_end(w);
}

static void json_row(struct json_writer *w, const struct whatif *f, const struct report_group *g,
		     const char *kind)
{
	struct quant_interval saved = whatif_saving(f, g);
	const struct whatif_sum *s = sum_of(g);
	struct quant_interval_u64 energy, co2e;

	report_intervals(f->by, &g->sum, &energy, &co2e);
	json_object_begin(w);
	json_kv_bytes(w, "comm", g->comm);
	parts_json_interval(w, "energy_uj", g->sum.total.n > 0, &energy);
	json_kv_bytes(w, "id", g->id ? g->id : g->key);
	json_kv_u64(w, "instead_co2e_ug", (uint64_t)llround(s->instead_ug));
	json_kv_str(w, "kind", kind);
	json_kv_bytes(w, "name", g->name);
	json_signed(w, "saved_co2e_ug", &saved);
	json_kv_u64(w, "unknown_energy_uj", s->unknown_uj);
	json_kv_u64(w, "was_co2e_ug", (uint64_t)llround(s->was_ug));
	json_object_end(w);
}

static void whatif_json(const struct whatif *f, const struct verify_result *v, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_str(&w, "by", report_by_name(f->by->by));
	json_key(&w, "change");
	json_object_begin(&w);
	json_kv_u64(&w, "best_within_s", f->within_s);
	json_kv_str(&w, "intensity", f->has_series ? "series" : "annual mean");
	json_kv_str(&w, "kind", series_kind_name(f->kind));
	json_kv_i64(&w, "shift_s", f->shift_s);
	json_kv_bytes(&w, "zone", f->zone);
	json_object_end(&w);
	json_key(&w, "consumers");
	json_array_begin(&w);
	for (size_t i = 0; i < f->by->n_groups; i++)
		json_row(&w, f, &f->by->group[i], report_by_name(f->by->by));
	json_array_end(&w);
	json_kv_i64(&w, "from_us", f->by->from_us);
	json_kv_u64(&w, "n_rolled_up", f->n_rolled_up);
	json_kv_u64(&w, "n_ticks", f->n_ticks);
	json_kv_u64(&w, "n_unknown_ticks", f->n_unknown);
	json_kv_str(&w, "schema", "jouletrail.whatif/1");
	json_kv_i64(&w, "to_us", f->by->to_us);
	json_key(&w, "total");
	if (f->all->n_groups)
		json_row(&w, f, &f->all->group[0], "host");
	else
		json_put_null(&w);
	report_json_verified(&w, v);
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* "-12 mg": a sign, and as many digits as a plain figure has. */
static void human_signed(struct buf *out, double ug)
{
	if (ug < 0)
		buf_putc(out, '-');
	number_put_plain(out, (uint64_t)llround(fabs(ug)), "g");
}

static void human_row(struct buf *out, const struct whatif *w, const char *name,
		      const struct report_group *g)
{
	struct quant_interval saved = whatif_saving(w, g);
	const struct whatif_sum *s = sum_of(g);
	size_t from = out->len;

	buf_putc(out, ' ');
	text_put_escaped_end(out, name, 30);
	text_pad(out, from, 32);
	number_put_plain(out, (uint64_t)llround(s->was_ug), "g");
	text_pad(out, from, 43);
	number_put_plain(out, (uint64_t)llround(s->instead_ug), "g");
	text_pad(out, from, 54);
	human_signed(out, saved.value);
	buf_puts(out, " [");
	human_signed(out, saved.low);
	buf_puts(out, ", ");
	human_signed(out, saved.high);
	buf_puts(out, "]\n");
}

static void human_change(const struct whatif *w, struct buf *out)
{
	char text[32];

	buf_puts(out, "\n Had it run");
	if (w->shift_s || !w->zone)
		buf_printf(out, " %s %s",
			   options_duration_text((uint64_t)llabs(w->shift_s) * JT_NS_PER_S, text,
						 sizeof(text)),
			   w->shift_s < 0 ? "earlier" : "later");
	if (w->within_s)
		buf_printf(out, " (the best within %s)",
			   options_duration_text(w->within_s * JT_NS_PER_S, text, sizeof(text)));
	if (w->zone) {
		buf_puts(out, " in ");
		text_put_escaped(out, w->zone, 0);
	}
	buf_printf(out, ": CO2e by %s, %s intensity%s\n\n", report_by_name(w->by->by),
		   series_kind_name(w->kind),
		   w->has_series ? "" : " (annual means: of a place, not of a time)");
}

static void whatif_human(const struct whatif *w, const struct verify_result *v, struct buf *out)
{
	const struct report *r = w->by;
	size_t shown = r->n_groups < WHATIF_SCREEN_ROWS ? r->n_groups : WHATIF_SCREEN_ROWS, from;

	human_change(w, out);
	from = out->len;
	buf_puts(out, " consumer");
	text_pad(out, from, 32);
	buf_puts(out, "as it was  instead    saved, 95 %\n");
	for (size_t i = 0; i < shown; i++)
		human_row(out, w, r->group[i].name ? r->group[i].name : r->group[i].key,
			  &r->group[i]);
	if (shown < r->n_groups)
		buf_printf(out, " … and %zu more\n", r->n_groups - shown);
	if (w->all->n_groups)
		human_row(out, w, "(all consumers)", &w->all->group[0]);
	if (w->n_unknown)
		buf_printf(out,
			   "\n Of %zu ticks %" PRIu64
			   " have no intensity on both sides: they are in neither.\n",
			   w->n_ticks, w->n_unknown);
	if (w->n_rolled_up)
		buf_printf(out,
			   "\n %" PRIu64 " earlier ticks were summed up, and have no time of their "
			   "own: not in here.\n",
			   w->n_rolled_up);
	report_human_verified(out, v);
}

void whatif_write(const struct whatif *w, enum export_format f, const struct verify_result *v,
		  struct buf *out)
{
	if (f == EXPORT_JSON)
		whatif_json(w, v, out);
	else
		whatif_human(w, v, out);
}
