/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* window.c - the time-weighted mean of a series over one window, with its interval. */
#include "plan/window.h"

#include <errno.h>

size_t window_first_step(const struct plan_series *s, int64_t at_s)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->step[middle].end_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t window_shared_s(const struct series_point *p, int64_t start_s, int64_t end_s)
{
	int64_t from = p->start_s > start_s ? p->start_s : start_s;
	int64_t to = p->end_s < end_s ? p->end_s : end_s;

	return to > from ? (uint64_t)(to - from) : 0;
}

int plan_window(const struct plan_series *s, int64_t start_s, int64_t end_s,
		struct plan_window *ret, uint64_t *ret_missing_s)
{
	uint64_t length_s, covered_s = 0, low = 0, high = 0;
	struct plan_window w = { .start_s = start_s, .end_s = end_s };

	if (start_s < -PLAN_MAX_TIME_S || start_s > PLAN_MAX_TIME_S || end_s <= start_s ||
	    end_s > start_s + PLAN_MAX_SPAN_S)
		return -EINVAL;
	length_s = (uint64_t)(end_s - start_s);
	for (size_t i = window_first_step(s, start_s); i < s->n && s->step[i].start_s < end_s;
	     i++) {
		uint64_t part_s = window_shared_s(&s->step[i], start_s, end_s);

		covered_s += part_s;
		w.sum_mg_s += s->step[i].mg_per_kwh * part_s;
		low += s->step[i].low_mg_per_kwh * part_s;
		high += s->step[i].high_mg_per_kwh * part_s;
		w.flags |= s->step[i].flags;
	}
	if (ret_missing_s)
		*ret_missing_s = length_s - covered_s;
	if (covered_s == 0 || covered_s != length_s)
		return -ENODATA;
	w.mg_per_kwh = (w.sum_mg_s + length_s / 2) / length_s;
	w.low_mg_per_kwh = low / length_s;
	w.high_mg_per_kwh = (high + length_s - 1) / length_s;
	*ret = w;
	return 0;
}
