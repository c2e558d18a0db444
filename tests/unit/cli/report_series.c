/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_series.c - are all ticks in spans, few enough, and is what was not measured a hole? */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "cli/report_series.h"
#include "jouletrail/units.h"
#include "unit/random.h"

#define S ((int64_t)JT_US_PER_S)

static struct report_series *begin(void)
{
	struct report_series *s = calloc(1, sizeof(*s));

	cr_assert(s);
	return s;
}

static struct report_sum *take(struct report_series *s, int64_t from_s, int64_t length_s)
{
	const struct report_moment m = { .from_us = from_s * S,
					 .to_us = (from_s + length_s) * S,
					 .n_ticks = 1,
					 .time_ns = (uint64_t)length_s * JT_NS_PER_S };

	return report_series_take(s, &m);
}

static uint64_t energy_of(const struct report_series *s, uint64_t *ret_ticks)
{
	uint64_t energy_uj = 0;

	*ret_ticks = 0;
	for (size_t i = 0; i < report_series_n(s); i++) {
		energy_uj += report_series_span(s, i)->host.total.energy_uj;
		*ret_ticks += report_series_span(s, i)->n_ticks;
	}
	return energy_uj;
}

Test(report_series, a_week_of_ticks_has_spans_of_half_an_hour)
{
	struct report_series *s = begin();
	uint64_t n;

	for (int64_t i = 0; i < 60480; i++)
		take(s, 1794787200 + i * 10, 10)->total.energy_uj += 3;
	report_series_settle(s);
	cr_assert(s->length_us == 1800 * S && s->n == 336, "%zu", s->n);
	cr_assert(energy_of(s, &n) == 3 * 60480 && n == 60480);
	for (size_t i = 0; i < s->n; i++) {
		cr_assert(report_span_percent(&s->span[i]) == 100);
		cr_assert(s->span[i].host.total.time_ns == 1800 * JT_NS_PER_S);
		cr_assert(s->span[i].from_us == (1794787200 + (int64_t)i * 1800) * S);
	}
	cr_assert(s->n_blanks == 0);
	free(s);
}

Test(report_series, whatever_times_there_are_nothing_gets_lost)
{
	struct random_source random = { .seed = 11 };

	for (int round = 0; round < 200; round++) {
		struct report_series *s = begin();
		uint64_t sum = 0, n, span = UINT64_C(1) << random_below(&random, 34);
		size_t ticks = 1 + random_below(&random, 900);

		for (size_t i = 0; i < ticks; i++) {
			/* Before 1970 too, and in any order: clocks are set. */
			int64_t at = (int64_t)random_below(&random, span) - (int64_t)(span / 2);
			uint64_t uj = random_below(&random, 1000);

			take(s, at, 1 + (int64_t)random_below(&random, 100))->total.energy_uj += uj;
			sum += uj;
		}
		report_series_settle(s);
		cr_assert(energy_of(s, &n) == sum && n == ticks, "round %d", round);
		cr_assert(s->n <= REPORT_MAX_SPANS && s->n > 0);
		cr_assert((s->length_us != 0) == (ticks > REPORT_MAX_SPANS));
		for (size_t i = 0; i < s->n; i++)
			cr_assert(!s->span[i].n_ticks || s->span[i].from_us <= s->span[i].to_us);
		free(s);
	}
}

Test(report_series, a_hole_is_counted_and_is_no_span_of_zero)
{
	struct report_series *s = begin();

	for (int64_t i = 0; i < 10; i++)
		take(s, i * 10, 10);
	for (int64_t i = 100; i < 110; i++)
		take(s, i * 10, 10);
	report_series_settle(s);
	cr_assert(s->n_blanks == 1 && s->blank[0].from_us == 100 * S &&
		  s->blank[0].to_us == 1000 * S && !s->blank[0].no_energy);
	cr_assert(s->unmeasured_us == 900 * JT_US_PER_S);
	/* Each tick is a span: few there are. */
	cr_assert(s->n == 20 && s->span[9].to_us == 100 * S && s->span[10].from_us == 1000 * S);
	free(s);
}

