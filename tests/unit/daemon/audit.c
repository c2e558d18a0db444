/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* audit.c - the self-audit on a made-up cgroup tree, whose account the test writes. */
#include "daemon/audit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char root[64];
static struct identity *id;
static struct audit *audit;
static uint64_t group_id;
static struct usage_row row;
static struct usage u;

static void put(const char *path, const char *text)
{
	char full[160];
	FILE *f;

	snprintf(full, sizeof(full), "%s/sys/fs/cgroup/%s", root, path);
	f = fopen(full, "we");
	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

static uint64_t make(const char *path)
{
	char full[160];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	cr_assert_eq(mkdir(full, 0755), 0);
	cr_assert_eq(stat(full, &st), 0);
	return st.st_ino;
}

static void setup(void)
{
	snprintf(root, sizeof(root), "/tmp/jouletrail-audit-XXXXXX");
	cr_assert(mkdtemp(root));
	make("sys");
	make("sys/fs");
	make("sys/fs/cgroup");
	put("cgroup.controllers", "");
	group_id = make("sys/fs/cgroup/one");
	put("one/cpu.stat", "usage_usec 1000000\nuser_usec 5\n");
	cr_assert_eq(identity_new(&(struct identity_options){ .root = root }, &id), 0);
	cr_assert_eq(audit_new(id, &audit), 0);
	row = (struct usage_row){ .cgroup_id = group_id, .total_ns = 10000000 };
	u = (struct usage){ .n_rows = 1, .rows = &row };
}

static void teardown(void)
{
	char command[96];

	audit_free(audit);
	identity_free(id);
	snprintf(command, sizeof(command), "rm -r %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(audit, .init = setup, .fini = teardown);

static void windows(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		audit_before(audit);
		audit_after(audit, &u);
	}
}

/* The group is chosen in the first window, the second begins the audit. */
static struct record_audit one_audit(const char *after_5_windows)
{
	windows(2);
	windows(AUDIT_WINDOWS - 1);
	put("one/cpu.stat", after_5_windows);
	windows(1);
	return audit_take(audit);
}

Test(audit, agrees)
{
	struct record_audit a = one_audit("usage_usec 1050000\nuser_usec 5\n");

	cr_assert_eq(a.n_audits, 1);
	cr_assert_eq(a.n_breaches + a.n_abandoned, 0);
	cr_assert_eq(a.cells_ns, AUDIT_WINDOWS * row.total_ns);
	cr_assert_eq(a.residue_ns, 0);
	cr_assert_eq(audit_take(audit).n_audits, 0, "taken once");
}

Test(audit, breach_is_beyond_a_tick_and_a_thousandth)
{
	struct record_audit a = one_audit("usage_usec 1070000\n");

	cr_assert_eq(a.n_breaches, 1);
	/* 20 ms less the microsecond that cpu.stat is cut by. */
	cr_assert_eq(a.residue_ns, 19999000);
}

Test(audit, group_that_gets_children_is_abandoned)
{
	struct record_audit a;

	windows(3);
	make("sys/fs/cgroup/one/child");
	windows(AUDIT_WINDOWS - 1);
	a = audit_take(audit);
	cr_assert_eq(a.n_abandoned, 1);
	cr_assert_eq(a.n_audits, 0);
	/* And is not chosen any more. */
	windows(20);
	a = audit_take(audit);
	cr_assert_eq(a.n_abandoned + a.n_audits, 0);
}

Test(audit, rubbish_in_the_account_is_abandoned)
{
	cr_assert_eq(one_audit("usage_usec -5\n").n_abandoned, 1);
	cr_assert_eq(one_audit("user_usec 5\n").n_abandoned, 1);
	cr_assert_eq(one_audit("").n_abandoned, 1);
	/* It went back. */
	put("one/cpu.stat", "usage_usec 1000000\n");
	cr_assert_eq(one_audit("usage_usec 900000\n").n_abandoned, 1);
}

Test(audit, detail_that_was_lost_is_not_judged)
{
	u.losses.n_no_cell = 1;
	cr_assert_eq(one_audit("usage_usec 2000000\n").n_abandoned, 1);
}

Test(audit, groups_take_turns)
{
	struct usage_row two[2] = { row, row };
	struct record_audit a;

	two[1].cgroup_id = make("sys/fs/cgroup/two");
	put("two/cpu.stat", "usage_usec 7\n");
	u.n_rows = 2;
	u.rows = two;
	windows(2 * (AUDIT_WINDOWS + 2));
	a = audit_take(audit);
	cr_assert_eq(a.n_audits, 2);
	/* Both stood still by the kernel's account. */
	cr_assert_eq(a.n_breaches, 2);
}
