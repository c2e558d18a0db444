/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* books.c - the books of every CPU close, and idle time is idle time, CPU by CPU. */
#include <sched.h>

#include "bpf/cells.h"

TestSuite(books, .init = setup, .fini = teardown, .timeout = 120);

Test(books, close_idle_and_loaded)
{
	pid_t pid = 0;

	for (int i = 0; i < 6; i++) {
		if (i == 3)
			pid = start(spin_50ms, NULL);
		usleep(200000);
		window_conserved(1000);
	}
	end_ns(pid);
}

Test(books, idle_task_is_no_consumer)
{
	for (int i = 0; i < 5; i++) {
		const struct usage *u;

		usleep(50000);
		u = window();
		for (size_t r = 0; r < u->n_rows; r++)
			cr_assert(u->rows[r].pid != 0 || u->rows[r].flags & JT_CELL_OVERFLOW);
	}
}

/* ---- CPU by CPU ---------------------------------------------------------------------------- */

struct cpu_idle {
	struct jt_cpu_books books;
	uint64_t stat_ns; /* idle and iowait of /proc/stat */
	uint64_t mono_ns;
};

static uint64_t proc_stat_idle_ns(int cpu)
{
	FILE *f = fopen("/proc/stat", "re");
	char line[512], want[16];
	uint64_t idle = 0, iowait = 0;
	bool found = false;

	snprintf(want, sizeof(want), "cpu%d ", cpu);
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, want, strlen(want)) &&
			sscanf(line + strlen(want), "%*u %*u %*u %" SCNu64 " %" SCNu64, &idle,
			       &iowait) == 2;
	if (f)
		fclose(f);
	cr_assert(found, "no %sin /proc/stat", want);
	return (idle + iowait) * (JT_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* On that CPU, so that its books are as of the switch to us; a sleep makes one. */
static struct cpu_idle look_at(const struct jt_cpu_books *books, int cpu)
{
	struct cpu_idle now;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
	usleep(2000);
	now.books = books[cpu];
	now.mono_ns = clock_mono_ns();
	now.stat_ns = proc_stat_idle_ns(cpu);
	return now;
}

static void check_idle(int cpu, const struct cpu_idle *a, const struct cpu_idle *b)
{
	uint64_t clock_ns = b->books.clock_ns - a->books.clock_ns;
	uint64_t clock_task_ns = b->books.clock_task_ns - a->books.clock_task_ns;
	uint64_t idle_ns = b->books.idle_ns - a->books.idle_ns;
	uint64_t excluded_ns = clock_ns - clock_task_ns;
	uint64_t stat_ns = b->stat_ns - a->stat_ns, wall_ns = b->mono_ns - a->mono_ns;
	/* Both ends cut to clock ticks of 10 ms; what is excluded may count as idle there. */
	uint64_t off_ns =
		2 * JT_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK) + tick_ns() + excluded_ns;

	cr_assert_eq(b->books.task_ns - a->books.task_ns + idle_ns +
			     (uint64_t)(b->books.gap_ns - a->books.gap_ns),
		     clock_task_ns, "CPU %d: the books", cpu);
	/* Each look is some switches after the switch that the books are of. */
	assert_within(clock_ns, wall_ns - wall_ns / 1000 - MS, wall_ns + wall_ns / 1000 + MS,
		      "a CPU's clock against the wall");
	cr_assert(idle_ns + off_ns >= stat_ns && idle_ns <= stat_ns + off_ns,
		  "CPU %d: idle %" PRIu64 ", /proc/stat %" PRIu64 ", off %" PRIu64, cpu, idle_ns,
		  stat_ns, off_ns);
}

static void spin_on_cpu_0(void *arg)
{
	cpu_set_t set;

	(void)arg;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	spin_cpu_ns(500 * MS);
}

Test(books, idle_of_each_cpu_is_that_of_proc_stat)
{
	long n_cpus = sysconf(_SC_NPROCESSORS_CONF);
	uint32_t n_possible;
	const struct jt_cpu_books *books = map_own("books", &n_possible);
	struct cpu_idle *before = calloc((size_t)n_cpus, sizeof(*before));
	pid_t pid;

	if (n_cpus != sysconf(_SC_NPROCESSORS_ONLN))
		cr_skip_test("some CPU is offline");
	pid = start(spin_on_cpu_0, NULL);
	for (int i = 0; i < n_cpus; i++)
		before[i] = look_at(books, i);
	end_ns(pid);
	for (int i = 0; i < n_cpus; i++) {
		struct cpu_idle now = look_at(books, i);

		check_idle(i, &before[i], &now);
	}
	free(before);
}

/* The sum that we give out is the sum over the CPUs, packages are kept apart and sum to it too. */
Test(books, packages_sum_to_the_machine)
{
	const struct usage *u;
	struct usage_books sum = { 0 };
	uint64_t cells_ns[JT_MAX_PACKAGES] = { 0 };

	end_ns(start(spin_50ms, NULL));
	u = window();
	for (size_t r = 0; r < u->n_rows; r++)
		for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
			cells_ns[p] += u->rows[r].cpu_ns[p];
	for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++) {
		sum.task_ns += u->package[p].task_ns;
		sum.idle_ns += u->package[p].idle_ns;
		sum.wall_ns += u->package[p].wall_ns;
		assert_close(cells_ns[p], u->package[p].task_ns, 1000, "cells of a package");
		cr_assert(p < u->n_packages || !cells_ns[p]);
	}
	cr_assert_eq(sum.task_ns, u->books.task_ns);
	cr_assert_eq(sum.idle_ns, u->books.idle_ns);
	cr_assert_eq(sum.wall_ns, u->books.wall_ns);
}
