/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* search.c - is the best window the one that a search over every second finds? */
#include <criterion/criterion.h>
#include <errno.h>

#include "unit/plan/made_up.h"

/* Intensity of one second; false where none is known. */
static bool second(const struct plan_series *s, int64_t t, uint64_t *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		if (t < s->step[i].start_s || t >= s->step[i].end_s)
			continue;
		*ret = s->step[i].mg_per_kwh;
		return true;
	}
	return false;
}

/* Every start, every second of it. */
static bool brute_force(const struct plan_series *s, const struct plan_span *span,
			struct plan_window *ret)
{
	int64_t end = s->step[s->n - 1].end_s, from = span->from_s;
	int64_t until = span->until_s < end ? span->until_s : end;
	bool found = false;

	for (int64_t t = from; t + (int64_t)span->duration_s <= until; t++) {
		uint64_t sum = 0, mg = 0;
		uint64_t k;

		for (k = 0; k < span->duration_s && second(s, t + (int64_t)k, &mg); k++)
			sum += mg;
		if (k < span->duration_s || (found && sum >= ret->sum_mg_s))
			continue;
		found = true;
		ret->start_s = t;
		ret->sum_mg_s = sum;
	}
	return found;
}

static struct plan_span random_span(struct random_source *r)
{
	struct plan_span span = { .from_s = (int64_t)random_below(r, 120) - 40 };

	span.duration_s = 1 + random_below(r, random_below(r, 3) ? 12 : 60);
	span.until_s = random_below(r, 2) ? INT64_MAX
					  : span.from_s + (int64_t)span.duration_s +
						    (int64_t)random_below(r, 150);
	return span;
}

Test(search, the_best_of_10000_random_series_is_the_brute_force_one)
{
	struct random_source r = { .seed = 4711 };
	unsigned int n_found = 0, n_missing = 0;

	for (int i = 0; i < 10000; i++) {
		struct plan_window got = { 0 }, want = { 0 };
		struct plan_span span = random_span(&r);
		struct made_up m;
		uint64_t missing_s;
		bool found;
		int err;

		made_up_series(&m, &r);
		found = brute_force(&m.series, &span, &want);
		err = plan_best(&m.series, &span, &got, &missing_s);
		cr_assert_eq(err, found ? 0 : -ENODATA, "series %d", i);
		n_found += found;
		n_missing += missing_s > 0;
		if (!found)
			continue;
		cr_assert_eq(got.start_s, want.start_s, "series %d", i);
		cr_assert_eq(got.end_s - got.start_s, (int64_t)span.duration_s, "series %d", i);
		cr_assert_eq(got.sum_mg_s, want.sum_mg_s, "series %d", i);
	}
	cr_assert(n_found > 5000 && n_found < 9900, "%u found: the draws are lopsided", n_found);
	cr_assert(n_missing > 1000, "%u with missing time: the draws are lopsided", n_missing);
}

static const struct series_point day[] = {
	{ 0, 3600, 300, 200, 400, 0 },
	{ 3600, 7200, 100, 50, 200, 0 },
	{ 7200, 10800, 100, 60, 200, 2 },
	{ 10800, 14400, 200, 100, 300, 0 },
};
static const struct plan_series of_day = { .step = day, .n = 4 };

Test(search, steps_in_part)
{
	struct plan_span span = { .from_s = 0, .until_s = INT64_MAX, .duration_s = 9000 };
	struct plan_window w;
	uint64_t missing_s = 7;

	cr_assert_eq(plan_best(&of_day, &span, &w, &missing_s), 0);
	cr_assert_eq(w.start_s, 3600, "1800 s at 200 behind, not at 300 before");
	cr_assert_eq(w.sum_mg_s, 7200 * 100 + 1800 * 200);
	cr_assert_eq(w.mg_per_kwh, 120);
	cr_assert_eq(w.low_mg_per_kwh, (50 * 3600 + 60 * 3600 + 100 * 1800) / 9000);
	cr_assert_eq(w.high_mg_per_kwh, 220);
	cr_assert_eq(w.flags, 2);
	cr_assert_eq(missing_s, 0);
}

Test(search, of_several_the_earliest)
{
	struct plan_span span = { .from_s = 0, .until_s = INT64_MAX, .duration_s = 1800 };
	struct plan_window w;

	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), 0);
	cr_assert_eq(w.start_s, 3600);
	span.from_s = 4000;
	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), 0);
	cr_assert_eq(w.start_s, 4000, "at once, where nothing is better");
}

