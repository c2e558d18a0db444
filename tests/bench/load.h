/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load.h - loads of known shape, each a child process that dies with the bench. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* For what cannot fail on a machine fit for a bench. */
static inline void load_check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static inline pid_t load_fork(void (*body)(void *), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	load_check(pid >= 0, "bench: fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(arg);
		_exit(0);
	}
	return pid;
}

/* The last CPU: interrupts tend to go to the first. */
static inline void load_pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* CPU time of a child that ends by itself, with the descendants it waited for. */
static inline uint64_t load_end_ns(pid_t pid)
{
	struct rusage r;
	int status;

	while (wait4(pid, &status, 0, &r) < 0)
		load_check(errno == EINTR, "bench: wait4");
	return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000u;
}

static inline void load_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	load_end_ns(pid);
}

static inline void load_sleep_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/*
 * CPU time that the kernel has booked for a process, its ended threads too; of a zombie it is
 * final, of others as of their threads' last switches and ticks.
 */
static inline uint64_t load_cpu_ns(pid_t pid)
{
	clockid_t clock;

	load_check(!clock_getcpuclockid(pid, &clock), "bench: the CPU clock of a process");
	return clock_read_ns(clock);
}

static inline void load_spin_cpu_ns(clockid_t clock, uint64_t ns)
{
	uint64_t until = clock_read_ns(clock) + ns;

	while (clock_read_ns(clock) < until)
		;
}

#endif /* TESTS_BENCH_LOAD_H */
