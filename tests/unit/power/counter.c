/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter.c - wraps, resets, jumps and holes of an energy counter, played at random. */
#include "power/counter.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define RANGE UINT64_C(262143328850)
#define WATT  UINT64_C(1000000)
#define S     UINT64_C(1000000000)

static struct counter primed(uint64_t range_uj, uint64_t max_uw, uint64_t at_uj)
{
	struct counter c;
	uint64_t uj = 7;

	counter_init(&c, range_uj, max_uw);
	cr_assert_null(counter_step(&c, 0, at_uj, S, &uj));
	cr_assert_eq(uj, 0);
	return c;
}

Test(counter, counts)
{
	struct counter c = primed(RANGE, 400 * WATT, 5 * WATT);
	uint64_t uj = 0;

	cr_assert_null(counter_step(&c, 0, 105 * WATT, 2 * S, &uj));
	cr_assert_eq(uj, 100 * WATT);
}

Test(counter, wraps_at_its_own_range_not_at_two_to_the_32)
{
	struct counter c = primed(RANGE, 400 * WATT, RANGE - 30 * WATT);
	uint64_t uj = 0;

	cr_assert_null(counter_step(&c, 0, 70 * WATT, 2 * S, &uj));
	cr_assert_eq(uj, 100 * WATT);
}

Test(counter, a_step_back_that_is_no_wrap_is_a_reset)
{
	struct counter c = primed(RANGE, 400 * WATT, RANGE / 2);
	uint64_t uj = 42;

	cr_assert_eq(counter_step(&c, 0, 10, 2 * S, &uj), counter_reset);
	cr_assert_eq(uj, 42, "untouched");
	cr_assert_null(counter_step(&c, 0, 10 + 50 * WATT, 3 * S, &uj));
	cr_assert_eq(uj, 50 * WATT);
}

Test(counter, a_jump_is_no_energy)
{
	struct counter c = primed(RANGE, 400 * WATT, 0);
	uint64_t uj = 42;

	cr_assert_eq(counter_step(&c, 0, 500 * WATT, 2 * S, &uj), counter_jump);
	cr_assert_eq(uj, 42);
}

Test(counter, unreadable_and_back)
{
	struct counter c = primed(RANGE, 400 * WATT, 0);
	uint64_t uj = 42;

	cr_assert_eq(counter_step(&c, -5, 0, 2 * S, &uj), counter_unreadable);
	cr_assert_eq(counter_step(&c, 0, 20 * WATT, 3 * S, &uj), counter_returned);
	cr_assert_eq(uj, 42);
	cr_assert_null(counter_step(&c, 0, 30 * WATT, 4 * S, &uj));
	cr_assert_eq(uj, 10 * WATT);
	cr_assert_eq(counter_step(&c, 0, RANGE + 1, 5 * S, &uj), counter_range);
}

Test(counter, standing_still_is_stale_not_zero)
{
	struct counter c = primed(RANGE, 400 * WATT, 5);
	uint64_t uj = 42;

	cr_assert_null(counter_step(&c, 0, 5, S + 1000000, &uj), "shorter than an update");
	cr_assert_eq(uj, 0);
	cr_assert_eq(counter_step(&c, 0, 5, 2 * S, &uj), counter_stale);
	cr_assert_eq(counter_step(&c, 0, 5, 3 * S, &uj), counter_stale);
	cr_assert_null(counter_step(&c, 0, 5 + 10 * WATT, 4 * S, &uj));
	cr_assert_eq(uj, 10 * WATT);
}

Test(counter, too_long_unread_may_hide_a_turn)
{
	struct counter c = primed(50 * WATT, 20 * WATT, 0);
	uint64_t uj = 42;

	cr_assert_eq(counter_step(&c, 0, 10 * WATT, 5 * S, &uj), counter_ambiguous);
	cr_assert_eq(uj, 42);
	cr_assert_eq(counter_max_interval_ns(&c), 1250000000);
}

/*
 * A domain drawing at random up to its bound, read at random intervals within the rule, through
 * any number of wraps: the sum is the truth. With faults: what is counted is never more than the
 * truth and never off by a turn.
 */
static void play(unsigned int seed, bool faults)
{
	uint64_t range_uj, max_uw, now_ns = S, truth_uj = 0, sum_uj = 0, lost_uj = 0, raw;
	struct counter c;

	srandom(seed);
	range_uj = (uint64_t)(random() % 1000 + 3) * WATT << random() % 20;
	max_uw = (uint64_t)(random() % 400 + 1) * WATT;
	raw = (uint64_t)random() % range_uj;
	c = primed(range_uj, max_uw, raw);
	for (int i = 0; i < 200; i++) {
		uint64_t most_ns = counter_max_interval_ns(&c), dt_ns, step_uj, uj = 0;
		const char *reason;
		int err = faults && random() % 10 == 0 ? -5 : 0;
		bool reset = faults && random() % 20 == 0;

		most_ns = most_ns > 60 * S ? 60 * S : most_ns;
		dt_ns = 1000000 + (uint64_t)random() % most_ns;
		dt_ns = dt_ns > most_ns ? most_ns : dt_ns;
		step_uj = 1 + (uint64_t)((double)max_uw * (double)dt_ns / 1e9 *
					 (double)(random() % 1000) / 1000);
		now_ns += dt_ns;
		truth_uj += step_uj;
		/* A reset to a low value: less than any turn could have given. */
		raw = reset ? 0 : (raw + step_uj) % range_uj;
		reason = counter_step(&c, err, raw, now_ns, &uj);
		if (reason)
			lost_uj += step_uj;
		else if (reset && uj != step_uj)
			truth_uj += uj - step_uj; /* may look like a wrap: bounded by the bound */
		if (!reason) {
			sum_uj += uj;
			cr_assert_leq((double)uj, (double)max_uw * ((double)dt_ns / 1e9 + 0.011),
				      "seed %u", seed);
		}
	}
	cr_assert_eq(sum_uj + lost_uj, truth_uj, "seed %u: %" PRIu64 " + %" PRIu64 " of %" PRIu64,
		     seed, sum_uj, lost_uj, truth_uj);
	cr_assert(faults || lost_uj == 0, "seed %u", seed);
}

Test(counter, exact_through_any_number_of_wraps)
{
	for (unsigned int seed = 1; seed <= 10000; seed++)
		play(seed, false);
}

Test(counter, faults_are_gaps_never_energy)
{
	for (unsigned int seed = 1; seed <= 10000; seed++)
		play(seed, true);
}
