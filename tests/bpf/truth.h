/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* truth.h - what the kernel says a task has run, up to its last instruction. */
#ifndef TESTS_BPF_TRUTH_H
#define TESTS_BPF_TRUTH_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Runtime of a task, other than us, as of this moment: the kernel brings it up to date on the way
 * to another nice value. Without, it lags by up to a tick, and by more where ticks come late.
 */
static inline uint64_t settled_ns(pid_t tid)
{
	char path[32];
	uint64_t ns = 0;
	FILE *f;

	setpriority(PRIO_PROCESS, (id_t)tid, !getpriority(PRIO_PROCESS, (id_t)tid));
	snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%" SCNu64, &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	cr_assert_gt(ns, 0, "no %s (CONFIG_SCHED_INFO)", path);
	return ns;
}

/* Runtime of a task that falls asleep or dies, when it has left its CPU. */
static inline uint64_t rest_ns(pid_t tid)
{
	uint64_t before_ns, ns = settled_ns(tid);

	do {
		before_ns = ns;
		usleep(1000);
		ns = settled_ns(tid);
	} while (ns != before_ns);
	return ns;
}

/*
 * Reaps a child when it has left its CPU; its CPU time and that of the children it has waited for.
 * (Of those, and of threads other than its first, what they ran after they had been summed up is
 * not in it: load.h is for them.) Ticks only split it.
 */
static inline uint64_t end_ns(pid_t pid)
{
	struct sched_param ordinary = { .sched_priority = 0 };
	struct rusage r;
	siginfo_t info;
	int status;

	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	/* Of real-time tasks the runtime is not brought up to date. */
	sched_setscheduler(pid, SCHED_OTHER, &ordinary);
	rest_ns(pid);
	cr_assert_eq(wait4(pid, &status, 0, &r), pid);
	return ((uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 +
		(uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec)) *
	       1000;
}

#endif /* TESTS_BPF_TRUTH_H */
