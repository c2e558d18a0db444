/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series.c - does every moment get the value that the policy of series.h gives it? */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "intensity/series.h"
#include "unit/random.h"

static void add(struct series *s, int64_t start_s, int64_t end_s, uint32_t mg, uint32_t flags)
{
	struct series_point p = { start_s, end_s, mg, mg - mg / 10, mg + mg / 10, flags };

	cr_assert_eq(series_add(s, &p), 0);
}

static void expect(const struct series *s, size_t i, int64_t start_s, int64_t end_s, uint32_t mg)
{
	cr_assert_lt(i, s->n);
	cr_expect_eq(s->point[i].start_s, start_s, "point %zu starts %ld", i, s->point[i].start_s);
	cr_expect_eq(s->point[i].end_s, end_s, "point %zu ends %ld", i, s->point[i].end_s);
	cr_expect_eq(s->point[i].mg_per_kwh, mg, "point %zu is %u", i, s->point[i].mg_per_kwh);
}

Test(series, empty_one_has_nothing)
{
	struct series s = { 0 };
	struct series_mean mean;
	struct series_point p;

	cr_assert_eq(series_finish(&s), 0);
	cr_assert_null(series_at(&s, 0));
	cr_assert_eq(series_mean(&s, 0, 10, &mean), -ENODATA);
	cr_assert_eq(series_hold(&s, 10, &p), -ENODATA);
	series_free(&s);
}

Test(series, bounds_are_refused)
{
	static const struct {
		struct series_point p;
		int err;
	} cases[] = {
		{ { -1, 10, 5, 5, 5, 0 }, -ERANGE },
		{ { 10, 10, 5, 5, 5, 0 }, -EINVAL },
		{ { 11, 10, 5, 5, 5, 0 }, -EINVAL },
		{ { 0, SERIES_MAX_S + 1, 5, 5, 5, 0 }, -ERANGE },
		{ { SERIES_MAX_S + 1, SERIES_END_UNKNOWN, 5, 5, 5, 0 }, -ERANGE },
		{ { 0, 10, 5, 6, 7, 0 }, -EINVAL },
		{ { 0, 10, 5, 4, 4, 0 }, -EINVAL },
		{ { 0, 10, 5, 4, SERIES_MAX_MG_PER_KWH + 1, 0 }, -ERANGE },
		{ { INT64_MIN, INT64_MAX, 5, 5, 5, 0 }, -ERANGE },
	};
	struct series s = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(series_add(&s, &cases[i].p), cases[i].err, "case %zu", i);
	cr_expect_eq(s.n, 0);
	series_free(&s);
}

Test(series, mean_is_weighted_by_time_and_says_its_coverage)
{
	struct series s = { 0 };
	struct series_mean mean;

	add(&s, 0, 3600, 100, 0);
	add(&s, 3600, 7200, 300, SERIES_FORECAST);
	add(&s, 10800, 14400, 500, 0);
	cr_assert_eq(series_finish(&s), 0);

	cr_assert_eq(series_mean(&s, 900, 4500, &mean), 0);
	cr_expect_eq(mean.mg_per_kwh, 150);
	cr_expect_eq(mean.low_mg_per_kwh, 135);
	cr_expect_eq(mean.high_mg_per_kwh, 165);
	cr_expect_eq(mean.coverage_ppm, 1000000);
	cr_expect_eq(mean.flags, SERIES_FORECAST);

	cr_assert_eq(series_mean(&s, 3600, 14400, &mean), 0);
	cr_expect_eq(mean.mg_per_kwh, 400);
	cr_expect_eq(mean.covered_s, 7200);
	cr_expect_eq(mean.coverage_ppm, 666666);

	cr_expect_eq(series_mean(&s, 7200, 10800, &mean), -ENODATA, "a hole");
	cr_expect_eq(series_mean(&s, 14400, 20000, &mean), -ENODATA, "after the end");
	cr_expect_eq(series_mean(&s, 10, 10, &mean), -EINVAL);
	cr_expect_eq(s.count.n_holes, 1);
	cr_expect_eq(s.count.holes_s, 3600);
	series_free(&s);
}

Test(series, lookup_is_half_open)
{
	struct series s = { 0 };

	add(&s, 100, 200, 1, 0);
	add(&s, 200, 300, 2, 0);
	series_finish(&s);
	cr_expect_null(series_at(&s, 99));
	cr_expect_eq(series_at(&s, 100)->mg_per_kwh, 1);
	cr_expect_eq(series_at(&s, 199)->mg_per_kwh, 1);
	cr_expect_eq(series_at(&s, 200)->mg_per_kwh, 2);
	cr_expect_null(series_at(&s, 300));
	series_free(&s);
}

