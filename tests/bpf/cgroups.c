/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cgroups.c - time is in the cgroup it was spent in: v1, v2, hybrid, threaded, born there, gone. */
#include <pthread.h>

#include "bpf/board.h"
#include "bpf/group.h"

TestSuite(cgroups, .init = setup, .fini = teardown, .timeout = 120);

/* A child that spins 60 ms once it is told; where it is by then is up to the test. */
static int go[2];
static uint64_t told_ns; /* what it had run before */

static void spin_when_told(void *arg)
{
	char c;

	(void)arg;
	if (read(go[0], &c, 1) == 1)
		spin_cpu_ns(60 * MS);
}

/* Asleep when it returns: a task that runs while it is moved is what moves.c is for. */
static pid_t start_told(void)
{
	pid_t pid;

	cr_assert_eq(pipe(go), 0);
	pid = start(spin_when_told, NULL);
	while (task_state(pid) != 'S')
		usleep(1000);
	told_ns = rest_ns(pid);
	return pid;
}

static uint64_t tell_and_end_ns(pid_t pid)
{
	cr_assert_eq(write(go[1], "", 1), 1);
	return end_ns(pid);
}

Test(cgroups, v2_equals_cpu_stat)
{
	struct group g;
	pid_t pid;
	uint64_t truth_ns;

	group_make(&g, cgroup2_mount(), "v2");
	pid = start_told();
	group_enter(&g, pid);
	tell_and_end_ns(pid);
	truth_ns = group_cpu_stat_ns(&g);
	group_remove(&g);
	cr_assert_geq(truth_ns, 60 * MS);
	assert_close(group_used_ns(window(), &g), truth_ns, 1000, g.path);
}

/* The task is at the root of v2, as on v1 and hybrid hosts: v1's cpu controller says more. */
Test(cgroups, v1_of_the_cpu_controller)
{
	struct group g;
	pid_t pid;
	uint64_t truth_ns;
	const struct usage *u;

	group_make(&g, cgroup1_cpu_mount(), "v1");
	pid = start_told();
	group_enter(&g, pid);
	truth_ns = tell_and_end_ns(pid) - told_ns;
	group_remove(&g);
	u = window();
	assert_close(used_ns(u, pid, 0, g.id, NULL), truth_ns, 1000, g.path);
	assert_close(group_used_ns(u, &g), used_ns(u, pid, 0, g.id, NULL), 0, "marked as v1's");
}

/* In a group of both hierarchies v2's is the one: its ids are what containers are known by. */
Test(cgroups, v2_goes_before_v1)
{
	struct group one, two;
	pid_t pid;
	const struct usage *u;
	uint64_t truth_ns;

	group_make(&one, cgroup1_cpu_mount(), "both");
	group_make(&two, cgroup2_mount(), "both");
	pid = start_told();
	group_enter(&one, pid);
	group_enter(&two, pid);
	tell_and_end_ns(pid);
	truth_ns = group_cpu_stat_ns(&two);
	group_remove(&one);
	group_remove(&two);
	u = window();
	assert_close(group_used_ns(u, &two), truth_ns, 1000, "v2");
	/* On its way from one to the other it ran nothing but a read. */
	cr_assert_leq(group_used_ns(u, &one), SWITCHES_NS);
}

Test(cgroups, root_of_both_has_the_id_of_v2)
{
	struct stat st;
	pid_t pid;
	uint64_t truth_ns;
	struct group root = { .path = "" };

	if (!cgroup2_mount() || stat(cgroup2_mount(), &st))
		cr_skip_test("no cgroup v2 hierarchy mounted");
	snprintf(root.path, sizeof(root.path), "%s", cgroup2_mount());
	pid = start_told();
	if (group_try_enter(&root, "cgroup.procs", pid))
		cr_skip_test("the root cgroup cannot be entered here");
	if (cgroup1_cpu_mount()) {
		snprintf(root.path, sizeof(root.path), "%s", cgroup1_cpu_mount());
		group_enter(&root, pid);
	}
	truth_ns = tell_and_end_ns(pid);
	/* It may have been there before, or elsewhere. */
	assert_within(used_ns(window(), pid, 0, st.st_ino, NULL), truth_ns - told_ns - SWITCHES_NS,
		      truth_ns + SWITCHES_NS, "root");
}

