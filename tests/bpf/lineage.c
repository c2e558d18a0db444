/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lineage.c - the measured command's descendants are marked, however they left it. */
#include "bpf/group.h"

TestSuite(lineage, .fini = teardown, .timeout = 120);

static void family(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) != 1)
		_exit(1);
	/* A grandchild that leaves its session and is reparented, a 1 ms one, and itself. */
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			spin_cpu_ns(30 * MS);
			_exit(0);
		}
		_exit(0);
	}
	if (fork() == 0) {
		spin_cpu_ns(MS);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	spin_cpu_ns(10 * MS);
}

Test(lineage, descendants_are_marked_however_they_left)
{
	int go[2];
	pid_t pid;
	uint64_t marked = 0, before_ns;
	struct group g;

	group_make(&g, cgroup2_mount(), "family");
	cr_assert_eq(pipe(go), 0);
	pid = start_in(&g, family, &go[0]);
	while (task_state(pid) != 'S')
		usleep(1000);
	before_ns = group_cpu_stat_ns(&g);
	kernel_open(&(struct sched_options){ .lineage_tgid = pid });
	cr_assert_eq(write(go[1], "", 1), 1);
	end_ns(pid);
	/* The reparented one may still run: windows until it has died. */
	for (int i = 0; i < 100; i++) {
		const struct usage *u = window();

		for (size_t r = 0; r < u->n_rows; r++)
			if (u->rows[r].flags & JT_CELL_LINEAGE)
				marked += u->rows[r].total_ns;
		if (sched_n_lineage_alive(sched) == 0 && i > 0)
			break;
		usleep(20000);
	}
	cr_assert_eq(sched_n_lineage_tasks(sched), 4);
	cr_assert_eq(sched_n_lineage_alive(sched), 0);
	cr_assert_geq(marked, 41 * MS);
	assert_close(marked, group_cpu_stat_ns(&g) - before_ns, 1000, "marked");
	group_remove(&g);
}
