/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * overflow.c - with too few cells detail is lost level by level, counted, and never any time.
 *
 * The levels: a cell of one's own; the cgroup's overflow cell; the global cell. The fourth, no
 * memory for a task's storage, cannot be forced from outside: the kernel takes it from its
 * reserves. What it comes to is the global cell again.
 */
#include "bpf/group.h"

TestSuite(overflow, .fini = teardown, .timeout = 240);

/* Room for nobody: every task is over. */
static void open_tight(void)
{
	kernel_open(&(struct sched_options){ .max_tasks = 1 });
}

static uint64_t overflow_ns(const struct usage *u)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].flags & JT_CELL_OVERFLOW)
			sum += u->rows[i].total_ns;
	return sum;
}

Test(overflow, few_cells_lose_detail_but_no_time)
{
	const struct usage *u;

	open_tight();
	end_ns(start(spin_50ms, NULL));
	u = window_conserved(1000);
	cr_assert_geq(overflow_ns(u), 50 * MS);
	cr_assert_gt(u->losses.n_no_cell, 0);
}

/* Those that were there before: they are without one in every window, the first one says so. */
Test(overflow, each_seeded_task_without_a_cell_is_counted)
{
	open_tight();
	cr_assert_geq(window()->losses.n_no_cell, 2);
}

/* The row of a group's shared cell: one, nobody's, with the group's id and all of its time. */
static void check_shared_row(const char *mount, uint32_t v1)
{
	struct group g;
	const struct usage_row *row = NULL;
	const struct usage *u;
	uint64_t total_ns;
	int go[2];
	pid_t pid;
	char c;

	group_make(&g, mount, "full");
	open_tight();
	cr_assert_eq(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(go[0], &c, 1) == 1)
			spin_cpu_ns(50 * MS);
		_exit(0);
	}
	group_enter(&g, pid);
	window();
	cr_assert_eq(write(go[1], "", 1), 1);
	total_ns = end_ns(pid);
	group_remove(&g);
	u = window_conserved(1000);
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].cgroup_id == g.id) {
			cr_assert_null(row, "more than one row of the group");
			row = &u->rows[i];
		}
	cr_assert_not_null(row);
	cr_assert_eq(row->flags, JT_CELL_OVERFLOW | v1);
	cr_assert_eq(row->pid + row->tgid, 0);
	/* Forking and entering was before. */
	assert_within(row->total_ns, 50 * MS, total_ns + SWITCHES_NS, g.path);
	cr_assert_eq(u->losses.n_global + u->losses.n_no_storage, 0);
}

Test(overflow, shared_cell_of_a_v2_group)
{
	check_shared_row(cgroup2_mount(), 0);
}

Test(overflow, shared_cell_of_a_v1_group)
{
	check_shared_row(cgroup1_cpu_mount(), JT_CELL_V1_CGRP);
}

static void spin_1ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(MS);
}

Test(overflow, each_task_without_a_cell_is_counted)
{
	enum { N = 50 };
	uint64_t before;

	open_tight();
	before = window()->n_live;
	for (int i = 0; i < N; i++)
		end_ns(start(spin_1ms, NULL));
	/* Others may fork as well; ours are all there. */
	cr_assert_geq(window()->losses.n_no_cell, N);
	cr_assert_leq(window()->n_live, before);
}

/* ---- more groups than there are shared cells ------------------------------------------------ */

#define N_GROUPS (JT_SHARED_CELLS + 32)

static long n_sleeps(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_nvcsw;
}

/* Walks itself through all groups, and spins a little in each after a switch. */
static void walk(void *arg)
{
	const struct group *g = arg;

	for (int i = 0; i < N_GROUPS; i++) {
		long n;

		if (group_try_enter(&g[i], "cgroup.procs", 0))
			_exit(1);
		n = n_sleeps();
		/* On a CPU that is stolen just then a sleep is over before it has begun. */
		while (n_sleeps() == n)
			usleep(1);
		spin_cpu_ns(MS / 4);
	}
}

Test(overflow, more_groups_than_shared_cells_go_to_the_global_cell)
{
	static struct group g[N_GROUPS];
	struct group top;
	uint64_t own_ns = 0, own_truth_ns = 0, global_ns = 0, lost_truth_ns = 0, total_ns;
	const struct usage *u;
	char name[16];

	group_make(&top, cgroup2_mount(), "many");
	for (int i = 0; i < N_GROUPS; i++) {
		snprintf(name, sizeof(name), "%d", i);
		group_make_below(&g[i], &top, name);
	}
	open_tight();
	total_ns = end_ns(start(walk, g));
	u = window_conserved(1000);
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].cgroup_id == 0)
			global_ns += u->rows[i].total_ns;
	for (int i = 0; i < N_GROUPS; i++) {
		uint64_t ns = group_used_ns(u, &g[i]), truth_ns = group_cpu_stat_ns(&g[i]);

		own_ns += ns;
		*(ns ? &own_truth_ns : &lost_truth_ns) += truth_ns;
		group_remove(&g[i]);
	}
	group_remove(&top);
	/* Some groups of the machine may have taken shared cells before ours. */
	cr_assert_geq(u->losses.n_global, N_GROUPS - JT_SHARED_CELLS);
	cr_assert_geq(u->losses.n_no_cell, N_GROUPS);
	cr_assert_gt(lost_truth_ns, 0);
	/* cpu.stat cuts to microseconds; a tick may fall between a move and its mark. */
	assert_within(own_ns + 2 * tick_ns(), own_truth_ns,
		      own_truth_ns + N_GROUPS * JT_NS_PER_US + 4 * tick_ns(), "groups with a cell");
	cr_assert_geq(global_ns + 2 * tick_ns(), lost_truth_ns);
	cr_assert_leq(own_ns, total_ns);
}
