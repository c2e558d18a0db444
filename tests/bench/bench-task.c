/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-task.c - what our programs cost off the switch path: at fork, exec, exit and cgroup moves.
 *
 * By the kernel's BPF run-time statistics under processes that do nothing but be forked, exec and
 * exit, and one that is moved between two cgroups. Above an empty program in the same run, whose
 * time is that of the measuring. For information: no target is set.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "bench/figure.h"
#include "bench/progstats.h"
#include "empty.skel.h"

#define N_TASKS 3000
#define N_MOVES 3000

static const char *cgroup_top(void)
{
	return access("/sys/fs/cgroup/cgroup.procs", F_OK) ? "/sys/fs/cgroup/unified"
							   : "/sys/fs/cgroup";
}

static void exec_true(void *arg)
{
	(void)arg;
	execlp("true", "true", (char *)NULL);
	_exit(127);
}

static void sleep_on(void *arg)
{
	(void)arg;
	pause();
}

static void cgroup_put(const char *cgroup, pid_t pid)
{
	char path[128], text[16];
	int fd, len = snprintf(text, sizeof(text), "%d", pid);

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	load_check(fd >= 0 && write(fd, text, (size_t)len) == len, "bench: a move to a cgroup");
	close(fd);
}

static void move_about(void)
{
	pid_t pid = load_fork(sleep_on, NULL);
	char cgroup[96];

	snprintf(cgroup, sizeof(cgroup), "%s/jouletrail-bench-task-%d", cgroup_top(), getpid());
	load_check(!mkdir(cgroup, 0755), "bench: a cgroup v2");
	for (int i = 0; i < N_MOVES; i++)
		cgroup_put(i % 2 ? cgroup_top() : cgroup, pid);
	load_kill(pid);
	rmdir(cgroup);
}

static double per_run_ns(struct progstats before, struct progstats after)
{
	return (double)(after.run_ns - before.run_ns) / (double)(after.n_runs - before.n_runs);
}

int main(void)
{
	struct empty_bpf *empty = empty_bpf__open_and_load();
	struct sched *s = bench_sched(0);
	struct progstats_list before, after;
	struct progstats empty_before;
	struct bpf_prog_info info;
	double empty_ns;

	load_check(bpf_enable_stats(BPF_STATS_RUN_TIME) >= 0, "bench: BPF_ENABLE_STATS");
	load_check(empty && !empty_bpf__attach(empty), "bench: empty program");
	progstats_read(getpid(), &before);
	empty_before = progstats_of_fd(bpf_program__fd(empty->progs.empty_switch), &info);
	for (int i = 0; i < N_TASKS; i++)
		load_end_ns(load_fork(exec_true, NULL));
	move_about();
	progstats_read(getpid(), &after);
	empty_ns = per_run_ns(empty_before,
			      progstats_of_fd(bpf_program__fd(empty->progs.empty_switch), &info));

	for (size_t i = 0; i < after.n && i < before.n; i++) {
		char name[64];
		double ns = per_run_ns(before.program[i].stats, after.program[i].stats);

		if (after.program[i].id != before.program[i].id || after.program[i].id == info.id)
			continue;
		snprintf(name, sizeof(name), "task.%s", after.program[i].name);
		/* Not run, like the one that seeds: nothing to say. */
		if (isfinite(ns))
			figure_info(name, ns - empty_ns, "ns");
	}
	empty_bpf__destroy(empty);
	sched_free(s);
	return 0;
}
