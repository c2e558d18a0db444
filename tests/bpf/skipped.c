/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * skipped.c - not every switch or fork reaches our programs: a task's time is found at its next
 * switch all the same, and it gets its cell at the end of the window.
 */
#include <sys/syscall.h>

#include "bpf/board.h"
#include "bpf/cells.h"

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

/* The cell that the task charges. */
static uint32_t cell_of(pid_t pid)
{
	uint32_t n_cells;
	const struct jt_cell *cell = map_own("cells", &n_cells);

	for (uint32_t i = JT_SHARED_CELLS + 1; i < n_cells; i++)
		if (cell[i].state == JT_CELL_OPEN && cell[i].pid == (uint32_t)pid)
			return i;
	cr_assert_fail("no cell of %d", pid);
	return 0;
}

/* As if the kernel had not told of its fork: no storage, and no cell that would know it. */
static void forget(pid_t pid)
{
	static const char nobody[256];
	struct bpf_map_info info;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	uint32_t cell = cell_of(pid);

	cr_assert_eq(bpf_map_delete_elem(map_own_fd("tasks", &info), &pidfd), 0);
	cr_assert_eq(bpf_map_update_elem(map_own_fd("owners", &info), &cell, nobody, BPF_ANY), 0);
	close(pidfd);
}

Test(skipped, task_whose_fork_was_missed_gets_its_cell_at_the_end_of_the_window)
{
	unsigned int index = 0;
	uint64_t total_ns;
	const struct usage *u;
	pid_t pid;

	board = board_new();
	pid = start(spin, &index);
	board_wait(board, 1);
	window();
	forget(pid);
	board_mark(board);
	board_wait(board, 1);
	spin_cpu_ns(20 * MS);
	u = window_conserved(1000);
	cr_assert_gt(u->losses.untracked_ns, 0);
	/* What it has run since the switch that ended that window is in the next one. */
	window_conserved(1000);
	board_mark(board);
	board_wait(board, 1);
	spin_cpu_ns(20 * MS);
	board->stop = true;
	total_ns = end_ns(pid);
	u = window_conserved(1000);
	cr_assert_eq(u->losses.untracked_ns, 0);
	cr_assert_geq(used_ns(u, pid, 0, 0, NULL) + SWITCHES_NS,
		      total_ns - board->spinner[0].at_ns[1]);
}
