/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packages.c - in a guest of two sockets with SMT: CPU time is kept apart by package, in the rows
 * and in the books.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "vm/guest/guest.h"

TestSuite(packages, .init = setup, .fini = teardown, .timeout = 300);

static unsigned int n_cpus(void)
{
	return (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* The kernel's own word, read apart from src/sched. */
static long package_id(unsigned int cpu)
{
	char path[96], text[32] = "";

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/physical_package_id",
		 cpu);
	cr_assert_eq(fs_read_text(NULL, path, text, sizeof(text), NULL), 0);
	return strtol(text, NULL, 10);
}

static unsigned int package_of(const struct usage *u, unsigned int cpu)
{
	for (unsigned int i = 0; i < u->n_packages; i++)
		if (u->package_id[i] == package_id(cpu))
			return i;
	cr_assert_fail("package %ld is not known", package_id(cpu));
	return 0;
}

/* Of the rows of a process: its time in one package. */
static uint64_t package_ns(const struct usage *u, pid_t pid, unsigned int package)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)pid)
			sum += u->rows[i].cpu_ns[package];
	return sum;
}

Test(packages, both_are_known)
{
	const struct usage *u = window();

	if (package_id(0) == package_id(n_cpus() - 1))
		cr_skip_test("needs two sockets");
	cr_assert_eq(u->n_packages, 2);
	cr_assert_eq(u->threads_per_core, 2);
}

Test(packages, pinned_task_shows_in_its_own_alone)
{
	unsigned int last = n_cpus() - 1;
	uint64_t truth_ns;
	const struct usage *u;
	pid_t pid;

	if (package_id(0) == package_id(last))
		cr_skip_test("needs two sockets");
	pid = start_spinner(last, 200 * MS);
	truth_ns = end_ns(pid);
	u = window();
	assert_close(used_ns(u, pid), truth_ns, "pinned task");
	cr_assert_geq(package_ns(u, pid, package_of(u, last)) + SLACK_NS, 200 * MS);
	cr_assert_eq(package_ns(u, pid, 0) + package_ns(u, pid, 1), used_ns(u, pid));
	assert_closed(u, "two packages");
}

Test(packages, moved_task_is_split_between_them)
{
	unsigned int last = n_cpus() - 1;
	const struct usage *u;
	uint64_t truth_ns, before_ns, least_ns, most_ns;
	pid_t pid;

	if (package_id(0) == package_id(last))
		cr_skip_test("needs two sockets");
	pid = start_spinner(0, 400 * MS);
	wait_cpu_ns(pid, 150 * MS);
	/* It runs on meanwhile, first here, then there. */
	least_ns = cpu_ns(pid);
	pin(pid, last);
	most_ns = cpu_ns(pid);
	truth_ns = end_ns(pid);
	u = window();
	before_ns = package_ns(u, pid, package_of(u, 0));
	assert_close(used_ns(u, pid), truth_ns, "moved task");
	cr_assert(before_ns + SLACK_NS >= least_ns && before_ns <= most_ns + SLACK_NS,
		  "before the move: %" PRIu64 " not in [%" PRIu64 ", %" PRIu64 "] ns", before_ns,
		  least_ns, most_ns);
	assert_close(package_ns(u, pid, package_of(u, last)), truth_ns - before_ns, "after it");
}

Test(packages, books_are_those_of_each)
{
	unsigned int last = n_cpus() - 1, mine;
	const struct usage *u;
	uint64_t truth_ns, task_ns = 0, wall_ns = 0;
	pid_t pid;

	if (package_id(0) == package_id(last))
		cr_skip_test("needs two sockets");
	window();
	pid = start_spinner(last, 300 * MS);
	truth_ns = end_ns(pid);
	u = window();
	mine = package_of(u, last);
	for (unsigned int i = 0; i < u->n_packages; i++) {
		task_ns += u->package[i].task_ns;
		wall_ns += u->package[i].wall_ns;
	}
	cr_assert_eq(task_ns, u->books.task_ns);
	cr_assert_eq(wall_ns, u->books.wall_ns);
	cr_assert_geq(u->package[mine].task_ns + SLACK_NS, truth_ns);
	cr_assert_eq(u->package[0].wall_ns, u->package[1].wall_ns);
}
