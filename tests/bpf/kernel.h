/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.h - what the suites on the running kernel share: an instance, its windows, and loads
 * that know their own CPU time.
 *
 * The truth is the kernel's own: CPU clocks, wait4's rusage, cpu.stat, /proc. Work is measured in
 * CPU time, never in wall time, so that a busy machine does not fail a test.
 */
#ifndef TESTS_BPF_KERNEL_H
#define TESTS_BPF_KERNEL_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/slack.h"
#include "bpf/truth.h"
#include "jouletrail/units.h"
#include "sched/sched.h"

static struct sched *sched;

static inline void kernel_open(const struct sched_options *o)
{
	struct why why = { "" };

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(sched_new(o, &sched, &why), 0, "%s", why.text);
}

static inline void setup(void)
{
	kernel_open(&(struct sched_options){ 0 });
}

/* For loads that go through cells by the thousand, on a machine where others do so too. */
static inline void setup_large(void)
{
	kernel_open(&(struct sched_options){ .max_tasks = 131072 });
}

static inline void teardown(void)
{
	sched_free(sched);
	sched = NULL;
}

static inline const struct usage *window(void)
{
	const struct usage *u;

	cr_assert_eq(sched_read(sched, &u), 0);
	return u;
}

/* CPU time of a process (or one of its threads) in u; cgroup 0 and comm NULL match all. */
static inline uint64_t used_ns(const struct usage *u, pid_t tgid, pid_t pid, uint64_t cgroup,
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

static inline uint64_t all_ns(const struct usage *u)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		sum += u->rows[i].total_ns;
	return sum;
}

/* The tick: how far the kernel's runtime of a running task may lag behind. */
static inline uint64_t tick_ns(void)
{
	struct timespec ts = { 0 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_nsec;
}

static inline void spin_cpu_ns(uint64_t ns)
{
	uint64_t until = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		;
}

static inline void spin_50ms(void *arg)
{
	(void)arg;
	spin_cpu_ns(50 * MS);
}

/* a and b within ppm of b, or within a few switches. */
static inline bool is_close(uint64_t a, uint64_t b, uint64_t ppm)
{
	uint64_t diff = a > b ? a - b : b - a;

	return diff <= SWITCHES_NS || diff <= b / 1000000 * ppm;
}

static inline void assert_close(uint64_t a, uint64_t b, uint64_t ppm, const char *what)
{
	cr_assert(is_close(a, b, ppm), "%s: %" PRIu64 " against %" PRIu64 " ns", what, a, b);
}

static inline void assert_within(uint64_t value, uint64_t low, uint64_t high, const char *what)
{
	cr_assert(value + guest_slack_ns() >= low && value <= high + 2 * guest_slack_ns(),
		  "%s: %" PRIu64 " not in [%" PRIu64 ", %" PRIu64 "]", what, value, low, high);
}

/* Ends a window, in which every nanosecond must be somewhere, and in the cells what is booked. */
static inline const struct usage *window_conserved(uint64_t limit_ppm)
{
	const struct usage *u = window();
	const struct usage_books *b = &u->books;

	cr_assert(usage_books_residue_ns(b) <= SWITCHES_NS ||
			  usage_books_residue_ppm(b) <= limit_ppm,
		  "wall %" PRIu64 " task %" PRIu64 " idle %" PRIu64 " gap %" PRId64
		  " excluded %" PRIu64 " carried %" PRId64,
		  b->wall_ns, b->task_ns, b->idle_ns, b->gap_ns, b->excluded_ns, b->carried_ns);
	cr_assert_leq(usage_cells_residue_ns(u), SWITCHES_NS + b->task_ns / 1000000 * limit_ppm,
		      "cells %" PRIu64 " task %" PRIu64 " late %" PRIu64 " before %" PRIu64,
		      all_ns(u), b->task_ns, u->late_ns, u->late_before_ns);
	return u;
}

/* As /proc/PID/stat has it: 'S' = asleep. */
static inline char task_state(pid_t pid)
{
	char path[32], text[128] = "", *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	end = strrchr(text, ')');
	return end ? end[2] : '\0';
}

/* Forks a child that dies with the test. */
static inline pid_t start(void (*f)(void *), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		f(arg);
		_exit(0);
	}
	return pid;
}

#endif /* TESTS_BPF_KERNEL_H */
