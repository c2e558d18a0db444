/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whatif_read.c - the ticks of a ledger, and their energy with another intensity. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/whatif.h"
#include "jouletrail/units.h"
#include "ledger/figures.h"

static struct whatif_value read_value(struct scan_value intensity)
{
	struct quant_interval_u64 i = figures_mg_per_kwh(intensity);

	/* No grid has more than that. */
	if (i.high > UINT32_MAX)
		return (struct whatif_value){ 0 };
	return (struct whatif_value){ (uint32_t)i.value, (uint32_t)i.low, (uint32_t)i.high };
}

/* Number of a zone; the last one is also what finds no room, and then has no series. */
static uint32_t zone_number(struct whatif *w, struct scan_value intensity)
{
	char name[INTENSITY_ZONE_LEN] = "";
	struct scan_value v;
	size_t i;

	if (!scan_member(intensity, "zone", &v) && !scan_text(v, &v) && v.len < sizeof(name))
		memcpy(name, v.at, v.len);
	for (i = 0; i < w->n_zones; i++)
		if (strcmp(w->of[i].name, name) == 0)
			return (uint32_t)i;
	if (i == REPORT_MAX_ZONES)
		return (uint32_t)i - 1;
	memcpy(w->of[i].name, name, sizeof(name));
	w->n_zones++;
	return (uint32_t)i;
}

static int tick_add(struct whatif *w, const struct whatif_tick *t)
{
	size_t capacity = w->capacity ? 2 * w->capacity : 1024;
	void *more;

	if (w->n_ticks == WHATIF_MAX_TICKS)
		return -E2BIG;
	if (w->n_ticks == w->capacity) {
		more = reallocarray(w->tick, capacity, sizeof(*w->tick));
		if (!more)
			return -ENOMEM;
		w->tick = more;
		w->capacity = capacity;
	}
	w->tick[w->n_ticks++] = *t;
	return 0;
}

/* Is it a tick that the report takes? */
static bool tick_is_inside(const struct whatif *w, const struct check_facts *f,
			   int64_t *ret_from_us, int64_t *ret_to_us)
{
	struct scan_value window, line = { f->line, f->len };

	if (scan_member(line, "window", &window))
		return false;
	*ret_from_us = figures_us(window, "from_us");
	*ret_to_us = figures_us(window, "to_us");
	return *ret_from_us >= w->by->since_us && *ret_from_us < w->by->until_us;
}

/* The latest plan of the ledger, undone: as far back, and where it would have been. */
static void take_plan(struct whatif *w, const struct check_facts *f)
{
	struct scan_value plan, v, line = { f->line, f->len };

	if (scan_member(line, "plan", &plan) || scan_member(plan, "now_zone", &v) ||
	    scan_text(v, &v) || v.len >= sizeof(w->now_zone))
		return;
	memcpy(w->now_zone, v.at, v.len);
	w->now_zone[v.len] = '\0';
	w->shift_s =
		(figures_us(plan, "now_us") - figures_us(plan, "start_us")) / (int64_t)JT_US_PER_S;
	w->zone = w->now_zone;
	w->has_plan = true;
}

int whatif_take_tick(const struct check_facts *f, void *arg)
{
	struct scan_value line = { f->line, f->len }, intensity = { "{}", 2 };
	struct whatif *w = arg;
	int64_t from_us, to_us;
	struct whatif_tick t;

	if (!w->began)
		w->base = f->index;
	w->began = true;
	if (f->kind == CHECK_OPEN && w->unplanned)
		take_plan(w, f);
	/* What is summed up has no time of its own; where its ticks are still here, they count. */
	if (f->kind == CHECK_ROLLUP && f->to <= w->base)
		w->n_rolled_up += f->n_ticks;
	if (f->kind != CHECK_TICK || !tick_is_inside(w, f, &from_us, &to_us))
		return 0;
	scan_member(line, "intensity", &intensity);
	t = (struct whatif_tick){
		.from_s = from_us / (int64_t)JT_US_PER_S,
		.zone = zone_number(w, intensity),
		.value = read_value(intensity),
		.energy_uj = f->missing ? 0 : (uint64_t)f->energy_left_uj,
	};
	/* Whole seconds that hold the window. */
	t.length_s = 1;
	if (to_us > from_us)
		t.length_s = (uint32_t)((to_us - 1) / (int64_t)JT_US_PER_S - t.from_s + 1);
	return tick_add(w, &t);
}

static struct quant_sides value_sides(const struct whatif_value *v)
{
	return plan_sides(v->low_mg_per_kwh, v->mg_per_kwh, v->high_mg_per_kwh);
}

static bool series_value(const struct plan_series *s, int64_t from_s, uint32_t length_s,
			 struct whatif_value *ret)
{
	struct plan_window at;

	if (s->n == 0 || plan_window(s, from_s, from_s + length_s, &at, NULL))
		return false;
	*ret = (struct whatif_value){ (uint32_t)at.mg_per_kwh, (uint32_t)at.low_mg_per_kwh,
				      (uint32_t)at.high_mg_per_kwh };
	return true;
}

/* A tick's intensity as it was and as it would have been; false where either is not known. */
static bool tick_values(const struct whatif *w, const struct whatif_tick *t,
			struct whatif_value *ret_was, struct whatif_value *ret_instead)
{
	if (w->has_series)
		return series_value(&w->of[t->zone].was, t->from_s, t->length_s, ret_was) &&
		       series_value(&w->of[t->zone].instead, t->from_s + w->shift_s, t->length_s,
				    ret_instead);
	*ret_was = t->value;
	*ret_instead =
		(struct whatif_value){ (uint32_t)w->row.mg_per_kwh, (uint32_t)w->row.low_mg_per_kwh,
				       (uint32_t)w->row.high_mg_per_kwh };
	return true;
}

