/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * siblings.c - in a guest with SMT: two spinners on siblings of one core share nearly all of their
 * time, two on cores of their own nearly none.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "vm/guest/guest.h"

static void setup_smt(void)
{
	setup_with(&(struct sched_options){ .weight = JT_WEIGHT_SMT });
}

TestSuite(siblings, .init = setup_smt, .fini = teardown, .timeout = 300);

/* The last CPU of the kernel's own list of those that share a core with cpu. */
static unsigned int last_sibling(unsigned int cpu)
{
	char path[96], text[32] = "";
	const char *at = text;
	size_t n;

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
		 cpu);
	cr_assert_eq(fs_read_text(NULL, path, text, sizeof(text), NULL), 0);
	n = strcspn(at, ",-");
	return (unsigned int)strtoul(at[n] ? at + n + 1 : at, NULL, 10);
}

static uint64_t corun_ns(const struct usage *u, pid_t pid)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		for (unsigned int p = 0; u->rows[i].tgid == (uint32_t)pid && p < JT_MAX_PACKAGES;
		     p++)
			sum += u->rows[i].weight[p];
	return sum;
}

/* Two spinners, one on each CPU: the percentage of their time in which the sibling was busy. */
static unsigned int corun_percent(unsigned int a, unsigned int b)
{
	pid_t pid[2] = { start_spinner(a, UINT64_MAX), start_spinner(b, UINT64_MAX) };
	uint64_t used = 0, corun = 0;
	const struct usage *u;

	for (int i = 0; i < 2; i++)
		wait_cpu_ns(pid[i], 50 * MS);
	window();
	for (int i = 0; i < 2; i++)
		wait_cpu_ns(pid[i], 400 * MS);
	u = window();
	for (int i = 0; i < 2; i++) {
		used += used_ns(u, pid[i]);
		corun += corun_ns(u, pid[i]);
		kill(pid[i], SIGKILL);
		end_ns(pid[i]);
	}
	cr_assert_gt(used, 200 * MS);
	cr_assert_leq(corun, used);
	return (unsigned int)(100 * corun / used);
}

Test(siblings, two_on_one_core_share_nearly_all)
{
	unsigned int percent;

	if (last_sibling(0) == 0)
		cr_skip_test("needs SMT");
	percent = corun_percent(0, last_sibling(0));
	cr_assert_geq(percent, 95, "%u %%", percent);
}

/* Other tasks of the guest, the test itself among them, are kept off the siblings but for moments. */
Test(siblings, two_on_cores_of_their_own_share_nearly_nothing)
{
	unsigned int other = last_sibling(0) + 1, percent;

	if (last_sibling(0) == 0)
		cr_skip_test("needs SMT");
	pin(0, last_sibling(other) + 1);
	percent = corun_percent(0, other);
	cr_assert_leq(percent, 5, "%u %%", percent);
}
