/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * accounting.c - the programs on the running kernel: what a task ran is in its row, once, under
 * its own name and cgroup.
 *
 * The truth is the kernel's own: CLOCK_PROCESS_CPUTIME_ID, wait4's rusage, cpu.stat. Work is
 * measured in CPU time, never in wall time, so that a busy machine does not fail a test.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "jouletrail/units.h"
#include "sched/sched.h"

#define MS JT_NS_PER_MS

static struct sched *sched;

static void setup_lineage(pid_t lineage)
{
	struct sched_options o = { .lineage_tgid = lineage };
	struct why why = { "" };

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(sched_new(&o, &sched, &why), 0, "%s", why.text);
}

static void setup(void)
{
	setup_lineage(0);
}

static void teardown(void)
{
	sched_free(sched);
}

TestSuite(accounting, .init = setup, .fini = teardown, .timeout = 120);
TestSuite(lineage, .fini = teardown, .timeout = 120);

static const struct usage *window(void)
{
	const struct usage *u;

	cr_assert_eq(sched_read(sched, &u), 0);
	return u;
}

/* CPU time of a process (or one of its threads) in u; cgroup 0 and comm NULL match all. */
static uint64_t used_ns(const struct usage *u, pid_t tgid, pid_t pid, uint64_t cgroup,
			const char *comm)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *r = &u->rows[i];

		if (r->tgid == (uint32_t)tgid && (!pid || r->pid == (uint32_t)pid) &&
		    (!cgroup || r->cgroup_id == cgroup) && (!comm || !strcmp(r->comm, comm)))
			sum += r->total_ns;
	}
	return sum;
}

static void spin_cpu_ns(uint64_t ns)
{
	uint64_t until = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		;
}

/* a and b within ppm of b, or within 50 us: a few switches' worth. */
static void assert_close(uint64_t a, uint64_t b, uint64_t ppm, const char *what)
{
	uint64_t diff = a > b ? a - b : b - a;

	cr_assert(diff <= 50000 || diff <= b / 1000000 * ppm,
		  "%s: %" PRIu64 " against %" PRIu64 " ns", what, a, b);
}

static pid_t start(void (*f)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		f(arg);
		_exit(0);
	}
	return pid;
}

static uint64_t end_ns(pid_t pid)
{
	struct rusage r;
	int status;

	cr_assert_eq(wait4(pid, &status, 0, &r), pid);
	return ((uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
		(uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec)) *
	       1000;
}

static void spin_50ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(50 * MS);
}

Test(accounting, process_has_its_cpu_time)
{
	pid_t pid = start(spin_50ms, NULL);
	uint64_t truth_ns = end_ns(pid);
	const struct usage *u = window();

	/* rusage splits ticks; its total is the exact runtime. */
	assert_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 1000, "child");
	cr_assert_eq(u->losses.n_no_cell + u->losses.untracked_ns + u->losses.n_backwards, 0);
}

Test(accounting, own_time_up_to_now)
{
	uint64_t before, after, a, b;

	window();
	before = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	spin_cpu_ns(80 * MS);
	b = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before;
	a = used_ns(window(), getpid(), 0, 0, NULL);
	after = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before;
	/* Between the two readings of the truth: nothing waits for the next tick or switch. */
	cr_assert_geq(a + 100000, b);
	cr_assert_leq(a, after + 1000000);
}

static void spin_1s(void *arg)
{
	(void)arg;
	spin_cpu_ns(JT_NS_PER_S);
}

Test(accounting, task_running_at_attach_is_seeded)
{
	pid_t pid = start(spin_1s, NULL);
	clockid_t clock;
	uint64_t attached_at, truth_ns, seen_ns;

	/* A second instance attaches while the child runs. */
	sched_free(sched);
	setup();
	cr_assert_eq(clock_getcpuclockid(pid, &clock), 0);
	attached_at = clock_read_ns(clock);
	truth_ns = end_ns(pid) - attached_at;
	seen_ns = used_ns(window(), pid, 0, 0, NULL);
	/* The baseline lies shortly before the reading of its clock. */
	cr_assert(seen_ns + 50000 >= truth_ns && seen_ns <= truth_ns + 20 * MS,
		  "%" PRIu64 " of %" PRIu64, seen_ns, truth_ns);
}

static void *spin_thread(void *arg)
{
	prctl(PR_SET_NAME, arg);
	spin_cpu_ns(30 * MS);
	return NULL;
}

