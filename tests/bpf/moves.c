/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* moves.c - a spinning task that is moved between cgroups is split where it was moved. */
#include <pthread.h>

#include "bpf/board.h"
#include "bpf/group.h"

TestSuite(moves, .init = setup, .fini = teardown, .timeout = 120);

static struct board *board;

static void *board_thread(void *arg)
{
	board_spin(board, (unsigned int)(uintptr_t)arg);
	return NULL;
}

/* arg: how many threads spin, the leader being the first. */
static void spinners(void *arg)
{
	unsigned int n = *(unsigned int *)arg;
	pthread_t t[BOARD_SPINNERS];

	for (uintptr_t i = 1; i < n; i++)
		pthread_create(&t[i], NULL, board_thread, (void *)i);
	board_spin(board, 0);
	for (unsigned int i = 1; i < n; i++)
		pthread_join(t[i], NULL);
}

/* Until each of n spinners of the group has run ns more, by the group's own account. */
static void run_in(const struct group *g, unsigned int n, uint64_t ns)
{
	uint64_t begin_ns = group_cpu_stat_ns(g);

	while (group_cpu_stat_ns(g) < begin_ns + n * ns)
		usleep(1000);
}

/*
 * Time in a group against what the spinner itself noted: moved there between marks in[0] and
 * in[1], and out between out[0] and out[1]. The kernel knows the runtime of a running task as of
 * its last update, so a move counts as up to a tick earlier; a tick of a stolen CPU comes late.
 */
static void check_stay(const struct usage *u, pid_t pid, unsigned int i, uint64_t group_id,
		       const uint64_t in[2], const uint64_t out[2])
{
	uint64_t used = used_ns(u, pid, board->spinner[i].tid, group_id, NULL);
	uint64_t late_ns = 2 * tick_ns() + SWITCHES_NS;
	uint64_t least = out[0] - in[1], most = out[1] - in[0] + late_ns;

	assert_within(used, least > late_ns ? least - late_ns : 0, most, "time in the group");
}

/* n threads of one process spin in a, are moved to b by its process id, spin there, and end. */
static void check_process_moved(unsigned int n)
{
	struct group a, b;
	const struct usage *u;
	uint64_t truth_ns[2], total_ns;
	pid_t pid;

	board = board_new();
	group_make(&a, cgroup2_mount(), "a");
	group_make(&b, cgroup2_mount(), "b");
	pid = start(spinners, &n);
	board_wait(board, n);
	board_mark(board);
	group_enter(&a, pid);
	board_mark(board);
	run_in(&a, n, 60 * MS);
	board_mark(board);
	group_enter(&b, pid);
	board_mark(board);
	run_in(&b, n, 60 * MS);
	board_wait(board, n);
	board->stop = true;
	total_ns = end_ns(pid);
	truth_ns[0] = group_cpu_stat_ns(&a);
	truth_ns[1] = group_cpu_stat_ns(&b);
	group_remove(&a);
	group_remove(&b);
	u = window();
	assert_close(used_ns(u, pid, 0, 0, NULL), total_ns, 1000, "whole");
	for (unsigned int i = 0; i < n; i++) {
		uint64_t at[4], end = board->spinner[i].end_ns;

		for (int k = 0; k < 4; k++)
			at[k] = board->spinner[i].at_ns[k];
		check_stay(u, pid, i, a.id, &at[0], &at[2]);
		/* Its exit comes after its own last reading. */
		check_stay(u, pid, i, b.id, &at[2], (uint64_t[]){ end, end + MS });
	}
	/* The kernel charges a group at the same updates; each thread may meet one in between. */
	assert_within(group_used_ns(u, &a, 0), truth_ns[0] - n * tick_ns(),
		      truth_ns[0] + n * tick_ns(), a.path);
	assert_within(group_used_ns(u, &b, 0), truth_ns[1] - n * tick_ns(),
		      truth_ns[1] + n * tick_ns(), b.path);
	/* On each other CPU a slice may end in the midst of a move, before its mark is there. */
	cr_assert_leq(u->losses.n_unsplit, 2 * (u->n_cpus - 1),
		      "%" PRIu64 " slices, %" PRIu64 " ns, without a mark", u->losses.n_unsplit,
		      u->losses.unsplit_ns);
}

Test(moves, spinning_task_is_split_where_it_was_moved)
{
	check_process_moved(1);
}

Test(moves, so_is_each_thread_of_a_process_moved_as_a_whole)
{
	check_process_moved(4);
}

/* Back and forth: nothing is lost or doubled however often. */
Test(moves, hundred_moves_keep_the_sum)
{
	enum { N_MOVES = 100 };
	struct group g[2];
	const struct usage *u;
	uint64_t truth_ns[2], total_ns, off_ns = N_MOVES * 2 / 20 * tick_ns();
	unsigned int n = 2;
	pid_t pid;

	board = board_new();
	group_make(&g[0], cgroup2_mount(), "even");
	group_make(&g[1], cgroup2_mount(), "odd");
	pid = start(spinners, &n);
	board_wait(board, n);
	for (int i = 0; i < N_MOVES; i++) {
		group_enter(&g[i % 2], pid);
		run_in(&g[i % 2], n, 2 * MS);
	}
	board->stop = true;
	total_ns = end_ns(pid);
	u = window();
	for (int i = 0; i < 2; i++) {
		truth_ns[i] = group_cpu_stat_ns(&g[i]);
		group_remove(&g[i]);
	}
	assert_close(used_ns(u, pid, 0, 0, NULL), total_ns, 1000, "whole");
	/*
	 * The kernel charges cpu.stat at the same updates; a tick that falls between a move and its
	 * mark goes to the other group. That takes a hundredth of a tick, so one move in twenty
	 * would be many.
	 */
	for (int i = 0; i < 2; i++)
		assert_within(group_used_ns(u, &g[i], 0) + off_ns, truth_ns[i],
			      truth_ns[i] + 2 * off_ns, g[i].path);
	cr_assert_eq(u->losses.n_no_cell, 0);
}
