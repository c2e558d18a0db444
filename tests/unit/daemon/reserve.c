/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.c - are quotas and weights of cgroups read, and kept while the cgroup is there? */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/reserve.h"

#define MAX_ROWS 16

static char root[] = "/tmp/jt-reserve-XXXXXX";
static struct identity *id;
static struct reserve *r;
static struct usage_row row[MAX_ROWS], out[MAX_ROWS];
static struct usage u = { .rows = row, .n_cpus = 4 };

static void put(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/sys/fs/cgroup/%s", root, path);
	f = fopen(full, "we");
	cr_assert(f && fputs(text, f) >= 0 && !fclose(f), "%s", full);
}

/* Makes the group and puts a row of it into the window. Returns its id. */
static uint64_t group(const char *name, uint32_t v1)
{
	char full[256];
	struct stat st;

	snprintf(full, sizeof(full), "%s/sys/fs/cgroup/%s", root, name);
	cr_assert(!mkdir(full, 0755) && !stat(full, &st), "%s", full);
	row[u.n_rows++] = (struct usage_row){
		.pid = 1, .tgid = 1, .cgroup_id = st.st_ino, .total_ns = 1, .flags = v1
	};
	return st.st_ino;
}

static void setup(void)
{
	static const char *const dirs[] = { "",
					    "/sys",
					    "/sys/fs",
					    "/sys/fs/cgroup",
					    "/sys/fs/cgroup/unified",
					    "/sys/fs/cgroup/cpu" };
	char full[256];

	cr_assert(mkdtemp(root) != NULL);
	for (size_t i = 1; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(full, sizeof(full), "%s%s", root, dirs[i]);
		cr_assert(!mkdir(full, 0755), "%s", full);
	}
	put("unified/cgroup.controllers", "cpu\n");
	put("cpu/cgroup.procs", "");
	cr_assert_eq(identity_new(&(struct identity_options){ .root = root }, &id), 0);
	cr_assert_eq(reserve_new(id, &r), 0);
	u.n_rows = 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void teardown(void)
{
	reserve_free(r);
	identity_free(id);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(reserve, .init = setup, .fini = teardown);

static uint64_t reserved(uint64_t cgroup_id, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (out[i].cgroup_id == cgroup_id)
			return out[i].reserved_ucpu;
	return 0;
}

Test(reserve, quota_and_weight_of_v2)
{
	uint64_t limited = group("unified/limited", 0), free_a = group("unified/a", 0),
		 free_b = group("unified/b", 0);
	size_t n;

	put("unified/limited/cpu.max", "150000 100000\n");
	put("unified/a/cpu.max", "max 100000\n");
	put("unified/a/cpu.weight", "300\n");
	n = reserve_rows(r, &u, out, MAX_ROWS);
	cr_assert_eq(n, 3);
	cr_expect_eq(reserved(limited, n), 1500000);
	cr_expect_eq(reserved(free_a, n), 1875000);
	cr_expect_eq(reserved(free_b, n), 625000, "the usual weight is 100");
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(out[i].flags, USAGE_ROW_RESERVED);
		cr_expect(out[i].total_ns == 0 && out[i].tgid == 0);
	}
}

Test(reserve, quota_and_shares_of_v1)
{
	uint64_t limited = group("cpu/limited", JT_CELL_V1_CGRP),
		 shared = group("cpu/shared", JT_CELL_V1_CGRP);
	size_t n;

	put("cpu/limited/cpu.cfs_quota_us", "50000\n");
	put("cpu/limited/cpu.cfs_period_us", "100000\n");
	put("cpu/shared/cpu.cfs_quota_us", "-1\n");
	put("cpu/shared/cpu.cfs_period_us", "100000\n");
	put("cpu/shared/cpu.shares", "2048\n");
	n = reserve_rows(r, &u, out, MAX_ROWS);
	cr_assert_eq(n, 2);
	cr_expect_eq(reserved(limited, n), 500000);
	cr_expect_eq(reserved(shared, n), 3500000);
	cr_expect_eq(out[0].flags, USAGE_ROW_RESERVED | JT_CELL_V1_CGRP);
}

Test(reserve, who_sleeps_reserves_on_and_who_is_gone_does_not)
{
	uint64_t one = group("unified/one", 0);
	char full[256];
	size_t n = 0;

	put("unified/one/cpu.max", "100000 100000\n");
	cr_assert_eq(reserve_rows(r, &u, out, MAX_ROWS), 1);
	u.n_rows = 0;
	cr_assert_eq(reserve_rows(r, &u, out, MAX_ROWS), 1);
	/* Changes are seen within so many windows. */
	put("unified/one/cpu.max", "200000 100000\n");
	for (int i = 0; i < RESERVE_EVERY; i++)
		n = reserve_rows(r, &u, out, MAX_ROWS);
	cr_assert_eq(reserved(one, n), 2000000);
	snprintf(full, sizeof(full), "%s/sys/fs/cgroup/unified/one/cpu.max", root);
	unlink(full);
	*strrchr(full, '/') = '\0';
	rmdir(full);
	for (int i = 0; i < RESERVE_EVERY; i++)
		n = reserve_rows(r, &u, out, MAX_ROWS);
	cr_assert_eq(n, 0);
}

Test(reserve, files_that_make_no_sense_reserve_nothing)
{
	static const char *const bad[] = { "",		"100000",
					   "100000 0",	"x 100000",
					   "-5 100000", "max",
					   "1 2 3 4 5", "99999999999999999999 1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char name[32], file[64];
		uint64_t one;

		snprintf(name, sizeof(name), "unified/bad-%zu", i);
		snprintf(file, sizeof(file), "%s/cpu.max", name);
		u.n_rows = 0;
		one = group(name, 0);
		put(file, bad[i]);
		snprintf(file, sizeof(file), "%s/cpu.weight", name);
		put(file, "0");
		cr_expect_eq(reserved(one, reserve_rows(r, &u, out, MAX_ROWS)), 0, "'%s'", bad[i]);
	}
}

Test(reserve, what_has_no_room_is_counted)
{
	group("unified/one", 0);
	group("unified/two", 0);
	cr_assert_eq(reserve_rows(r, &u, out, 1), 1);
	cr_assert_eq(reserve_n_dropped(r), 1);
}
