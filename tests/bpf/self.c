/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* self.c - the tracer is a row like any other: its own CPU time, flush threads included. */
#include <dirent.h>

#include "bpf/board.h"

TestSuite(self, .init = setup, .fini = teardown, .timeout = 120);

Test(self, time_up_to_now)
{
	uint64_t before[2], after[2], used;

	/* The window begins and ends within sched_read(): between two readings of the truth. */
	before[0] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	window();
	before[1] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	spin_cpu_ns(80 * MS);
	after[0] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	used = used_ns(window(), getpid(), 0, 0, NULL);
	after[1] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	assert_within(used, after[0] - before[1] - SWITCHES_NS, after[1] - before[0] + SWITCHES_NS,
		      "own time");
}

static unsigned int n_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned int n = 0;

	for (struct dirent *e; dir && (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

Test(self, flush_threads_are_in_the_row)
{
	enum { N_WINDOWS = 20 };
	struct board *b = board_new();
	pid_t pid[BOARD_SPINNERS];
	uint64_t before[2], after[2], sum = 0;
	unsigned int n = board_crowd();

	/* All CPUs are busy, so each window wakes a flush thread on every one. */
	board_start(b, n, pid);
	board_wait(b, n);
	before[0] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	window();
	before[1] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < N_WINDOWS; i++) {
		const struct usage *u;

		spin_cpu_ns(10 * MS);
		after[0] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
		u = window();
		after[1] = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
		cr_assert_eq(u->self_cpu_ns, used_ns(u, getpid(), 0, 0, NULL));
		sum += u->self_cpu_ns;
	}
	cr_assert_gt(n_threads(), 1, "flush threads were to run");
	board_end(b, n, pid);
	assert_within(sum, after[0] - before[1] - SWITCHES_NS, after[1] - before[0] + SWITCHES_NS,
		      "own time with flush threads");
}
