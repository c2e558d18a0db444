/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* urgent.c - the priority is raised once and always given back. */
#include "base/urgent.h"

#include <criterion/criterion.h>
#include <sched.h>

Test(urgent, raises_once_and_gives_back)
{
	bool outer = urgent_begin(), inner;

	if (!outer) {
		cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
		urgent_end(outer);
		cr_skip_test("no right to real-time priority");
	}
	cr_assert_eq(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	inner = urgent_begin();
	cr_assert(!inner);
	urgent_end(inner);
	cr_assert_eq(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	urgent_end(outer);
	cr_assert_eq(sched_getscheduler(0), SCHED_OTHER);
}