Test(search, deadlines)
{
	struct plan_span span = { .from_s = 0, .until_s = 3600, .duration_s = 3600 };
	struct plan_window w = { .start_s = -1 };

	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), 0);
	cr_assert_eq(w.start_s, 0, "the only one");
	span.until_s = 3599;
	w.start_s = -1;
	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), -ERANGE);
	cr_assert_eq(w.start_s, -1, "touched on error");
	span.until_s = 5400;
	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), 0);
	cr_assert_eq(w.start_s, 1800);
}

Test(search, a_forecast_in_the_past_or_too_short)
{
	struct plan_span span = { .from_s = 14400, .until_s = INT64_MAX, .duration_s = 60 };
	struct plan_window w;
	uint64_t missing_s = 7;

	cr_assert_eq(plan_best(&of_day, &span, &w, &missing_s), -ENODATA);
	cr_assert_eq(missing_s, 0, "nothing is missing as far as the series goes");
	span.from_s = 1000000;
	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), -ENODATA);
	span = (struct plan_span){ .from_s = 0, .until_s = INT64_MAX, .duration_s = 14401 };
	cr_assert_eq(plan_best(&of_day, &span, &w, NULL), -ENODATA);
	span = (struct plan_span){ .from_s = -7200, .until_s = -60, .duration_s = 60 };
	cr_assert_eq(plan_best(&of_day, &span, &w, &missing_s), -ENODATA);
	cr_assert_eq(missing_s, 7140, "all before the series begins");
}

Test(search, a_window_does_not_hold_missing_time)
{
	const struct series_point step[] = { { 0, 100, 10, 10, 10, 0 }, { 101, 200, 5, 5, 5, 0 } };
	const struct plan_series s = { .step = step, .n = 2 };
	struct plan_span span = { .from_s = 0, .until_s = INT64_MAX, .duration_s = 100 };
	struct plan_window w;
	uint64_t missing_s;

	cr_assert_eq(plan_best(&s, &span, &w, &missing_s), 0);
	cr_assert_eq(w.start_s, 0);
	cr_assert_eq(missing_s, 1);
	span.duration_s = 99;
	cr_assert_eq(plan_best(&s, &span, &w, &missing_s), 0);
	cr_assert_eq(w.start_s, 101);
}

Test(search, what_is_no_series_or_span)
{
	const struct series_point unsorted[] = { { 10, 20, 1, 1, 1, 0 }, { 0, 10, 1, 1, 1, 0 } };
	const struct series_point overlapping[] = { { 0, 11, 1, 1, 1, 0 }, { 10, 20, 1, 1, 1, 0 } };
	const struct series_point empty[] = { { 10, 10, 1, 1, 1, 0 } };
	const struct series_point inside_out[] = { { 0, 10, 1, 2, 1, 0 } };
	const struct series_point endless[] = { { 0, INT64_C(1) << 31, 1, 1, 1, 0 } };
	const struct series_point faraway[] = { { INT64_MIN, INT64_MAX, 1, 1, 1, 0 } };
	const struct plan_series cases[] = {
		{ .step = NULL, .n = 0 },	 { .step = unsorted, .n = 2 },
		{ .step = overlapping, .n = 2 }, { .step = empty, .n = 1 },
		{ .step = inside_out, .n = 1 },	 { .step = endless, .n = 1 },
		{ .step = faraway, .n = 1 },
	};
	struct plan_span span = { .from_s = 0, .until_s = INT64_MAX, .duration_s = 1 };
	struct plan_window w;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(plan_best(&cases[i], &span, &w, NULL), -EINVAL, "case %zu", i);
	span.duration_s = 0;
	cr_expect_eq(plan_best(&of_day, &span, &w, NULL), -EINVAL);
	span = (struct plan_span){ .from_s = INT64_MIN, .until_s = INT64_MIN, .duration_s = 1 };
	cr_expect_eq(plan_best(&of_day, &span, &w, NULL), -EINVAL);
}

Test(search, the_largest_values)
{
	const struct series_point step[] = { { 0, INT32_MAX, UINT32_MAX, 0, UINT32_MAX, 0 } };
	const struct plan_series s = { .step = step, .n = 1 };
	struct plan_span span = { .from_s = 0, .until_s = INT64_MAX, .duration_s = INT32_MAX };
	struct plan_window w;

	cr_assert_eq(plan_best(&s, &span, &w, NULL), 0);
	cr_assert_eq(w.mg_per_kwh, UINT32_MAX);
	cr_assert_eq(w.high_mg_per_kwh, UINT32_MAX);
	cr_assert_eq(w.low_mg_per_kwh, 0);
}