/* The series of a place and of the kind that is compared; none: n 0. */
static struct plan_series find_series(const struct whatif *w, const char *name)
{
	const struct series *s = series_set_find_kind(&w->set, name, w->kind);

	return s ? (struct plan_series){ .step = s->point, .n = s->n }
		 : (struct plan_series){ .n = 0 };
}

/* At most the narrowest interval is common to all; another zone has nothing in common. */
static void settle_common(struct whatif *w)
{
	struct whatif_value was, instead;

	w->common = (struct quant_sides){ INFINITY, INFINITY };
	for (size_t i = 0; i < w->n_ticks; i++) {
		struct quant_sides a, b;

		if (!tick_values(w, &w->tick[i], &was, &instead)) {
			w->n_unknown++;
			continue;
		}
		a = value_sides(&was);
		b = value_sides(&instead);
		w->common.minus = fmin(w->common.minus, fmin(a.minus, b.minus));
		w->common.plus = fmin(w->common.plus, fmin(a.plus, b.plus));
		if (w->zone && strcasecmp(w->of[w->tick[i].zone].name, w->zone) != 0)
			w->common = (struct quant_sides){ 0 };
	}
}

int whatif_settle(struct whatif *w, struct why *why)
{
	bool any = false;
	int err;

	if (w->n_ticks == 0)
		return why_set(why, -ENODATA,
			       w->n_rolled_up ? "all its ticks were summed up"
					      : "no tick is in the ledger");
	if (w->unplanned && !w->has_plan)
		return why_set(why, -ENODATA, "no plan is in the ledger: run --plan puts it there");
	for (size_t i = 0; w->has_series && i < w->n_zones; i++) {
		w->of[i].was = find_series(w, w->of[i].name);
		w->of[i].instead = find_series(w, w->zone ? w->zone : w->of[i].name);
		any |= w->of[i].was.n && w->of[i].instead.n;
	}
	if (w->has_series && !any)
		return why_set(why, -ENOENT, "the series have no %s intensities of %s and %s",
			       series_kind_name(w->kind), w->of[0].name,
			       w->zone ? w->zone : w->of[0].name);
	if (w->within_s) {
		err = whatif_best_shift(w, &w->shift_s);
		if (err)
			return why_set(
				why, err,
				err == -ENODATA
					? "the series know no time within that without a hole"
					: "the ledger is too long for --best-within");
	}
	settle_common(w);
	if (w->n_unknown == w->n_ticks)
		return why_set(why, -ENODATA, "the series do not cover the ledger's time%s",
			       w->shift_s ? " and the shifted one" : "");
	return 0;
}

static struct quant_sides own_sides(const struct whatif *w, const struct whatif_value *v)
{
	struct quant_sides s = value_sides(v);

	s.minus = sqrt(fmax(s.minus * s.minus - w->common.minus * w->common.minus, 0));
	s.plus = sqrt(fmax(s.plus * s.plus - w->common.plus * w->common.plus, 0));
	return s;
}

static void linear(struct quant_sides *to, double ug, const struct quant_sides *s)
{
	to->minus += ug * s->minus;
	to->plus += ug * s->plus;
}

/* report_each_fn: the same energy with both intensities. */
static int take_sample(const struct report *r, struct report_group *g,
		       const struct quant_interval_u64 *energy, void *arg)
{
	struct whatif *w = arg;
	struct whatif_sum *sum = g->extra;

	(void)r;
	if (!sum) {
		sum = calloc(1, sizeof(*sum));
		if (!sum)
			return -ENOMEM;
		g->extra = sum;
	}
	if (!w->known) {
		sum->unknown_uj += energy->value;
		return 0;
	}
	sum->was_ug += w->was_ug_per_uj * (double)energy->value;
	sum->instead_ug += w->instead_ug_per_uj * (double)energy->value;
	linear(&sum->was, w->was_ug_per_uj * (double)energy->value, &w->was_own);
	linear(&sum->instead, w->instead_ug_per_uj * (double)energy->value, &w->instead_own);
	return 0;
}

/* mg/kWh to µg/µJ: 1 kWh is 3.6e12 µJ. */
static double per_uj(uint32_t mg_per_kwh)
{
	return mg_per_kwh / 3.6e9;
}

int whatif_take(const struct check_facts *f, void *arg)
{
	struct whatif_value was, instead;
	struct whatif *w = arg;
	int64_t from_us, to_us;
	int err;

	if (f->kind == CHECK_ROLLUP)
		w->inside = false;
	if (f->kind == CHECK_TICK) {
		/* What was written since the first reading is left out. */
		w->inside = tick_is_inside(w, f, &from_us, &to_us) && w->at < w->n_ticks;
		if (!w->inside)
			return 0;
		w->known = tick_values(w, &w->tick[w->at++], &was, &instead);
		if (w->known) {
			w->was_ug_per_uj = per_uj(was.mg_per_kwh);
			w->instead_ug_per_uj = per_uj(instead.mg_per_kwh);
			w->was_own = own_sides(w, &was);
			w->instead_own = own_sides(w, &instead);
		}
	}
	if (f->kind != CHECK_TICK && (f->kind != CHECK_SAMPLE || !w->inside))
		return 0;
	w->by->each = w->all->each = take_sample;
	w->by->each_arg = w->all->each_arg = w;
	err = report_add(w->by, f);
	return err ? err : report_add(w->all, f);
}