Test(cgroups, born_into_a_group)
{
	struct group g;
	pid_t pid;
	uint64_t truth_ns;

	group_make(&g, cgroup2_mount(), "into");
	pid = start_born_in(&g, spin_50ms, NULL);
	truth_ns = end_ns(pid);
	group_remove(&g);
	assert_close(used_ns(window(), pid, 0, g.id, NULL), truth_ns, 1000, "born there");
}

Test(cgroups, removed_in_the_midst_of_a_window)
{
	struct group g;
	pid_t pid;
	uint64_t truth_ns;

	group_make(&g, cgroup2_mount(), "gone");
	pid = start_told();
	group_enter(&g, pid);
	window();
	tell_and_end_ns(pid);
	truth_ns = group_cpu_stat_ns(&g);
	group_remove(&g);
	/* The kernel has freed what it can of the group before its row is read. */
	usleep(100000);
	cr_assert_neq(access(g.path, F_OK), 0);
	assert_close(group_used_ns(window(), &g), truth_ns, 1000, "a group that is gone");
	cr_assert_eq(group_used_ns(window(), &g), 0);
}

/* ---- threaded ------------------------------------------------------------------------------ */

static struct board *board;

static void *board_thread(void *arg)
{
	board_spin(board, (unsigned int)(uintptr_t)arg);
	return NULL;
}

static void two_threads(void *arg)
{
	pthread_t t[2];

	(void)arg;
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, board_thread, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

/* A domain with two threaded groups below it; skips where that is not to be had. */
static void threaded_make(struct group *domain, struct group below[2])
{
	static const char *const name[] = { "t0", "t1" };

	group_make(domain, cgroup2_mount(), "threaded");
	for (int i = 0; i < 2; i++) {
		group_make_below(&below[i], domain, name[i]);
		if (group_write(&below[i], "cgroup.type", "threaded"))
			cr_skip_test("no threaded cgroups here");
	}
}

/* The account of a group whose last thread may be on its way out, when it has left its CPU. */
static uint64_t group_rest_ns(const struct group *g)
{
	uint64_t before_ns, ns = group_cpu_stat_ns(g);

	do {
		before_ns = ns;
		usleep(1000);
		ns = group_cpu_stat_ns(g);
	} while (ns != before_ns);
	return ns;
}

Test(cgroups, threads_of_one_process_in_two_groups)
{
	struct group domain, g[2];
	pid_t pid;
	uint64_t truth_ns[2], end[2], before[2], after[2];
	const struct usage *u;

	threaded_make(&domain, g);
	board = board_new();
	pid = start(two_threads, NULL);
	board_wait(board, 2);
	group_enter(&domain, pid);
	for (int i = 0; i < 2; i++) {
		before[i] = settled_ns(board->spinner[i].tid);
		cr_assert_eq(group_try_enter(&g[i], "cgroup.threads", board->spinner[i].tid), 0);
		after[i] = settled_ns(board->spinner[i].tid);
	}
	for (int i = 0; i < 2; i++)
		while (group_cpu_stat_ns(&g[i]) < 60 * MS)
			usleep(1000);
	board->stop = true;
	end_ns(pid);
	for (int i = 0; i < 2; i++) {
		truth_ns[i] = group_rest_ns(&g[i]);
		end[i] = board->spinner[i].end_ns;
		group_remove(&g[i]);
	}
	group_remove(&domain);
	u = window();
	for (int i = 0; i < 2; i++) {
		pid_t tid = board->spinner[i].tid;
		uint64_t moving_ns = after[i] - before[i] + SWITCHES_NS;
		uint64_t there_ns = used_ns(u, pid, tid, g[i].id, NULL);

		/* The kernel's account and ours part in the midst of the move. */
		assert_within(there_ns + moving_ns, truth_ns[i], truth_ns[i] + 2 * moving_ns,
			      g[i].path);
		cr_assert_eq(there_ns, group_used_ns(u, &g[i]));
		cr_assert_geq(there_ns + SWITCHES_NS, end[i] - after[i]);
		/* Its exit comes after its own last reading, and is in its group's account. */
		assert_within(used_ns(u, pid, tid, 0, NULL), end[i],
			      truth_ns[i] + after[i] + SWITCHES_NS, "the thread");
	}
	cr_assert_eq(u->losses.n_backwards, 0);
}