Test(series, unsorted_is_sorted_and_counted)
{
	struct series s = { 0 };

	add(&s, 7200, 10800, 3, 0);
	add(&s, 0, 3600, 1, 0);
	add(&s, 3600, 7200, 2, 0);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 3);
	for (uint32_t i = 0; i < 3; i++)
		expect(&s, i, 3600 * i, 3600 * (i + 1), i + 1);
	cr_expect_eq(s.count.n_unsorted, 1);
	cr_expect_eq(s.count.n_overlaps, 0);
	series_free(&s);
}

Test(series, the_last_to_arrive_revises)
{
	struct series s = { 0 };

	add(&s, 0, 3600, 10, 0);
	add(&s, 0, 3600, 12, 0);
	add(&s, 0, 3600, 12, 0);
	add(&s, 3600, 7200, 20, 0);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 2);
	expect(&s, 0, 0, 3600, 12);
	cr_expect_eq(s.count.n_revised, 1);
	cr_expect_eq(s.count.n_duplicates, 1);

	add(&s, 0, 3600, 14, 0);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 2);
	expect(&s, 0, 0, 3600, 14);
	cr_expect(s.point[0].flags & SERIES_REVISED);
	series_free(&s);
}

Test(series, a_value_beats_an_estimate_beats_a_forecast)
{
	struct series s = { 0 };

	add(&s, 0, 3600, 1, SERIES_FORECAST);
	add(&s, 0, 3600, 2, 0);
	add(&s, 0, 3600, 3, SERIES_ESTIMATED);
	add(&s, 3600, 7200, 4, SERIES_FORECAST);
	add(&s, 3600, 7200, 5, SERIES_ESTIMATED);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 2);
	expect(&s, 0, 0, 3600, 2);
	expect(&s, 1, 3600, 7200, 5);
	series_free(&s);
}

Test(series, the_later_start_cuts_and_the_rest_comes_back)
{
	struct series s = { 0 };

	add(&s, 0, 100, 1, 0);
	add(&s, 20, 40, 2, 0);
	add(&s, 90, 120, 3, 0);
	add(&s, 110, 130, 4, SERIES_FORECAST);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 5);
	expect(&s, 0, 0, 20, 1);
	expect(&s, 1, 20, 40, 2);
	expect(&s, 2, 40, 90, 1);
	expect(&s, 3, 90, 120, 3);
	expect(&s, 4, 120, 130, 4);
	cr_expect(s.point[0].flags & SERIES_OVERLAPPED);
	cr_expect_not(s.point[1].flags & SERIES_OVERLAPPED);
	cr_expect(s.point[4].flags & SERIES_OVERLAPPED);
	cr_expect_eq(s.count.n_overlaps, 3);
	series_free(&s);
}

Test(series, an_end_that_is_missing_is_the_next_start_at_most_the_usual_distance)
{
	struct series s = { 0 };

	for (int64_t t = 0; t < 5; t++)
		add(&s, 300 * t, SERIES_END_UNKNOWN, 1, 0);
	add(&s, 9000, SERIES_END_UNKNOWN, 2, 0);
	cr_assert_eq(series_finish(&s), 0);
	expect(&s, 4, 1200, 1500, 1);
	expect(&s, 5, 9000, 9300, 2);
	cr_expect(s.point[5].flags & SERIES_ASSUMED_END);
	cr_expect_eq(s.count.n_assumed_ends, 6);
	cr_expect_eq(s.count.holes_s, 7500);
	series_free(&s);

	add(&s, 50, SERIES_END_UNKNOWN, 1, 0);
	cr_assert_eq(series_finish(&s), 0);
	expect(&s, 0, 50, 3650, 1);
	series_free(&s);
}

Test(series, a_missing_value_ends_the_one_before_it_where_that_has_no_end)
{
	struct series s = { 0 };

	/* Hours of which every other is missing, and one that says how long it lasts. */
	add(&s, 0, SERIES_END_UNKNOWN, 1, 0);
	cr_assert_eq(series_miss_at(&s, 3600), 0);
	add(&s, 14400, 18000, 3, 0);
	add(&s, 7200, SERIES_END_UNKNOWN, 2, 0);
	cr_assert_eq(series_miss_at(&s, 10800), 0);
	cr_assert_eq(series_miss_at(&s, 16200), 0);
	/* At the same time as a value it takes nothing from it. */
	cr_assert_eq(series_miss_at(&s, 7200), 0);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 3);
	expect(&s, 0, 0, 3600, 1);
	expect(&s, 1, 7200, 10800, 2);
	expect(&s, 2, 14400, 18000, 3);
	cr_expect_eq(s.count.n_missing, 4);
	cr_expect_eq(s.count.n_assumed_ends, 2);
	cr_expect_eq(s.count.holes_s, 7200);
	series_free(&s);

	/* Nearer than the usual distance. */
	for (int64_t t = 0; t < 5; t++)
		add(&s, 3600 * t, SERIES_END_UNKNOWN, 1, 0);
	cr_assert_eq(series_miss_at(&s, 4 * 3600 + 600), 0);
	cr_assert_eq(series_finish(&s), 0);
	expect(&s, 4, 14400, 15000, 1);
	series_free(&s);

	/* Nothing but missing values is nothing. */
	cr_assert_eq(series_miss_at(&s, 0), 0);
	cr_assert_eq(series_miss_at(&s, -1), -ERANGE);
	cr_assert_eq(series_miss_at(&s, SERIES_MAX_S + 1), -ERANGE);
	cr_assert_eq(series_finish(&s), 0);
	cr_expect_eq(s.n, 0);
	cr_expect_eq(s.count.n_missing, 3);
	series_free(&s);
}

