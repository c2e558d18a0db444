/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lives.c - what a task ran is in its row, once and under its own name, however it was born, was
 * renamed or died.
 */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "bpf/load.h"

TestSuite(lives, .init = setup, .fini = teardown, .timeout = 120);

#define COUNT_IN_SHELL "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"

Test(lives, process_has_its_cpu_time)
{
	pid_t pid = start(spin_50ms, NULL);
	uint64_t truth_ns = end_ns(pid);
	const struct usage *u = window();

	assert_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 1000, "child");
	cr_assert_eq(u->losses.n_no_cell + u->losses.untracked_ns + u->losses.n_backwards, 0);
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

Test(lives, threads_on_all_cpus_sum_to_the_process)
{
	struct load l;

	load_start(&l, "threads", threads, NULL);
	load_go(&l);
	load_end(&l, 1000);
}

/* ---- exec and vfork ------------------------------------------------------------------------ */

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

Test(lives, exec_by_a_thread_that_does_not_lead)
{
	siginfo_t info;
	struct load l;

	load_start(&l, "exec", exec_by_thread, NULL);
	load_go(&l);
	cr_assert_eq(waitid(P_PID, (id_t)l.pid, &info, WEXITED | WNOWAIT), 0);
	rest_ns(l.pid);
	/* After the exec the thread has the leader's id and the new name. */
	cr_assert_gt(used_ns(load_window(&l), l.pid, l.pid, 0, "true"), 0);
	load_end(&l, 1000);
}

/* What a child that calls exec tells before it, and after. */
struct exec_told {
	int says[2], waits[2];
	_Atomic uint64_t before_ns; /* its CPU time before, shared */
};

static void exec_body(void *arg)
{
	struct exec_told *told = arg;

	dup2(told->waits[0], STDIN_FILENO);
	dup2(told->says[1], STDOUT_FILENO);
	spin_cpu_ns(20 * MS);
	told->before_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	execl("/bin/sh", "sh", "-c", "echo; read line; " COUNT_IN_SHELL, (char *)NULL);
}

Test(lives, exec_splits_by_name)
{
	struct exec_told *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t truth_ns, before, after, new_ns;
	const struct usage *u;
	pid_t pid;
	char c;

	cr_assert_neq(told, MAP_FAILED);
	cr_assert_eq(pipe(told->says) | pipe(told->waits), 0);
	pid = start(exec_body, told);
	cr_assert_eq(read(told->says[0], &c, 1), 1);
	/* The new program is there, and sleeps: this much was before and in the exec. */
	new_ns = rest_ns(pid);
	cr_assert_eq(write(told->waits[1], "\n", 1), 1);
	truth_ns = end_ns(pid);
	u = window();
	after = used_ns(u, pid, 0, 0, "sh");
	before = used_ns(u, pid, 0, 0, NULL) - after;
	assert_close(before + after, truth_ns, 1000, "whole");
	/* The split is at the last update before the exec: a tick early. */
	assert_within(before, told->before_ns - tick_ns(), new_ns + SWITCHES_NS, "before the exec");
	assert_within(after, truth_ns - new_ns - SWITCHES_NS,
		      truth_ns - told->before_ns + tick_ns() + SWITCHES_NS, "after the exec");
}

Test(lives, vfork_child_is_its_own)
{
	pid_t pid = vfork();
	uint64_t truth_ns;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", COUNT_IN_SHELL, (char *)NULL);
		_exit(1);
	}
	truth_ns = end_ns(pid);
	assert_close(used_ns(window(), pid, 0, 0, NULL), truth_ns, 1000, "vfork child");
}

/* ---- death --------------------------------------------------------------------------------- */

static void spin_5ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(5 * MS);
}

Test(lives, zombie_is_charged_once_and_closed)
{
	pid_t pid = start(spin_5ms, NULL);
	siginfo_t info;
	uint64_t first;
	const struct usage *u;

	/* Dead, but not reaped. */
	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	rest_ns(pid);
	u = window();
	first = used_ns(u, pid, 0, 0, NULL);
	cr_assert_geq(first, 5 * MS);
	cr_assert_eq(used_ns(window(), pid, 0, 0, NULL), 0);
	assert_close(first, end_ns(pid), 1000, "zombie");
}

/* A child with this process id, or with any if it is 0; -1 and errno. */
static pid_t fork_as(pid_t pid, uint64_t spin_ns)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)&pid,
				   .set_tid_size = pid != 0 };
	pid_t child;

	if (!pid)
		args.set_tid = 0;
	child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0) {
		spin_cpu_ns(spin_ns);
		_exit(0);
	}
	return child;
}

