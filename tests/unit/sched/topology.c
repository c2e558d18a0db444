/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* topology.c - packages and siblings as sysfs tells them, while CPUs come and go. */
#include "sched/topology.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CPU_DIR "/sys/devices/system/cpu"

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s" CPU_DIR "/%s", root, path);
	for (slash = full + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0755);
	}
	f = fopen(full, "we");
	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

static void put_cpu(unsigned int cpu, const char *package, const char *siblings)
{
	char path[64];

	snprintf(path, sizeof(path), "cpu%u/topology/physical_package_id", cpu);
	put(path, package);
	snprintf(path, sizeof(path), "cpu%u/topology/thread_siblings_list", cpu);
	put(path, siblings);
}

static void setup(void)
{
	snprintf(root, sizeof(root), "/tmp/jouletrail-topology-XXXXXX");
	cr_assert(mkdtemp(root));
	put("possible", "0-3\n");
	put("online", "0-3\n");
	put_cpu(0, "0\n", "0,2\n");
	put_cpu(1, "1\n", "1,3\n");
	put_cpu(2, "0\n", "0,2\n");
	put_cpu(3, "1\n", "1,3\n");
}

static void teardown(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(topology, .init = setup, .fini = teardown);

Test(topology, two_packages_of_one_core_with_two_threads)
{
	struct topology t;
	struct why why = { "" };

	cr_assert_eq(topology_read(root, &t, &why), 0, "%s", why.text);
	cr_assert_eq(t.n_packages, 2);
	cr_assert_eq(t.threads_per_core, 2);
	for (unsigned int i = 0; i < 4; i++) {
		cr_assert_eq(t.cpu[i].package, i % 2);
		cr_assert_eq(t.cpu[i].sibling, (i + 2) % 4);
	}
	topology_release(&t);
}

/* The kernel lists only siblings that are online; what was known of the others stays. */
Test(topology, sibling_stays_known_while_it_is_offline)
{
	struct topology t;
	struct why why = { "" };

	put("online", "0-1,3\n");
	put_cpu(0, "0\n", "0\n");
	cr_assert_eq(topology_read(root, &t, &why), 0, "%s", why.text);
	cr_assert_eq(t.cpu[0].sibling, 0);
	cr_assert_eq(t.n_online, 3);
	put("online", "0-3\n");
	put_cpu(0, "0\n", "0,2\n");
	cr_assert_eq(topology_refresh(root, &t), 0);
	cr_assert_eq(t.n_online, 4);
	cr_assert_eq(t.cpu[0].sibling, 2);
	put("online", "0-1,3\n");
	put_cpu(0, "0\n", "0\n");
	cr_assert_eq(topology_refresh(root, &t), 0);
	cr_assert(!t.cpu[2].online);
	cr_assert_eq(t.cpu[0].sibling, 2);
	cr_assert_eq(t.threads_per_core, 2);
	topology_release(&t);
}

/* Some guests have no topology folder: one package, no siblings. */
Test(topology, none_told)
{
	struct topology t;
	struct why why = { "" };

	teardown();
	cr_assert(mkdir(root, 0700) == 0);
	put("possible", "0-1\n");
	put("online", "0-1\n");
	cr_assert_eq(topology_read(root, &t, &why), 0, "%s", why.text);
	cr_assert_eq(t.n_packages, 1);
	cr_assert_eq(t.threads_per_core, 1);
	cr_assert_eq(t.cpu[1].sibling, 1);
	topology_release(&t);
}