/* Ticks of seven seconds do not fit any grid; none of its spans may seem to be a hole. */
Test(report_series, in_spans_of_one_length_ticks_leave_no_hole_of_their_own)
{
	struct report_series *s = begin();
	uint64_t n;

	for (int64_t i = 0; i < 1000; i++)
		if (i < 500 || i >= 600)
			take(s, 1000003 + i * 7, 7)->total.energy_uj += 7;
	report_series_settle(s);
	cr_assert(s->length_us == 30 * S && energy_of(s, &n) == 900 * 7 && n == 900);
	for (size_t i = 0; i < s->n; i++) {
		const struct report_span *p = &s->span[i];

		/* The hole's own, and all others measured whole. */
		cr_assert(p->n_ticks || (p->from_us > 1003400 * S && p->to_us < 1004300 * S));
		cr_assert(!p->n_ticks || report_span_percent(p) >= 98, "%zu: %u", i,
			  report_span_percent(p));
	}
	cr_assert(s->span[0].from_us == 1000003 * S);
	cr_assert(s->span[s->n - 1].to_us == (1000003 + 7000) * S || !s->span[s->n - 1].n_ticks);
	cr_assert(s->n_blanks == 1 && s->unmeasured_us == 700 * JT_US_PER_S);
	free(s);
}

Test(report_series, ticks_without_energy_are_one_hole_and_no_known_time)
{
	struct report_series *s = begin();
	struct report_moment m = { .n_ticks = 1, .n_missing = 1, .time_ns = 10 * JT_NS_PER_S };

	take(s, 0, 10);
	for (int64_t i = 1; i < 4; i++) {
		m.from_us = i * 10 * S;
		m.to_us = m.from_us + 10 * S;
		report_series_take(s, &m);
	}
	report_series_settle(s);
	cr_assert(s->n_blanks == 1 && s->blank[0].no_energy && s->no_energy_us == 30 * 1000000);
	cr_assert(s->span[0].known_ns == 10 * JT_NS_PER_S && s->span[1].known_ns == 0);
	free(s);
}

Test(report_series, a_clock_that_was_set_back_within_a_tick)
{
	struct report_series *s = begin();
	uint64_t n;

	take(s, 100, 10);
	take(s, 110, -50)->total.energy_uj += 1;
	take(s, 60, 10);
	report_series_settle(s);
	cr_assert(energy_of(s, &n) == 1 && n == 3 && s->n_blanks == 0);
	for (size_t i = 0; i < s->n; i++)
		cr_assert(report_span_percent(&s->span[i]) <= 100);
	free(s);
}

Test(report_series, rollups_are_spans_of_their_own_and_those_of_a_day_are_one)
{
	struct report_series *s = begin();
	struct report_moment day = {
		.n_ticks = 8640, .n_missing = 864, .time_ns = 86400 * JT_NS_PER_S, .rolled_up = true
	};
	uint64_t n;

	/* They stand behind younger ticks, as in a ledger. */
	take(s, 3 * 86400, 10)->total.energy_uj += 1;
	for (int64_t i = 0; i < 4; i++) {
		/* Two of the first day, one of the second. */
		int64_t d = i < 2 ? 0 : i - 1;

		day.from_us = d * 86400 * S;
		day.to_us = (d + 1) * 86400 * S + 5 * S;
		if (d == 2)
			break;
		report_series_take(s, &day)->total.energy_uj += 10;
	}
	report_series_settle(s);
	cr_assert(s->n_rolled == 2 && s->rolled[0].n_ticks == 2 * 8640, "%zu", s->n_rolled);
	cr_assert(s->rolled[1].known_ns == 86400 * JT_NS_PER_S / 10 * 9);
	cr_assert(energy_of(s, &n) == 31 && report_series_n(s) == 3);
	cr_assert(s->n_blanks == 1 && s->blank[0].from_us == (2 * 86400 + 5) * S &&
		  s->blank[0].to_us == 3 * 86400 * S);
	free(s);
}

Test(report_series, more_rollups_than_there_is_room_for_are_in_the_last)
{
	struct report_series *s = begin();
	struct report_moment day = { .n_ticks = 1, .rolled_up = true };
	uint64_t n;

	for (int64_t i = 0; i < REPORT_MAX_ROLLED + 50; i++) {
		day.from_us = i * 86400 * S;
		day.to_us = (i + 1) * 86400 * S;
		report_series_take(s, &day)->total.energy_uj += 2;
	}
	report_series_settle(s);
	cr_assert(s->n_rolled == REPORT_MAX_ROLLED);
	cr_assert(energy_of(s, &n) == 2 * (REPORT_MAX_ROLLED + 50) && n == REPORT_MAX_ROLLED + 50);
	free(s);
}
