/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* chance.c - how likely one window is really better than another. */
#include <math.h>

#include "plan/window.h"
#include "quant/interval.h"

struct quant_sides plan_sides(double low, double value, double high)
{
	struct quant_sides s = { 0 };

	if (value == 0)
		return s;
	s.plus = log(high / value) / QUANT_Z95;
	s.minus = low > 0 ? log(value / low) / QUANT_Z95 : s.plus;
	return s;
}

static struct quant_sides step_sides(const struct series_point *p)
{
	return plan_sides(p->low_mg_per_kwh, p->mg_per_kwh, p->high_mg_per_kwh);
}

/* The narrowest sides among the steps of a window: what they have in common is at most that. */
static void narrow(struct quant_sides *to, const struct plan_series *s, const struct plan_window *w)
{
	for (size_t i = window_first_step(s, w->start_s); i < s->n && s->step[i].start_s < w->end_s;
	     i++) {
		struct quant_sides sides = step_sides(&s->step[i]);

		to->minus = fmin(to->minus, sides.minus);
		to->plus = fmin(to->plus, sides.plus);
	}
}

static double without(double side, double common)
{
	double rest = side * side - common * common;

	return rest > 0 ? sqrt(rest) : 0;
}

/*
 * ln-space sides of a window's mean: of each step without what is common, weighted by its share of
 * the mean, less the seconds that other shares (NULL = none).
 */
static struct quant_sides rest(const struct plan_series *s, const struct plan_window *w,
			       const struct quant_sides *common, const struct plan_window *other)
{
	struct quant_sides r = { 0 };
	double moment = 0;

	for (size_t i = window_first_step(s, w->start_s); i < s->n && s->step[i].start_s < w->end_s;
	     i++) {
		const struct series_point *p = &s->step[i];
		struct series_point inside = { .start_s = p->start_s > w->start_s ? p->start_s
										  : w->start_s,
					       .end_s = p->end_s < w->end_s ? p->end_s : w->end_s };
		uint64_t alone_s = (uint64_t)(inside.end_s - inside.start_s);
		struct quant_sides sides = step_sides(p);
		double part;

		if (other)
			alone_s -= window_shared_s(&inside, other->start_s, other->end_s);
		part = (double)p->mg_per_kwh * (double)alone_s / (double)w->sum_mg_s;
		r.minus += part * without(sides.minus, common->minus);
		r.plus += part * without(sides.plus, common->plus);
		if (!s->moment_flags || p->flags & s->moment_flags)
			moment += part * s->moment_sd;
	}
	r.minus = hypot(r.minus, moment);
	r.plus = hypot(r.plus, moment);
	return r;
}

double plan_chance(const struct plan_window *a, const struct plan_series *a_series,
		   const struct plan_window *b, const struct plan_series *b_series)
{
	bool same = a_series == b_series;
	struct quant_sides common = { 0 }, of_a, of_b;
	double ahead, sd;

	if (same && a->start_s == b->start_s && a->end_s == b->end_s)
		return NAN;
	if (a->sum_mg_s == 0 || b->sum_mg_s == 0)
		return a->sum_mg_s == b->sum_mg_s ? 0.5 : a->sum_mg_s < b->sum_mg_s;
	if (same) {
		common = (struct quant_sides){ INFINITY, INFINITY };
		narrow(&common, a_series, a);
		narrow(&common, b_series, b);
	}
	of_a = rest(a_series, a, &common, same ? b : NULL);
	of_b = rest(b_series, b, &common, same ? a : NULL);
	/* ln of b's mean over a's. What would turn it: a above its value, b below. */
	ahead = log((double)b->sum_mg_s / (double)(b->end_s - b->start_s)) -
		log((double)a->sum_mg_s / (double)(a->end_s - a->start_s));
	sd = ahead > 0 ? hypot(of_a.plus, of_b.minus) : hypot(of_a.minus, of_b.plus);
	if (!(sd > 0))
		return ahead > 0 ? 1 : ahead < 0 ? 0 : 0.5;
	return 0.5 * erfc(-ahead / sd / M_SQRT2);
}
