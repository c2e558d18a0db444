/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* moves.c - a spinning task that is moved between cgroups is split where it was moved. */
#include <pthread.h>

#include "bpf/board.h"
#include "bpf/group.h"

TestSuite(moves, .init = setup_large, .fini = teardown, .timeout = 120);

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

/* How often a thread has been switched out. */
static uint64_t n_switches(pid_t tid)
{
	char path[32], line[128];
	uint64_t sum = 0, n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %" SCNu64, &n) == 1)
			sum += n;
	if (f)
		fclose(f);
	return sum;
}

static bool all_switched(unsigned int n, const uint64_t since[])
{
	for (unsigned int i = 0; i < n; i++)
		if (n_switches(board->spinner[i].tid) == since[i])
			return false;
	return true;
}

/*
 * A switch of all spinners and a little more: of two moves within one slice only the later leaves a
 * mark, and on a CPU with nothing else to do a slice lasts until the window ends. One that is told
 * to go on before it has quite stopped goes on without a switch: until it had one.
 */
static void run_after_switch(const struct group *g, unsigned int n, pid_t pid)
{
	uint64_t since[BOARD_SPINNERS];
	int status;

	for (unsigned int i = 0; i < n; i++)
		since[i] = n_switches(board->spinner[i].tid);
	do {
		kill(pid, SIGSTOP);
		cr_assert_eq(waitpid(pid, &status, WUNTRACED), pid);
		kill(pid, SIGCONT);
		run_in(g, n, MS);
	} while (!all_switched(n, since));
}

/* What n spinners have run by now. */
static void settle(unsigned int n, uint64_t ret_ns[])
{
	for (unsigned int i = 0; i < n; i++)
		ret_ns[i] = settled_ns(board->spinner[i].tid);
}

static uint64_t sum_of(unsigned int n, const uint64_t ns[])
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += ns[i];
	return sum;
}

/*
 * Threads that move with their leader find a time in its mark, no runtime: what was stolen after it
 * counts as theirs, and what a switch takes from the end of the runtime to ours.
 */
static uint64_t off_ns(const struct usage *u, unsigned int n_moves)
{
	return u->books.excluded_ns + SWITCHES_NS + n_moves * 10 * JT_NS_PER_US;
}

/* What a group has by our account, from least to most. */
static void check_stay(uint64_t used, uint64_t least, uint64_t most, uint64_t off)
{
	assert_within(used + off, least, most + 2 * off, "time in the group");
}

/* The kernel's account of a group and ours part by what was run in the midst of its moves. */
static void check_stat(const struct group *g, uint64_t used, uint64_t truth_ns, uint64_t off)
{
	assert_within(used + off, truth_ns, truth_ns + 2 * off, g->path);
}

/* Of threads but the first the kernel's sum lacks what they run after it was made. */
static void check_whole(uint64_t used, uint64_t total_ns, unsigned int n)
{
	uint64_t off_ns = SWITCHES_NS + total_ns / 1000;

	assert_within(used, total_ns - off_ns, total_ns + off_ns + (n - 1) * exit_ns(), "whole");
}

/* n threads of one process spin in a, are moved to b by its process id, spin there, and end. */
static void check_process_moved(unsigned int n)
{
	uint64_t at[4][BOARD_SPINNERS], truth_ns[2], total_ns, moving_ns, exits_ns;
	struct group a, b;
	const struct usage *u;
	pid_t pid;

	board = board_new();
	group_make(&a, cgroup_mount(), "a");
	group_make(&b, cgroup_mount(), "b");
	pid = start(spinners, &n);
	board_wait(board, n);
	settle(n, at[0]);
	group_enter(&a, pid);
	settle(n, at[1]);
	run_in(&a, n, 60 * MS);
	run_after_switch(&a, n, pid);
	settle(n, at[2]);
	group_enter(&b, pid);
	settle(n, at[3]);
	run_in(&b, n, 60 * MS);
	board->stop = true;
	total_ns = end_ns(pid);
	truth_ns[0] = group_cpu_stat_ns(&a);
	truth_ns[1] = group_cpu_stat_ns(&b);
	group_remove(&a);
	group_remove(&b);
	u = window();
	check_whole(used_ns(u, pid, 0, 0, NULL), total_ns, n);
	exits_ns = board_exits_ns(board, n, total_ns) + (n - 1) * exit_ns();
	for (unsigned int i = 0; i < n; i++) {
		pid_t tid = board->spinner[i].tid;
		uint64_t end = board->spinner[i].end_ns;

		check_stay(used_ns(u, pid, tid, a.id, NULL), at[2][i] - at[1][i],
			   at[3][i] - at[0][i], off_ns(u, 2));
		/* Its exit comes after its own last reading. */
		check_stay(used_ns(u, pid, tid, b.id, NULL), end - at[3][i],
			   end + exits_ns - at[2][i], off_ns(u, 2));
	}
	moving_ns = sum_of(n, at[3]) - sum_of(n, at[2]);
	check_stat(&b, group_used_ns(u, &b), truth_ns[1], moving_ns + off_ns(u, 2));
	moving_ns += sum_of(n, at[1]) - sum_of(n, at[0]);
	check_stat(&a, group_used_ns(u, &a), truth_ns[0], moving_ns + off_ns(u, 2));
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
	enum { N_MOVES = 100, N = 2 };
	uint64_t before[N], after[N], least[2] = { 0 }, most[2] = { 0 }, total_ns;
	uint64_t moving_ns = 0;
	struct group g[2];
	const struct usage *u;
	unsigned int n = N;
	pid_t pid;

	board = board_new();
	group_make(&g[0], cgroup_mount(), "even");
	group_make(&g[1], cgroup_mount(), "odd");
	pid = start(spinners, &n);
	board_wait(board, n);
	for (int i = 0; i < N_MOVES; i++) {
		int to = i % 2, from = !to;

		settle(n, before);
		group_enter(&g[to], pid);
		settle(n, after);
		least[from] += i ? sum_of(n, before) : 0;
		most[from] += i ? sum_of(n, after) : 0;
		least[to] -= sum_of(n, after);
		most[to] -= sum_of(n, before);
		moving_ns += sum_of(n, after) - sum_of(n, before);
		run_after_switch(&g[to], n, pid);
	}
	board->stop = true;
	total_ns = end_ns(pid);
	least[1] += total_ns - board_exits_ns(board, n, total_ns);
	most[1] += total_ns + (N - 1) * exit_ns();
	u = window();
	check_whole(used_ns(u, pid, 0, 0, NULL), total_ns, N);
	for (int i = 0; i < 2; i++) {
		uint64_t used = group_used_ns(u, &g[i]), off = off_ns(u, N_MOVES);

		check_stay(used, least[i], most[i], off);
		check_stat(&g[i], used, group_cpu_stat_ns(&g[i]), moving_ns + off);
		group_remove(&g[i]);
	}
	cr_assert_eq(u->losses.n_no_cell, 0);
}
