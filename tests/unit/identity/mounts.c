/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mounts.c - are the right hierarchies found in every layout that hosts have? */
#include "identity/mounts.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void expect(const char *mountinfo, const char *v2, const char *v1)
{
	struct mounts m;

	mounts_parse(mountinfo, &m);
	cr_expect_str_eq(m.entry[MOUNTS_V2].point, v2, "%s", mountinfo);
	cr_expect_str_eq(m.entry[MOUNTS_V1_CPU].point, v1, "%s", mountinfo);
}

Test(mounts, unified_host)
{
	expect("22 27 0:21 / /proc rw - proc proc rw\n"
	       "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
	       "/sys/fs/cgroup", "");
}

Test(mounts, hybrid_host)
{
	expect("31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	       "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
	       "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
	       "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
	       "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
	       "/sys/fs/cgroup/unified", "/sys/fs/cgroup/cpu");
}

Test(mounts, joined_v1_controllers)
{
	expect("32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct", "",
	       "/sys/fs/cgroup/cpu,cpuacct");
	expect("32 31 0:29 / /sys/fs/cgroup/cpuacct,cpu rw - cgroup cgroup rw,cpuacct,cpu", "",
	       "/sys/fs/cgroup/cpuacct,cpu");
}

Test(mounts, whole_hierarchy_before_a_subtree)
{
	struct mounts m;

	expect("1 2 0:38 /docker/ab /box rw - cgroup2 cgroup2 rw\n"
	       "3 2 0:38 / /cg rw - cgroup2 cgroup2 rw\n"
	       "4 2 0:38 / /other rw - cgroup2 cgroup2 rw\n",
	       "/cg", "");
	mounts_parse("1 2 0:38 /docker/ab /box rw - cgroup2 cgroup2 rw\n", &m);
	cr_expect_str_eq(m.entry[MOUNTS_V2].prefix, "/docker/ab");
}

Test(mounts, escaped_names)
{
	expect("1 2 0:38 / /a\\040b\\134c rw - cgroup2 cgroup2 rw\n", "/a b\\c", "");
}

Test(mounts, nonsense_is_passed_over)
{
	expect("", "", "");
	expect("cgroup2\n\n1 2 3\n1 2 0:38 / /x rw - cgroup2\n - - - - - -\n", "", "");
	expect("1 2 0:38 / /x rw cgroup2 cgroup2 rw\n3 2 0:38 / /cg rw - cgroup2 cgroup2 rw", "/cg",
	       "");
}

Test(mounts, fixture_without_hierarchies)
{
	struct mounts m;

	cr_assert(eq(int, 0, mounts_find("/nonexistent", &m)));
	cr_expect_str_eq(m.entry[MOUNTS_V2].point, "");
	cr_expect_str_eq(m.entry[MOUNTS_V1_CPU].point, "");
}
