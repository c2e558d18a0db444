/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oneslice.c - an exec and a move, or two moves, of a task that runs on without a switch: split at
 * the last move, and what was between two moves is counted.
 */
#include <sched.h>

#include "bpf/board.h"
#include "bpf/group.h"

static struct board *board;

TestSuite(oneslice, .init = setup_large, .fini = teardown, .timeout = 120);

/* On the last CPU, ahead of all ordinary tasks there, and the test elsewhere. */
static void run_alone(void)
{
	struct sched_param p = { .sched_priority = 2 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (sched_setscheduler(0, SCHED_FIFO, &p))
		_exit(77);
	/* A switch, so that how it came to its first group is of another slice. */
	usleep(3000);
}

static void spin_alone(void *arg)
{
	(void)arg;
	run_alone();
	board_spin(board, 0);
}

static void exec_alone(void *arg)
{
	run_alone();
	board->spinner[0].tid = gettid();
	execl(arg, arg, "-c", "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done", (char *)NULL);
	_exit(127);
}

/* Makes n groups, a, b, …, and starts body in the first. */
static pid_t start_first(struct group *g, int n, void (*body)(void *), void *arg)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		cr_skip_test("needs a CPU for the spinner alone");
	for (int i = 0; i < n; i++)
		group_make(&g[i], cgroup_mount(), (char[]){ (char)('a' + i), '\0' });
	board = board_new();
	return start_in(&g[0], body, arg);
}

/*
 * Moves it; adds to *moving_ns what it may have run meanwhile. The kernel moves it somewhere in
 * between, and leaves its mark later: where an emulated CPU stands still, milliseconds.
 */
static void move_to(const struct group *g, pid_t pid, uint64_t *moving_ns)
{
	uint64_t begin_ns = clock_mono_ns();

	group_enter(g, pid);
	*moving_ns += clock_mono_ns() - begin_ns;
}

/* Until the group has run ns by the kernel's account, which a tick keeps up. */
static void run_for(const struct group *g, uint64_t ns)
{
	while (group_cpu_stat_ns(g) < ns)
		usleep(1000);
}

Test(oneslice, two_moves_are_split_at_the_second)
{
	struct group g[3];
	uint64_t truth_ns[3], total_ns, off_ns = 2 * tick_ns();
	const struct usage *u;
	pid_t pid;

	pid = start_first(g, 3, spin_alone, NULL);
	board_wait(board, 1);
	run_for(&g[0], 60 * MS);
	move_to(&g[1], pid, &off_ns);
	run_for(&g[1], 60 * MS);
	move_to(&g[2], pid, &off_ns);
	run_for(&g[2], 60 * MS);
	board->stop = true;
	total_ns = end_ns(pid);
	u = window();
	for (int i = 0; i < 3; i++) {
		truth_ns[i] = group_cpu_stat_ns(&g[i]);
		group_remove(&g[i]);
	}
	assert_within(used_ns(u, pid, 0, g[2].id, NULL) + off_ns, truth_ns[2],
		      truth_ns[2] + 2 * off_ns, "after the second move");
	/* What b had is b's, where there was a switch in between, or counted as in doubt. */
	assert_within(used_ns(u, pid, 0, g[1].id, NULL) + u->losses.unsplit_ns + off_ns,
		      truth_ns[1], UINT64_MAX / 2, "between the moves");
	assert_close(used_ns(u, pid, 0, 0, NULL), total_ns, 1000, "whole");
}

Test(oneslice, an_excursion_is_counted)
{
	struct group g[2];
	uint64_t away_ns, off_ns = 2 * tick_ns();
	const struct usage *u;
	pid_t pid;

	pid = start_first(g, 2, spin_alone, NULL);
	board_wait(board, 1);
	run_for(&g[0], 60 * MS);
	move_to(&g[1], pid, &off_ns);
	run_for(&g[1], 60 * MS);
	move_to(&g[0], pid, &off_ns);
	board->stop = true;
	end_ns(pid);
	u = window();
	away_ns = group_cpu_stat_ns(&g[1]);
	for (int i = 0; i < 2; i++)
		group_remove(&g[i]);
	assert_within(used_ns(u, pid, 0, g[1].id, NULL) + u->losses.unsplit_ns + off_ns, away_ns,
		      UINT64_MAX / 2, "away");
}

Test(oneslice, exec_then_move_is_split_at_the_move)
{
	static char shell[] = "/bin/sh";
	struct group g[2];
	uint64_t truth_ns[2], off_ns = 2 * tick_ns();
	const struct usage *u;
	pid_t pid;

	pid = start_first(g, 2, exec_alone, shell);
	run_for(&g[0], 60 * MS);
	move_to(&g[1], pid, &off_ns);
	end_ns(pid);
	u = window();
	truth_ns[0] = group_cpu_stat_ns(&g[0]);
	truth_ns[1] = group_cpu_stat_ns(&g[1]);
	group_remove(&g[0]);
	group_remove(&g[1]);
	if (truth_ns[1] < 10 * MS)
		cr_skip_test("the shell was too fast to be moved");
	assert_within(used_ns(u, pid, 0, g[0].id, NULL) + off_ns, truth_ns[0],
		      truth_ns[0] + 2 * off_ns, "before the move");
	assert_within(used_ns(u, pid, 0, g[1].id, NULL) + off_ns, truth_ns[1],
		      truth_ns[1] + 2 * off_ns, "after the move");
}