Test(series, a_hole_is_bridged_and_widened_the_more_the_longer)
{
	struct series s = { 0 };
	struct series_point p, later;

	add(&s, 0, 3600, 1000, 0);
	series_finish(&s);
	cr_assert_eq(series_hold(&s, 1800, &p), 0);
	cr_expect_eq(p.flags, 0);
	cr_expect_eq(p.high_mg_per_kwh, 1100);
	cr_assert_eq(series_hold(&s, 3600, &p), 0);
	cr_expect_eq(p.flags, SERIES_FILLED);
	for (int64_t t = 7200; t < 864000; t += 3600) {
		cr_assert_eq(series_hold(&s, t, &later), 0);
		cr_expect_eq(later.mg_per_kwh, 1000);
		cr_expect_leq(later.low_mg_per_kwh, p.low_mg_per_kwh);
		cr_expect_geq(later.high_mg_per_kwh, p.high_mg_per_kwh);
		p = later;
	}
	/* 0.34·sqrt(2·(1 - 0.43)), a factor of exp(1.96·0.363) = 2.04 on top. */
	cr_expect_gt(p.high_mg_per_kwh, 2000);
	cr_expect_lt(p.high_mg_per_kwh, 2200);
	cr_expect_eq(series_drift_sd(0), 0);
	cr_expect_float_eq(series_drift_sd(3600), 0.068, 1e-9);
	series_free(&s);
}

Test(series, widening_keeps_order_whatever_it_gets)
{
	struct series_point zero = { 0, 1, 0, 0, 0, 0 };
	struct series_point half = { 0, 1, 100, 0, 100, 0 };

	series_widen(&zero, 1);
	cr_expect_eq(zero.high_mg_per_kwh, 0);
	series_widen(&half, 100);
	cr_expect_eq(half.low_mg_per_kwh, 0);
	cr_expect_eq(half.high_mg_per_kwh, SERIES_MAX_MG_PER_KWH);
}

/* The policy once more, second by second. */
static const struct series_point *best_at(const struct series_point *p, size_t n, int64_t t)
{
	const struct series_point *best = NULL;

	for (size_t i = 0; i < n; i++) {
		bool in = p[i].start_s <= t && t < p[i].end_s;
		unsigned int forecast = p[i].flags & SERIES_FORECAST;

		if (in && (!best || forecast < (best->flags & SERIES_FORECAST) ||
			   (forecast == (best->flags & SERIES_FORECAST) &&
			    p[i].start_s >= best->start_s)))
			best = &p[i];
	}
	return best;
}

Test(series, every_second_is_as_if_looked_at_alone)
{
	struct random_source r = { .seed = 7 };

	for (int round = 0; round < 2000; round++) {
		struct series s = { 0 };
		struct series_point p[12];
		size_t n = 1 + random_below(&r, 12);

		for (size_t i = 0; i < n; i++) {
			int64_t start_s = (int64_t)random_below(&r, 40);

			p[i] = (struct series_point){ start_s,
						      start_s + 1 + (int64_t)random_below(&r, 20),
						      (uint32_t)i + 1,
						      0,
						      100,
						      random_below(&r, 3) ? 0 : SERIES_FORECAST };
			cr_assert_eq(series_add(&s, &p[i]), 0);
		}
		cr_assert_eq(series_finish(&s), 0);
		for (size_t i = 1; i < s.n; i++)
			cr_assert_leq(s.point[i - 1].end_s, s.point[i].start_s);
		for (int64_t t = 0; t < 64; t++) {
			const struct series_point *want = best_at(p, n, t), *got = series_at(&s, t);

			cr_assert_eq(!want, !got, "round %d second %ld", round, t);
			cr_assert(!want || want->mg_per_kwh == got->mg_per_kwh,
				  "round %d second %ld", round, t);
		}
		series_free(&s);
	}
}
