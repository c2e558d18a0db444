/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* window.c - is a window's mean the mean of its seconds, and missing time never a mean? */
#include <criterion/criterion.h>
#include <errno.h>

#include "plan/window.h"
#include "unit/plan/made_up.h"

Test(window, property_the_mean_of_its_seconds)
{
	struct random_source r = { .seed = 99 };

	for (int i = 0; i < 3000; i++) {
		struct plan_window w = { .start_s = 12345 };
		uint64_t sum = 0, covered = 0, missing_s = 0;
		struct made_up m;
		int64_t from, to;
		int err;

		made_up_series(&m, &r);
		from = (int64_t)random_below(&r, 200) - 50;
		to = from + 1 + (int64_t)random_below(&r, 100);
		for (size_t k = 0; k < m.series.n; k++) {
			covered += window_shared_s(&m.step[k], from, to);
			sum += m.step[k].mg_per_kwh * window_shared_s(&m.step[k], from, to);
		}
		err = plan_window(&m.series, from, to, &w, &missing_s);
		cr_assert_eq(missing_s, (uint64_t)(to - from) - covered, "series %d", i);
		cr_assert_eq(err, missing_s ? -ENODATA : 0, "series %d", i);
		if (err) {
			cr_assert_eq(w.start_s, 12345, "touched on error");
			continue;
		}
		cr_assert_eq(w.sum_mg_s, sum);
		cr_assert(w.low_mg_per_kwh <= w.mg_per_kwh && w.mg_per_kwh <= w.high_mg_per_kwh);
	}
}

Test(window, edges)
{
	const struct series_point step[] = { { 10, 20, 7, 7, 7, 0 } };
	const struct plan_series s = { .step = step, .n = 1 }, none = { .step = step, .n = 0 };
	struct plan_window w;
	uint64_t missing_s;

	cr_assert_eq(plan_window(&s, 10, 20, &w, NULL), 0);
	cr_assert_eq(w.mg_per_kwh, 7);
	cr_assert_eq(plan_window(&s, 9, 20, &w, &missing_s), -ENODATA);
	cr_assert_eq(missing_s, 1);
	cr_assert_eq(plan_window(&s, 20, 21, &w, &missing_s), -ENODATA);
	cr_assert_eq(plan_window(&none, 10, 20, &w, &missing_s), -ENODATA);
	cr_assert_eq(missing_s, 10);
	cr_assert_eq(plan_window(&s, 10, 10, &w, NULL), -EINVAL);
	cr_assert_eq(plan_window(&s, INT64_MIN, INT64_MAX, &w, NULL), -EINVAL);
	cr_assert_eq(plan_window(&s, INT64_MAX - 1, INT64_MAX, &w, NULL), -EINVAL);
	cr_assert_eq(window_first_step(&s, 9), 0);
	cr_assert_eq(window_first_step(&s, 19), 0);
	cr_assert_eq(window_first_step(&s, 20), 1);
}
