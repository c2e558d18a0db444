/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lineage.c - the measured command's descendants are marked, however they left it. */
#include <pthread.h>
#include <sys/syscall.h>

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

	group_make(&g, cgroup_mount(), "family");
	cr_assert_eq(pipe(go), 0);
	pid = start_in(&g, family, &go[0]);
	while (task_state(pid) != 'S')
		usleep(1000);
	rest_ns(pid);
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

static int go[2];

static void *wait_for_byte(void *arg)
{
	char c;

	return read(go[0], &c, 1) == 1 ? arg : NULL;
}

/* Its first thread ends, another one stays. */
static void leave_a_thread(void *arg)
{
	pthread_t t;

	(void)arg;
	if (pthread_create(&t, NULL, wait_for_byte, NULL) == 0)
		syscall(SYS_exit, 0);
}

Test(lineage, process_lives_on_when_its_first_thread_has_ended)
{
	siginfo_t info;
	pid_t pid;

	cr_assert_eq(pipe(go), 0);
	kernel_open(&(struct sched_options){ .lineage_tgid = getpid() });
	pid = start(leave_a_thread, NULL);
	while (task_state(pid) != 'Z')
		usleep(1000);
	rest_ns(pid);
	window();
	/* The test itself is of the lineage too. */
	cr_assert_eq(sched_n_lineage_alive(sched), 2);
	info.si_pid = 0;
	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG), 0);
	cr_assert_eq(info.si_pid, 0, "the process has ended");
	cr_assert_eq(write(go[1], "", 1), 1);
	end_ns(pid);
	window();
	cr_assert_eq(sched_n_lineage_alive(sched), 1);
}
