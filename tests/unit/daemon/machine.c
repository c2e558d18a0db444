/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* machine.c - is a machine known by its id, and the id not given away? */
#include "daemon/machine.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/jouletrail-machine-XXXXXX";

static void write_id(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/machine-id", root);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void setup(void)
{
	char path[128];

	cr_assert_not_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/etc", root);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static void teardown(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/etc/machine-id", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/etc", root);
	rmdir(path);
	rmdir(root);
}

TestSuite(machine, .init = setup, .fini = teardown);

Test(machine, one_id_one_word)
{
	char a[MACHINE_ID_LEN], b[MACHINE_ID_LEN];

	write_id("0123456789abcdef0123456789abcdef\n");
	cr_assert_eq(machine_id(root, a), 0);
	cr_expect_eq(strlen(a), MACHINE_ID_LEN - 1);
	cr_expect(strcmp(a, "0123456789abcdef0123456789abcdef") != 0);
	cr_assert_eq(machine_id(root, b), 0);
	cr_expect_str_eq(a, b);
	write_id("0123456789abcdef0123456789abcdee\n");
	cr_assert_eq(machine_id(root, b), 0);
	cr_expect(strcmp(a, b) != 0);
}

Test(machine, no_id_is_none)
{
	static const char *const bad[] = { "", "uninitialized\n", "0123456789abcdef\n",
					   "0123456789ABCDEF0123456789ABCDEF\n",
					   "0123456789abcdef0123456789abcdef0\n" };
	char a[MACHINE_ID_LEN] = "kept";

	cr_expect_eq(machine_id(root, a), -ENODATA);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_id(bad[i]);
		cr_expect_eq(machine_id(root, a), -ENODATA, "%s", bad[i]);
	}
	cr_expect_str_eq(a, "kept");
}