/* Two processes of one id, one after the other: their CPU time. */
static pid_t run_twins(uint64_t truth_ns[2])
{
	pid_t first, second = -1;

	/* Somebody else may take the id meanwhile. */
	for (int i = 0; i < 100 && second < 0; i++) {
		first = fork_as(0, 20 * MS);
		if (first < 0)
			break;
		truth_ns[0] = end_ns(first);
		second = fork_as(first, 40 * MS);
		if (second < 0 && errno != EEXIST)
			break;
	}
	if (second < 0)
		cr_skip_test("this kernel does not let us choose a process id");
	truth_ns[1] = end_ns(second);
	return second;
}

Test(lives, reused_process_id_is_another_process)
{
	uint64_t truth_ns[2], used[2] = { 0 }, start_ns[2] = { 0 };
	pid_t pid = run_twins(truth_ns);
	const struct usage *u = window();
	int n = 0;

	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *r = &u->rows[i];
		int k = n && r->start_boottime_ns == start_ns[0] ? 0 : n;

		if (r->tgid != (uint32_t)pid)
			continue;
		cr_assert_lt(k, 2, "more than two processes");
		start_ns[k] = r->start_boottime_ns;
		used[k] += r->total_ns;
		n += k == n;
	}
	cr_assert_eq(n, 2, "two processes of the id %d, found %d", pid, n);
	/* Rows come in the order in which their cells were opened. */
	cr_assert_lt(start_ns[0], start_ns[1]);
	assert_close(used[0], truth_ns[0], 1000, "the first of that id");
	assert_close(used[1], truth_ns[1], 1000, "the second");
}

/* Spare cells: few enough to come round, more than others' forks take in two windows. */
#define SPARE_CELLS 256

static void spin_1ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(MS);
}

Test(lives, recycled_cell_is_never_its_old_task)
{
	struct sched_options o = { .max_tasks = (unsigned int)window()->n_live + SPARE_CELLS };
	unsigned int n_off = 0;

	teardown();
	kernel_open(&o);
	for (int i = 0; i < 3 * SPARE_CELLS; i++) {
		pid_t pid = start(spin_1ms, NULL);
		uint64_t truth_ns = end_ns(pid);
		const struct usage *u = window();

		if (u->losses.n_no_cell)
			cr_skip_test("others start tasks faster than cells come round");
		n_off += !is_close(used_ns(u, pid, 0, 0, NULL), truth_ns, 1000);
	}
	cr_assert_eq(n_off, 0);
}

/* ---- kernel threads ------------------------------------------------------------------------ */

/* Runtime of a task as the scheduler shows it; false where it is not there. */
static bool schedstat_ns(uint32_t pid, uint64_t *ret_ns)
{
	char path[64];
	FILE *f;
	bool found;

	snprintf(path, sizeof(path), "/proc/%u/schedstat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	found = fscanf(f, "%" SCNu64, ret_ns) == 1;
	fclose(f);
	return found;
}

/* Forks keep kernel threads busy: RCU frees what is left of the dead. */
static void forks(void)
{
	for (int i = scaled(500); i > 0; i--) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

struct kernel_thread {
	uint32_t pid;
	uint64_t before_ns[2]; /* its runtime before and after the window that begins */
	uint64_t after_ns[2];  /* … and that ends */
};

#define MAX_KERNEL_THREADS 64

Test(lives, kernel_threads_are_marked_and_whole)
{
	static struct kernel_thread t[MAX_KERNEL_THREADS];
	const struct usage *u;
	size_t n = 0, n_seen = 0;

	forks();
	u = window();
	for (size_t i = 0; i < u->n_rows && n < MAX_KERNEL_THREADS; i++) {
		const struct usage_row *r = &u->rows[i];

		if (!(r->flags & JT_CELL_KTHREAD))
			continue;
		cr_assert_leq(r->parent_tgid, 2, "%s", r->comm);
		t[n].pid = r->pid;
		n += schedstat_ns(r->pid, &t[n].before_ns[0]);
	}
	if (!n)
		cr_skip_test("no /proc/PID/schedstat (CONFIG_SCHED_INFO)");
	window();
	for (size_t i = 0; i < n; i++)
		schedstat_ns(t[i].pid, &t[i].before_ns[1]);
	forks();
	for (size_t i = 0; i < n; i++)
		schedstat_ns(t[i].pid, &t[i].after_ns[0]);
	u = window();
	for (size_t i = 0; i < n; i++) {
		uint64_t used = used_ns(u, (pid_t)t[i].pid, 0, 0, NULL), least, most;

		/* Gone meanwhile, as a kworker may. */
		if (!schedstat_ns(t[i].pid, &t[i].after_ns[1]) || !t[i].after_ns[0])
			continue;
		least = t[i].after_ns[0] - t[i].before_ns[1];
		most = t[i].after_ns[1] - t[i].before_ns[0];
		/* One that runs while it is looked at shows the runtime of the last tick. */
		cr_assert(used + tick_ns() >= least && used <= most + tick_ns(),
			  "kernel thread %u: %" PRIu64 " not in [%" PRIu64 ", %" PRIu64 "]",
			  t[i].pid, used, least, most);
		n_seen += used > 0;
	}
	cr_assert_gt(n_seen, 0);
}
