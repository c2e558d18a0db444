/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.c - do windows and polls come on timers of their own? */
#include "daemon/loop.h"

#include <criterion/criterion.h>
#include <unistd.h>

#include "jouletrail/units.h"

static enum loop_event first_event(uint64_t interval_ns, uint64_t poll_ns)
{
	enum loop_event e = LOOP_STOP;
	struct loop *l = NULL;

	loop_block_signals();
	cr_assert_eq(loop_new(interval_ns, poll_ns, &l), 0);
	cr_assert_eq(loop_wait(l, &e), 0);
	loop_free(l);
	return e;
}

Test(loop, a_long_window_is_polled)
{
	cr_expect_eq(first_event(1000 * JT_NS_PER_S, JT_NS_PER_MS), LOOP_POLL);
}

Test(loop, a_short_window_is_not)
{
	cr_expect_eq(first_event(JT_NS_PER_MS, JT_NS_PER_MS), LOOP_WINDOW);
	cr_expect_eq(first_event(JT_NS_PER_MS, UINT64_MAX), LOOP_WINDOW);
	loop_free(NULL);
}

Test(loop, what_is_watched_comes_last)
{
	enum loop_event e = LOOP_STOP;
	struct loop *l = NULL;
	int fd[2];

	loop_block_signals();
	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(write(fd[1], "x", 1), 1);
	cr_assert_eq(loop_new(1000 * JT_NS_PER_S, UINT64_MAX, &l), 0);
	loop_watch(l, fd[0]);
	cr_assert_eq(loop_wait(l, &e), 0);
	cr_expect_eq(e, LOOP_WATCHED);
	cr_assert_eq(read(fd[0], &(char){ 0 }, 1), 1);
	loop_is_not_done(l); /* nothing is readable any more */
	cr_assert_eq(loop_wait(l, &e), 0);
	cr_expect_eq(e, LOOP_WATCHED);
	loop_free(l);
	/* A window that is over goes first. */
	cr_assert_eq(write(fd[1], "x", 1), 1);
	cr_assert_eq(loop_new(1, UINT64_MAX, &l), 0);
	loop_watch(l, fd[0]);
	for (int i = 0; i < 100; i++) {
		loop_is_not_done(l);
		cr_assert_eq(loop_wait(l, &e), 0);
		cr_expect_eq(e, LOOP_WINDOW);
	}
	loop_free(l);
	close(fd[0]);
	close(fd[1]);
}