static void threads(void *arg)
{
	static char worker[] = "worker";
	pthread_t t[4];

	(void)arg;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, spin_thread, worker);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

Test(accounting, threads_on_all_cpus_sum_to_the_process)
{
	pid_t pid = start(threads, NULL);
	uint64_t truth_ns = end_ns(pid);

	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "threads");
}

static void exec_by_thread_body(void *arg)
{
	(void)arg;
	spin_cpu_ns(10 * MS);
	execl("/bin/true", "true", (char *)NULL);
}

static void *exec_thread(void *arg)
{
	exec_by_thread_body(arg);
	return NULL;
}

static void exec_by_thread(void *arg)
{
	pthread_t t;

	(void)arg;
	pthread_create(&t, NULL, exec_thread, NULL);
	pthread_join(t, NULL);
}

Test(accounting, exec_by_a_thread_that_does_not_lead)
{
	pid_t pid = start(exec_by_thread, NULL);
	uint64_t truth_ns = end_ns(pid);
	const struct usage *u = window();

	assert_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 5000, "whole");
	/* After the exec the thread has the leader's id and the new name. */
	cr_assert_gt(used_ns(u, pid, pid, 0, "true"), 0);
}

static void exec_body(void *arg)
{
	(void)arg;
	spin_cpu_ns(20 * MS);
	execl("/bin/sh", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done",
	      (char *)NULL);
}

Test(accounting, exec_splits_by_name)
{
	pid_t pid = start(exec_body, NULL);
	uint64_t truth_ns = end_ns(pid), before, after;
	const struct usage *u = window();

	after = used_ns(u, pid, 0, 0, "sh");
	before = used_ns(u, pid, 0, 0, NULL) - after;
	assert_close(before + after, truth_ns, 2000, "whole");
	/* The split is at the last update before the exec: at most a tick (10 ms at HZ=100) off. */
	cr_assert(before >= 10 * MS && before <= 22 * MS, "%" PRIu64, before);
	cr_assert_gt(after, 0);
}

Test(accounting, vfork_child_is_its_own)
{
	pid_t pid = vfork();
	uint64_t truth_ns;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done",
		      (char *)NULL);
		_exit(1);
	}
	truth_ns = end_ns(pid);
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 5000, "vfork child");
}

static void short_lives(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			spin_cpu_ns(MS / 4);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

Test(accounting, short_lived_tasks_leave_no_cell_behind)
{
	int n = 2000;
	uint64_t live = window()->n_live, sum = 0;
	pid_t pid = start(short_lives, &n);
	uint64_t truth_ns = end_ns(pid); /* rusage with the children that it waited for */
	const struct usage *u = window();

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)pid || u->rows[i].parent_tgid == (uint32_t)pid)
			sum += u->rows[i].total_ns;
	assert_close(sum, truth_ns, 5000, "2000 children");
	cr_assert_eq(u->losses.n_no_cell, 0);
	window();
	u = window();
	cr_assert_leq(u->n_live, live + 20, "%" PRIu64 " live, %" PRIu64 " before", u->n_live,
		      live);
}

static void ping_pong(void *arg)
{
	int ping[2], pong[2];
	char c = 0;

	(void)arg;
	if (pipe(ping) || pipe(pong))
		_exit(1);
	if (fork() == 0) {
		close(ping[1]);
		while (read(ping[0], &c, 1) == 1 && write(pong[1], &c, 1) == 1)
			;
		_exit(0);
	}
	for (int i = 0; i < 50000; i++)
		if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
			_exit(1);
	close(ping[1]);
	wait(NULL);
}

Test(accounting, switch_heavy_load_loses_nothing)
{
	pid_t pid = start(ping_pong, NULL);
	uint64_t truth_ns = end_ns(pid), sum = 0;
	const struct usage *u = window();

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)pid || u->rows[i].parent_tgid == (uint32_t)pid)
			sum += u->rows[i].total_ns;
	assert_close(sum, truth_ns, 1000, "ping-pong");
}

Test(accounting, kernel_threads_are_marked)
{
	const struct usage *u;
	bool seen = false;

	for (int i = 0; i < 20 && !seen; i++) {
		usleep(50000);
		u = window();
		for (size_t r = 0; r < u->n_rows; r++) {
			bool kthread = u->rows[r].flags & JT_CELL_KTHREAD;

			seen |= kthread;
			cr_assert_neq(u->rows[r].pid, 0, "the idle task is no consumer");
			cr_assert(!kthread || u->rows[r].parent_tgid <= 2);
		}
	}
	cr_assert(seen);
}

