/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.c - do windows and polls come on timers of their own? */
#include "daemon/loop.h"

#include <criterion/criterion.h>
#include <errno.h>
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

/* Both are always due: neither starves the other. */
Test(loop, what_is_watched_and_windows_take_turns)
{
	unsigned int n_keys = 0, n_windows = 0;
	struct loop *l = NULL;
	enum loop_event e;
	int pipes[2];

	loop_block_signals();
	cr_assert_eq(pipe(pipes), 0);
	cr_assert_eq(write(pipes[1], "x", 1), 1);
	cr_assert_eq(loop_new(1, UINT64_MAX, &l), 0);
	cr_assert_eq(loop_watch(l, pipes[0], LOOP_KEYS), 0);
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(loop_wait(l, &e), 0);
		n_keys += e == LOOP_KEYS;
		n_windows += e == LOOP_WINDOW;
	}
	cr_expect_geq(n_keys, 50);
	cr_expect_geq(n_windows, 40);
	loop_free(l);
}

Test(loop, the_end_of_what_is_watched_is_told)
{
	struct loop *l = NULL;
	enum loop_event e = LOOP_STOP;
	int pipes[2];

	loop_block_signals();
	cr_assert_eq(pipe(pipes), 0);
	cr_assert_eq(loop_new(1000 * JT_NS_PER_S, UINT64_MAX, &l), 0);
	cr_assert_eq(loop_watch(l, pipes[0], LOOP_TERMINAL), 0);
	close(pipes[1]);
	cr_assert_eq(loop_wait(l, &e), 0);
	cr_expect_eq(e, LOOP_TERMINAL);
	for (int i = 1; i < 4; i++)
		cr_expect_eq(loop_watch(l, pipes[0], LOOP_KEYS), 0);
	cr_expect_eq(loop_watch(l, pipes[0], LOOP_KEYS), -ENOSPC);
	loop_free(l);
}

Test(loop, what_is_not_done_comes_again)
{
	struct loop *l = NULL;
	enum loop_event e = LOOP_STOP;
	int pipes[2];

	loop_block_signals();
	cr_assert_eq(pipe(pipes), 0);
	cr_assert_eq(write(pipes[1], "x", 1), 1);
	cr_assert_eq(loop_new(1000 * JT_NS_PER_S, UINT64_MAX, &l), 0);
	cr_assert_eq(loop_watch(l, pipes[0], LOOP_CONTROL), 0);
	cr_assert_eq(loop_wait(l, &e), 0);
	cr_expect_eq(e, LOOP_CONTROL);
	cr_assert_eq(read(pipes[0], &(char){ 0 }, 1), 1);
	/* Nothing is readable any more. */
	loop_is_not_done(l, LOOP_CONTROL);
	cr_assert_eq(loop_wait(l, &e), 0);
	cr_expect_eq(e, LOOP_CONTROL);
	loop_free(l);
	close(pipes[0]);
	close(pipes[1]);
}
