/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * skipped.c - not every switch reaches our program, above all while other tracers attach to
 * sched_switch or leave it: a task's time is found at its next switch all the same.
 */
#include "bpf/board.h"

#define N_SPINNERS 3

static struct board *board;

TestSuite(skipped, .init = setup, .fini = teardown, .timeout = 300);

static void spin(void *arg)
{
	board_spin(board, *(unsigned int *)arg);
}

/* Another instance comes and goes until the board stops. */
static void come_and_go(void *arg)
{
	struct sched_options o = { .max_tasks = 16 };
	struct why why;

	(void)arg;
	while (!board->stop) {
		struct sched *other;

		if (sched_new(&o, &other, &why))
			_exit(1);
		sched_free(other);
	}
}

Test(skipped, no_time_is_lost_while_tracers_come_and_go)
{
	unsigned int index[N_SPINNERS];
	uint64_t seen_ns[N_SPINNERS] = { 0 }, from_ns[N_SPINNERS], total_ns[N_SPINNERS];
	pid_t pid[N_SPINNERS], tracer;
	const struct usage *u;

	board = board_new();
	/* More than there are CPUs, so that there are switches to be skipped. */
	for (unsigned int i = 0; i < N_SPINNERS; i++) {
		index[i] = i;
		pid[i] = start(spin, &index[i]);
	}
	board_wait(board, N_SPINNERS);
	tracer = start(come_and_go, NULL);
	window();
	board_mark(board);
	board_wait(board, N_SPINNERS);
	for (unsigned int i = 0; i < N_SPINNERS; i++)
		from_ns[i] = board->spinner[i].at_ns[0];
	for (int w = 0; w < 40; w++) {
		usleep(50000);
		u = window_conserved(1000);
		for (unsigned int i = 0; i < N_SPINNERS; i++)
			seen_ns[i] += used_ns(u, pid[i], 0, 0, NULL);
	}
	board->stop = true;
	end_ns(tracer);
	for (unsigned int i = 0; i < N_SPINNERS; i++)
		total_ns[i] = end_ns(pid[i]);
	u = window();
	for (unsigned int i = 0; i < N_SPINNERS; i++) {
		seen_ns[i] += used_ns(u, pid[i], 0, 0, NULL);
		/* The first window ended before the mark: what lies between is in what was seen. */
		cr_assert_geq(seen_ns[i] + SWITCHES_NS, total_ns[i] - from_ns[i]);
	}
}
