/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* worker.c - does a sink that fails get the newest tick later, and all of the energy? */
#include "push/worker.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "unit/board_pair.h"

/* A sink of one test: what it is sent, and how often it is to fail. */
static atomic_int n_sent, n_failures, n_troubles, n_ends;
static _Atomic double energy_j, last_tick;

static int open_sink(const char *address, void **ret)
{
	*ret = (void *)address;
	return 0;
}

static int send_tick(void *sink, const struct sink_tick *t, struct why *why)
{
	cr_assert_str_eq(sink, "x");
	cr_assert_str_eq(t->host, "h");
	if (n_failures > 0) {
		n_failures--;
		return why_set(why, -ECONNREFUSED, "refused");
	}
	energy_j = energy_j + t->used->energy_j[0];
	last_tick = t->now->host.n_ticks;
	n_sent++;
	return 0;
}

static void close_sink(void *sink)
{
	(void)sink;
}

static const struct sink_kind kind = { .scheme = "test:",
				       .n_consumers = 3,
				       .open = open_sink,
				       .send = send_tick,
				       .close = close_sink };

static void say(bool trouble, const char *text)
{
	cr_assert(strstr(text, "push to test:x: ") == text);
	if (trouble)
		n_troubles++;
	else
		n_ends++;
}

static void show(struct board *b, int tick, double energy)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_printf(&text, "jouletrail_accounted_seconds_total %d\n", 10 * tick);
	buf_printf(&text, "jouletrail_ticks_total %d\n", tick);
	if (tick)
		buf_printf(&text, "jouletrail_host_energy_joules_total %.6f\n", energy);
	cr_assert_eq(board_put(b, text.data, text.len), 0);
}

static struct worker *start(const struct board *reader, bool from_zero)
{
	struct worker_options o = { .kind = &kind,
				    .address = "test:x",
				    .rest = "x",
				    .host = "h",
				    .board = reader,
				    .from_zero = from_zero,
				    .say = say };
	struct worker *w;

	cr_assert_eq(worker_new(&o, &w), 0);
	return w;
}

static void wait_for(const atomic_int *what, int least)
{
	const struct timespec step = { .tv_nsec = 5000000 };

	while (*what < least)
		nanosleep(&step, NULL);
}

static void end(struct worker *w)
{
	worker_stop(w);
	cr_assert(worker_join(w, clock_mono_ns() + 3600 * JT_NS_PER_S));
}

Test(worker, a_sink_that_was_away_gets_all_of_the_energy)
{
	CLEANUP(board_pair_free) const struct board_pair p = board_pair_new();
	struct worker *w;

	show(p.board, 0, 0);
	n_failures = 1;
	w = start(p.reader, true);
	show(p.board, 3, 2.5);
	wait_for(&n_troubles, 1);
	show(p.board, 4, 4.0);
	wait_for(&n_sent, 1);
	wait_for(&n_ends, 1);
	cr_expect_eq(last_tick, 4, "the newest one alone");
	cr_expect_eq(energy_j, 4.0, "from the begin on");
	show(p.board, 5, 4.75);
	end(w);
	cr_expect_eq(last_tick, 5, "the last one is delivered when it ends");
	cr_expect_eq(energy_j, 4.75);
	cr_expect_eq(n_troubles, 1);
}

/* Who is started again does not know what was delivered before. */
Test(worker, one_that_is_started_again_begins_with_what_it_sees)
{
	CLEANUP(board_pair_free) const struct board_pair p = board_pair_new();
	struct worker *w;

	show(p.board, 7, 70);
	w = start(p.reader, false);
	end(w);
	cr_expect_eq(n_sent, 0);
	n_sent = 0;
	w = start(p.reader, true);
	end(w);
	cr_expect_eq(energy_j, 70);
}

Test(worker, no_tick_nothing_sent)
{
	CLEANUP(board_pair_free) const struct board_pair p = board_pair_new();
	struct worker *w;

	show(p.board, 0, 0);
	w = start(p.reader, true);
	end(w);
	cr_expect_eq(n_sent, 0);
	cr_assert_eq(board_put(p.board, "rubbish\n", 8), 0);
	w = start(p.reader, true);
	wait_for(&n_troubles, 1);
	end(w);
	cr_expect_eq(n_sent, 0);
}

Test(worker, back_off)
{
	cr_expect_eq(worker_back_off_ns(1), JT_NS_PER_S);
	cr_expect_eq(worker_back_off_ns(2), 2 * JT_NS_PER_S);
	cr_expect_eq(worker_back_off_ns(6), 32 * JT_NS_PER_S);
	cr_expect_eq(worker_back_off_ns(7), 60 * JT_NS_PER_S);
	cr_expect_eq(worker_back_off_ns(4000000000U), 60 * JT_NS_PER_S);
}
