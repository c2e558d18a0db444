/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* group.h - cgroups for the tests: made, entered, read, and gone again with the test. */
#ifndef TESTS_BPF_GROUP_H
#define TESTS_BPF_GROUP_H

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "bpf/kernel.h"

struct group {
	char path[160];
	uint64_t id;
	uint32_t v1; /* JT_CELL_V1_CGRP: of the v1 cpu controller */
};

static inline const char *cgroup2_mount(void)
{
	return access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0		  ? "/sys/fs/cgroup"
	       : access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup/unified"
									  : NULL;
}

/* The v1 hierarchy of the cpu controller, if that is where it is. */
static inline const char *cgroup1_cpu_mount(void)
{
	return access("/sys/fs/cgroup/cpu/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup/cpu" : NULL;
}

/* Where a group can be made that has an account of its CPU time. */
static inline const char *cgroup_mount(void)
{
	if (cgroup2_mount() || access("/sys/fs/cgroup/cpu/cpuacct.usage", F_OK))
		return cgroup2_mount();
	return cgroup1_cpu_mount();
}

/* Writes text to a file of the group; 0 or -errno. */
static inline int group_write(const struct group *g, const char *file, const char *text)
{
	char path[224];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%.159s/%s", g->path, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Below mount, a cgroup file system; skips the test where there is none. */
static inline void group_make(struct group *g, const char *mount, const char *name)
{
	struct stat st;

	if (!mount)
		cr_skip_test("no such cgroup hierarchy mounted");
	snprintf(g->path, sizeof(g->path), "%s/jouletrail-test-%d-%s", mount, getpid(), name);
	if (mkdir(g->path, 0755) && errno != EEXIST)
		cr_skip_test("cgroup hierarchy is not writable");
	cr_assert_eq(stat(g->path, &st), 0);
	g->id = st.st_ino;
	g->v1 = cgroup1_cpu_mount() && !strcmp(mount, cgroup1_cpu_mount()) ? JT_CELL_V1_CGRP : 0;
}

static inline void group_make_below(struct group *g, const struct group *parent, const char *name)
{
	struct stat st;

	snprintf(g->path, sizeof(g->path), "%.128s/%.24s", parent->path, name);
	cr_assert_eq(mkdir(g->path, 0755), 0, "%s: %s", g->path, strerror(errno));
	cr_assert_eq(stat(g->path, &st), 0);
	g->id = st.st_ino;
	g->v1 = parent->v1;
}

/* Dead tasks leave a cgroup a little after they were reaped. */
static inline void group_remove(const struct group *g)
{
	while (rmdir(g->path) && errno == EBUSY)
		usleep(1000);
}

static inline int group_try_enter(const struct group *g, const char *file, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return group_write(g, file, text);
}

static inline void group_enter(const struct group *g, pid_t pid)
{
	int err = group_try_enter(g, "cgroup.procs", pid);

	cr_assert_eq(err, 0, "%s: %s", g->path, strerror(-err));
}

/*
 * The kernel's own account: usage_usec of cpu.stat, which counts in nanoseconds and cuts to
 * microseconds; with v1 that of the cpuacct controller, where it is mounted with cpu's. Else 0.
 */
static inline uint64_t group_cpu_stat_ns(const struct group *g)
{
	uint64_t ns = 0;
	char path[192];
	FILE *f;

	snprintf(path, sizeof(path), "%.159s/%s", g->path, g->v1 ? "cpuacct.usage" : "cpu.stat");
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (g->v1 ? fscanf(f, "%" SCNu64, &ns) != 1 : fscanf(f, "usage_usec %" SCNu64, &ns) != 1)
		ns = 0;
	fclose(f);
	return g->v1 ? ns : ns * 1000;
}

/* Rows of the group, whatever the task. */
static inline uint64_t group_used_ns(const struct usage *u, const struct group *g)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].cgroup_id == g->id && (u->rows[i].flags & JT_CELL_V1_CGRP) == g->v1)
			sum += u->rows[i].total_ns;
	return sum;
}

/* A child in the group: its cpu.stat has it all, to the last instruction. */
static inline pid_t start_in(const struct group *g, void (*f)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (group_try_enter(g, "cgroup.procs", 0))
			_exit(1);
		f(arg);
		_exit(0);
	}
	return pid;
}

/* A child that is born in the group: nothing of it was ever elsewhere. */
static inline pid_t start_born_in(const struct group *g, void (*f)(void *), void *arg)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int fd = open(g->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	args.cgroup = (uint64_t)fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		f(arg);
		_exit(0);
	}
	close(fd);
	cr_assert_gt(pid, 0, "clone3: %s", strerror(errno));
	return pid;
}

#endif /* TESTS_BPF_GROUP_H */
