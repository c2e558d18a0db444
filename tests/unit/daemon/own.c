/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* own.c - root's files change hands, others' do not, and no link leads to what is not ours. */
#include "daemon/own.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHER 1234

static const struct account to = { .uid = 65534, .gid = 65534 };
static char top[] = "/tmp/jouletrail-unit-XXXXXX";
static char path[256];

static const char *in_top(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void make_file(const char *name)
{
	int fd = open(in_top(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	cr_assert_geq(fd, 0);
	close(fd);
}

static void make_dir(const char *name)
{
	cr_assert_eq(mkdir(in_top(name), 0755), 0);
}

static uid_t owner(const char *name)
{
	struct stat st;

	cr_assert_eq(lstat(in_top(name), &st), 0, "%s", name);
	return st.st_uid;
}

static int own(const char *name, enum own_what what, struct why *why)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "%s/%s", top, name);
	why->text[0] = '\0';
	return own_tree(dir, what, &to, why);
}

static void setup(void)
{
	if (geteuid() != 0)
		cr_skip_test("needs root, to give files away");
	cr_assert_not_null(mkdtemp(top));
	make_file("outside");
	make_dir("t");
}

static void teardown(void)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	if (geteuid() == 0)
		cr_assert_eq(system(command), 0);
}

TestSuite(own, .init = setup, .fini = teardown);

Test(own, what_is_roots_changes_hands)
{
	struct why why;

	make_dir("t/seg");
	make_file("t/seg/1");
	make_file("t/lock");
	cr_assert_eq(own("t", OWN_LEDGER, &why), 0, "%s", why.text);
	cr_expect_eq(owner("t"), to.uid);
	cr_expect_eq(owner("t/seg"), to.uid);
	cr_expect_eq(owner("t/seg/1"), to.uid);
	cr_expect_eq(owner("t/lock"), to.uid);
	cr_expect_eq(own("t", OWN_LEDGER, &why), 0, "again: %s", why.text);
}

Test(own, links_are_left_alone)
{
	char outside[256], name[256];
	struct why why;

	snprintf(outside, sizeof(outside), "%s/outside", top);
	cr_assert_eq(symlink(outside, in_top("t/soft")), 0);
	snprintf(name, sizeof(name), "%s/t/hard", top);
	cr_assert_eq(link(outside, name), 0);
	cr_assert_eq(symlink("/etc", in_top("t/dir")), 0);
	cr_assert_eq(own("t", OWN_LEDGER, &why), 0, "%s", why.text);
	cr_expect_eq(owner("outside"), 0);
	cr_expect_eq(owner("t"), to.uid);
}

Test(own, what_is_somebody_elses_is_refused_and_nothing_changes)
{
	struct why why;

	make_file("t/a");
	make_file("t/b");
	cr_assert_eq(chown(in_top("t/b"), OTHER, OTHER), 0);
	cr_expect_eq(own("t", OWN_LEDGER, &why), -EPERM);
	cr_expect(strstr(why.text, "/t/b belongs to user 1234"), "%s", why.text);
	cr_expect_eq(owner("t/a"), 0);
	cr_expect_eq(owner("t"), 0);
	cr_assert_eq(chown(in_top("t"), OTHER, OTHER), 0);
	cr_expect_eq(own("t", OWN_LEDGER, &why), -EPERM);
	cr_expect(strstr(why.text, "/t belongs to user 1234"), "%s", why.text);
	cr_expect_eq(own("none", OWN_LEDGER, &why), -ENOENT);
}

Test(own, a_directory_of_other_things_holds_no_keys)
{
	struct why why;

	make_file("t/ledger.pem");
	make_file("t/0123456789abcdef.seen");
	cr_assert_eq(own("t", OWN_KEYS, &why), 0, "%s", why.text);
	cr_expect_eq(owner("t/ledger.pem"), to.uid);
	make_dir("etc");
	make_file("etc/passwd");
	cr_expect_eq(own("etc", OWN_KEYS, &why), -EPERM);
	cr_expect(strstr(why.text, "/etc holds passwd, which is none of ours"), "%s", why.text);
	cr_expect_eq(owner("etc"), 0);
}

Test(own, of_guests_folders_other_peoples_stay)
{
	struct why why;

	make_dir("t/web");
	make_dir("t/web/sys");
	make_dir("t/api");
	cr_assert_eq(chown(in_top("t/api"), OTHER, OTHER), 0);
	cr_assert_eq(own("t", OWN_GUESTS, &why), 0, "%s", why.text);
	cr_expect_eq(owner("t/web/sys"), to.uid);
	cr_expect_eq(owner("t/api"), OTHER);
	make_dir("t/home");
	make_dir("t/home/me");
	cr_expect_eq(own("t", OWN_GUESTS, &why), -EPERM);
}
