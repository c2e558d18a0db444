/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hotplug.c - in a guest: CPUs that go offline and come back while tasks run on them, and CPUs
 * that are possible but absent. The books stay closed and no time is lost.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "vm/guest/guest.h"

TestSuite(hotplug, .init = setup, .fini = teardown, .timeout = 300);

/* Takes a CPU off or puts it on. */
static void cpu_set_online(unsigned int cpu, bool online)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		cr_skip_test("this kernel cannot take CPU %u off", cpu);
	cr_assert_eq(write(fd, online ? "1" : "0", 1), 1, "%s", path);
	close(fd);
}

static unsigned int n_cpus(int name)
{
	return (unsigned int)sysconf(name);
}

/* One window of a CPU going or staying: closed, and the cells have what the books have. */
static uint64_t step(unsigned int n_online, pid_t pid, const char *when)
{
	const struct usage *u = window();

	fprintf(stderr, "%s: residue %" PRIu64 " ppm\n", when, usage_books_residue_ppm(&u->books));
	cr_assert_eq(u->n_cpus, n_online, "%s: %u CPUs", when, u->n_cpus);
	assert_closed(u, when);
	return used_ns(u, pid);
}

Test(hotplug, cpu_goes_off_and_on_under_a_pinned_task)
{
	unsigned int n = n_cpus(_SC_NPROCESSORS_ONLN), cpu = n - 1;
	uint64_t sum = 0, truth_ns;
	pid_t pid;

	if (n < 2)
		cr_skip_test("needs two CPUs");
	pid = start_spinner(cpu, 600 * MS);
	wait_cpu_ns(pid, 100 * MS);
	sum += step(n, pid, "all on");
	cpu_set_online(cpu, false);
	sum += step(n - 1, pid, "just off");
	wait_cpu_ns(pid, 250 * MS);
	sum += step(n - 1, pid, "off");
	cpu_set_online(cpu, true);
	sum += step(n, pid, "just on");
	wait_cpu_ns(pid, 400 * MS);
	sum += step(n, pid, "on");
	truth_ns = end_ns(pid);
	sum += step(n, pid, "at the end");
	assert_close(sum, truth_ns, "the task that had to move");
	assert_closed(window(), "afterwards");
}

Test(hotplug, cpu_goes_off_and_on_many_times_within_one_window)
{
	unsigned int n = n_cpus(_SC_NPROCESSORS_ONLN), cpu = n - 1;
	uint64_t truth_ns;
	pid_t pid;

	if (n < 2)
		cr_skip_test("needs two CPUs");
	pid = start_spinner(cpu, 300 * MS);
	for (int i = 0; i < 5; i++) {
		cpu_set_online(cpu, false);
		cpu_set_online(cpu, true);
	}
	truth_ns = end_ns(pid);
	assert_close(step(n, pid, "off and on"), truth_ns, "the task that moved to and fro");
	assert_closed(window(), "afterwards");
}

Test(hotplug, cpu_that_is_off_at_the_start_comes_on)
{
	unsigned int n = n_cpus(_SC_NPROCESSORS_ONLN), cpu = n - 1;
	uint64_t truth_ns;
	pid_t pid;

	if (n < 2)
		cr_skip_test("needs two CPUs");
	cpu_set_online(cpu, false);
	sched_free(sched);
	setup();
	cpu_set_online(cpu, true);
	pid = start_spinner(cpu, 100 * MS);
	truth_ns = end_ns(pid);
	assert_close(step(n, pid, "came on"), truth_ns, "the task on the new CPU");
	assert_closed(window(), "afterwards");
}

Test(hotplug, possible_but_absent_cpus_count_for_nothing)
{
	unsigned int possible = n_cpus(_SC_NPROCESSORS_CONF), n = n_cpus(_SC_NPROCESSORS_ONLN);
	const struct usage *u;

	usleep(200000);
	u = window();
	assert_closed(u, "as booted");
	cr_assert_eq(u->n_cpus, n);
	cr_assert_leq(n, possible);
	/* Wall time is that of the CPUs that are there. */
	cr_assert_eq(u->books.wall_ns, n * (u->window.end_mono_ns - u->window.begin_mono_ns));
}
