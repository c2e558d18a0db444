/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pace.c - is a feed left alone the longer the more it fails, and as long as it asks for? */
#include "feed/pace.h"

#include <criterion/criterion.h>

Test(pace, backs_off_by_doubling_up_to_an_hour)
{
	for (uint64_t seed = 1; seed < 500; seed++) {
		struct pace p = { .period_s = 300, .seed = seed };
		int64_t base = PACE_MIN_BACK_OFF_S;

		for (int i = 0; i < 40; i++) {
			int64_t s = pace_after_failure(&p, 0);

			cr_assert_geq(s, base * 3 / 4, "seed %lu, failure %d: %ld s", seed, i, s);
			cr_assert_leq(s, base * 5 / 4, "seed %lu, failure %d: %ld s", seed, i, s);
			base = 2 * base < PACE_MAX_BACK_OFF_S ? 2 * base : PACE_MAX_BACK_OFF_S;
		}
		cr_assert_eq(pace_after_success(&p), 300);
		cr_assert_leq(pace_after_failure(&p, 0), PACE_MIN_BACK_OFF_S * 5 / 4);
	}
}

Test(pace, obeys_retry_after_within_a_day)
{
	struct pace p = { .period_s = 300, .seed = 1 };

	cr_expect_eq(pace_after_failure(&p, 7200), 7200);
	cr_expect_eq(pace_after_failure(&p, INT64_MAX), PACE_MAX_WISH_S);
	cr_expect_gt(pace_after_failure(&p, -5), 0);
}

Test(pace, no_two_of_a_fleet_at_once)
{
	struct pace a = { .period_s = 300, .seed = 1 }, b = { .period_s = 300, .seed = 2 };
	int n_same = 0;

	for (int i = 0; i < 20; i++)
		n_same += pace_after_failure(&a, 0) == pace_after_failure(&b, 0);
	cr_expect_lt(n_same, 5);
}