Test(accounting, books_close_idle_and_loaded)
{
	pid_t pid = 0;

	for (int i = 0; i < 6; i++) {
		const struct usage *u;
		uint64_t sum = 0;

		if (i == 3)
			pid = start(spin_50ms, NULL);
		usleep(200000);
		u = window();
		for (size_t r = 0; r < u->n_rows; r++)
			sum += u->rows[r].total_ns;
		cr_assert_leq(usage_books_residue_ppm(&u->books), 1000,
			      "wall %" PRIu64 " task %" PRIu64 " idle %" PRIu64 " gap %" PRId64
			      " excluded %" PRIu64 " carried %" PRId64,
			      u->books.wall_ns, u->books.task_ns, u->books.idle_ns, u->books.gap_ns,
			      u->books.excluded_ns, u->books.carried_ns);
		assert_close(sum, u->books.task_ns, 1000, "cells against books");
	}
	end_ns(pid);
}

static void zombie(void *arg)
{
	(void)arg;
	spin_cpu_ns(5 * MS);
}

Test(accounting, zombie_is_charged_once_and_closed)
{
	pid_t pid = start(zombie, NULL);
	siginfo_t info;
	uint64_t first;
	const struct usage *u;

	/* Dead, but not reaped. */
	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	usleep(10000);
	u = window();
	first = used_ns(u, pid, 0, 0, NULL);
	cr_assert_geq(first, 5 * MS);
	cr_assert_eq(used_ns(window(), pid, 0, 0, NULL), 0);
	assert_close(first, end_ns(pid), 1000, "zombie");
}

/* ---- cgroups ------------------------------------------------------------------------------- */

struct group {
	char path[128];
	uint64_t id;
};

static const char *cgroup2_mount(void)
{
	return access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0		  ? "/sys/fs/cgroup"
	       : access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup/unified"
									  : NULL;
}

static void group_make(struct group *g, const char *mount, const char *name)
{
	struct stat st;

	if (!mount)
		cr_skip_test("no such cgroup hierarchy mounted");
	snprintf(g->path, sizeof(g->path), "%s/jouletrail-test-%d-%s", mount, getpid(), name);
	if (mkdir(g->path, 0755))
		cr_skip_test("cgroup hierarchy is not writable");
	cr_assert_eq(stat(g->path, &st), 0);
	g->id = st.st_ino;
}

static void group_enter(const struct group *g, pid_t pid)
{
	char path[192], text[16];
	int fd, n = snprintf(text, sizeof(text), "%d", pid);

	snprintf(path, sizeof(path), "%s/cgroup.procs", g->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	cr_assert_eq(write(fd, text, (size_t)n), n);
	close(fd);
}

static uint64_t group_cpu_stat_ns(const struct group *g)
{
	char path[192];
	unsigned long long us = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cpu.stat", g->path);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "usage_usec %llu", &us) != 1)
			us = 0;
		fclose(f);
	}
	return us * 1000;
}

static void spin_when_told(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) == 1)
		spin_cpu_ns(60 * MS);
}

static void check_group(const char *mount, uint32_t flag)
{
	struct group g;
	int go[2];
	pid_t pid;
	const struct usage *u;
	uint64_t in_group = 0, truth_ns;

	group_make(&g, mount, "one");
	cr_assert_eq(pipe(go), 0);
	pid = start(spin_when_told, &go[0]);
	group_enter(&g, pid);
	cr_assert_eq(write(go[1], "", 1), 1);
	truth_ns = end_ns(pid);
	if (!flag)
		truth_ns = group_cpu_stat_ns(&g);
	rmdir(g.path);
	u = window();
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].cgroup_id == g.id && (u->rows[i].flags & JT_CELL_V1_CGRP) == flag)
			in_group += u->rows[i].total_ns;
	assert_close(in_group, truth_ns, 3000, g.path);
}

Test(accounting, cgroup_v2_equals_cpu_stat)
{
	check_group(cgroup2_mount(), 0);
}

Test(accounting, cgroup_v1_of_the_cpu_controller)
{
	check_group(access("/sys/fs/cgroup/cpu/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup/cpu"
									 : NULL,
		    JT_CELL_V1_CGRP);
}

static void spin_200ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(200 * MS);
}

Test(accounting, spinning_task_is_split_where_it_was_moved)
{
	struct group a, b;
	pid_t pid;
	uint64_t moved_at, total, in_b;
	clockid_t clock;
	const struct usage *u;

	group_make(&a, cgroup2_mount(), "a");
	group_make(&b, cgroup2_mount(), "b");
	pid = start(spin_200ms, NULL);
	group_enter(&a, pid);
	cr_assert_eq(clock_getcpuclockid(pid, &clock), 0);
	while (clock_read_ns(clock) < 80 * MS)
		usleep(1000);
	group_enter(&b, pid);
	moved_at = clock_read_ns(clock);
	total = end_ns(pid);
	rmdir(a.path);
	rmdir(b.path);
	u = window();
	in_b = used_ns(u, pid, 0, b.id, NULL);
	assert_close(used_ns(u, pid, 0, 0, NULL), total, 1000, "whole");
	/* A move is seen at the last runtime update: at most a tick (10 ms at HZ=100) off. */
	cr_assert(in_b + moved_at >= total && in_b + moved_at <= total + 11 * MS,
		  "%" PRIu64 " after the move, expected %" PRIu64, in_b, total - moved_at);
	cr_assert_eq(u->losses.n_unsplit, 0);
}

Test(accounting, clone_into_cgroup)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls,
			set_tid, set_tid_size, cgroup;
	} args = { .flags = UINT64_C(0x200000000), .exit_signal = SIGCHLD };
	struct group g;
	pid_t pid;
	int fd;
	uint64_t truth_ns;

	group_make(&g, cgroup2_mount(), "into");
	fd = open(g.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	args.cgroup = (uint64_t)fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		spin_cpu_ns(20 * MS);
		_exit(0);
	}
	cr_assert_gt(pid, 0);
	truth_ns = end_ns(pid);
	close(fd);
	rmdir(g.path);
	assert_close(used_ns(window(), pid, 0, g.id, NULL), truth_ns, 2000, "born there");
}

static void realtime(void *arg)
{
	struct sched_param p = { .sched_priority = 2 };

	(void)arg;
	if (sched_setscheduler(0, SCHED_FIFO, &p))
		_exit(2);
	spin_cpu_ns(20 * MS);
}

Test(accounting, realtime_task)
{
	pid_t pid = start(realtime, NULL);
	uint64_t truth_ns = end_ns(pid);

	if (truth_ns < 20 * MS)
		cr_skip_test("real-time scheduling is not allowed here");
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "SCHED_FIFO");
}

static void deadline(void *arg)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = sizeof(attr),
		   .policy = 6,
		   .runtime = 5 * MS,
		   .deadline = 20 * MS,
		   .period = 20 * MS };

	(void)arg;
	if (syscall(SYS_sched_setattr, 0, &attr, 0))
		_exit(2);
	spin_cpu_ns(20 * MS);
}

Test(accounting, deadline_task)
{
	pid_t pid = start(deadline, NULL);
	uint64_t truth_ns = end_ns(pid);

	if (truth_ns < 20 * MS)
		cr_skip_test("deadline scheduling is not allowed here");
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "SCHED_DEADLINE");
}

/* ---- lineage ------------------------------------------------------------------------------- */

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
	uint64_t marked = 0;

	cr_assert_eq(pipe(go), 0);
	pid = start(family, &go[0]);
	setup_lineage(pid);
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
	cr_assert(marked >= 41 * MS && marked <= 45 * MS, "%" PRIu64, marked);
}

/* ---- overflow ------------------------------------------------------------------------------ */

Test(overflow, few_cells_lose_detail_but_no_time)
{
	struct sched_options o = { .max_tasks = 1 };
	struct why why = { "" };
	const struct usage *u;
	uint64_t sum = 0, overflow = 0;
	pid_t pid;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(sched_new(&o, &sched, &why), 0, "%s", why.text);
	pid = start(spin_50ms, NULL);
	end_ns(pid);
	u = window();
	for (size_t i = 0; i < u->n_rows; i++) {
		sum += u->rows[i].total_ns;
		if (u->rows[i].flags & JT_CELL_OVERFLOW)
			overflow += u->rows[i].total_ns;
	}
	cr_assert_geq(overflow, 50 * MS);
	assert_close(sum, u->books.task_ns, 1000, "cells against books");
	cr_assert_gt(u->losses.n_no_cell, 0);
	sched_free(sched);
}
