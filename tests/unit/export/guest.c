/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guest.c - do a guest's files only rise, whatever is there before, and lead nowhere else? */
#include "export/guest.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/guest.h"
#include "unit/random.h"

DEFINE_CLEANUP(struct guest_dir *, guest_dir_free)
DEFINE_CLEANUP(struct guest_tree *, guest_tree_free)

static const struct guest_quality measured = {
	.quality = ENERGY_MEASURED, .update_ns = 1000000000, .low_ppm = 950000, .high_ppm = 1050000
};

static void setup(char root[64])
{
	strcpy(root, "/tmp/jouletrail-unit-XXXXXX");
	cr_assert(mkdtemp(root) != NULL);
	cr_assert(eq(int, 0, chmod(root, 0755)));
}

static void teardown(const char *root)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	cr_expect(eq(int, 0, system(cmd)));
}

static const char *file(const char *root, const char *guest, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s/" JT_GUEST_ZONE "/%s", root, guest, name);
	return path;
}

static void expect_text(const char *root, const char *guest, const char *name, const char *want)
{
	char text[JT_GUEST_SHARE_LEN];
	const char *path = file(root, guest, name);

	cr_assert(eq(int, 0, fs_read_text(NULL, path + 1, text, sizeof(text), NULL)), "%s", path);
	cr_expect_str_eq(text, want, "%s: %s", path, text);
}

static void put_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert(f != NULL, "%s", path);
	cr_assert(ge(int, fputs(text, f), 0));
	fclose(f);
}

/* Opens, adds, writes and closes. Returns the first error. */
static int once(const char *root, const char *guest, uint64_t energy_uj)
{
	CLEANUP(guest_dir_free_ptr) struct guest_dir *d = NULL;
	CLEANUP(guest_tree_free_ptr) struct guest_tree *t = NULL;
	struct why why = { "" };
	int err = guest_dir_open(root, 0, &d, &why);

	if (!err)
		err = guest_tree_open(d, guest, (gid_t)-1, &t, &why);
	if (err)
		return err;
	guest_tree_add(t, energy_uj);
	return guest_tree_write(t, &measured);
}

Test(guest, what_a_reader_finds)
{
	char root[64];
	struct stat st;

	setup(root);
	cr_assert(eq(int, 0, once(root, "web", 42)));
	expect_text(root, "web", "name", "package-0");
	expect_text(root, "web", "energy_uj", "42");
	expect_text(root, "web", "max_energy_range_uj", "9223372036854775807");
	expect_text(root, "web", "share",
		    "version 1\nupdate_ns 1000000000\nquality measured\nlow_ppm 950000\n"
		    "high_ppm 1050000\nn_gaps 0\nn_updates 1");
	cr_assert(eq(int, 0, stat(file(root, "web", "energy_uj"), &st)));
	cr_expect(eq(int, st.st_mode & 07777, 0444));
	cr_assert(eq(int, 0, stat(strcat(strcpy((char[128]){ 0 }, root), "/web"), &st)));
	cr_expect(eq(int, st.st_mode & 07777, GUEST_FOLDER_MODE));
	teardown(root);
}

/* The time between two processes is a gap, and the counter goes on. */
Test(guest, goes_on_where_it_was)
{
	char root[64];

	setup(root);
	cr_assert(eq(int, 0, once(root, "web", 42)));
	cr_assert(eq(int, 0, once(root, "web", 8)));
	expect_text(root, "web", "energy_uj", "50");
	expect_text(root, "web", "share",
		    "version 1\nupdate_ns 1000000000\nquality measured\nlow_ppm 950000\n"
		    "high_ppm 1050000\nn_gaps 1\nn_updates 2");
	/* Near the end of the range, as nobody but an administrator leaves it. */
	put_text(file(root, "web", "energy_uj"), "9223372036854775800\n");
	cr_assert(eq(int, 0, once(root, "web", 10)));
	expect_text(root, "web", "energy_uj", "2");
	teardown(root);
}

Test(guest, leftovers)
{
	static const char *const rubbish[] = {
		"", "-1", "x", "9223372036854775808", "99999999999999999999", "1 2", "0x10"
	};
	char root[64];

	setup(root);
	cr_assert(eq(int, 0, once(root, "web", 42)));
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		unlink(file(root, "web", "energy_uj"));
		put_text(file(root, "web", "energy_uj"), rubbish[i]);
		cr_assert(eq(int, 0, once(root, "web", 7)));
		expect_text(root, "web", "energy_uj", "7");
	}
	/* What was being written when somebody pulled the plug. */
	put_text(file(root, "web", ".new"), "12");
	cr_assert(eq(int, 0, once(root, "web", 7)));
	expect_text(root, "web", "energy_uj", "14");
	teardown(root);
}

/* The folder is shared with write access: what can its guest do with it? */
Test(guest, links_lead_nowhere)
{
	char root[64], path[512], secret[512];

	setup(root);
	snprintf(secret, sizeof(secret), "%s/secret", root);
	put_text(secret, "77");
	cr_assert(eq(int, 0, once(root, "web", 42)));
	snprintf(path, sizeof(path), "%s", file(root, "web", "energy_uj"));
	unlink(path);
	cr_assert(eq(int, 0, symlink(secret, path)));
	cr_assert(eq(int, 0, symlink(secret, file(root, "web", ".new"))));
	cr_assert(eq(int, 0, once(root, "web", 5)));
	expect_text(root, "web", "energy_uj", "5");
	/* a pipe that nobody writes to */
	unlink(path);
	cr_assert(eq(int, 0, mkfifo(path, 0600)));
	cr_assert(eq(int, 0, once(root, "web", 5)));
	expect_text(root, "web", "energy_uj", "5");
	/* folders on the way */
	snprintf(path, sizeof(path), "mv %s/web/sys %s/elsewhere && ln -s %s/elsewhere %s/web/sys",
		 root, root, root, root);
	cr_assert(eq(int, 0, system(path)));
	cr_expect(ne(int, 0, once(root, "web", 5)));
	/* a folder where a file should be */
	snprintf(path, sizeof(path), "rm %s/web/sys && mkdir -p %s/web/" JT_GUEST_ZONE "/share",
		 root, root);
	cr_assert(eq(int, 0, system(path)));
	cr_expect(ne(int, 0, once(root, "web", 5)));
	/* the guest's folder itself */
	snprintf(path, sizeof(path), "%s/linked", root);
	cr_assert(eq(int, 0, symlink("/tmp", path)));
	cr_expect(ne(int, 0, once(root, "linked", 5)));
	cr_assert(eq(int, 0, fs_read_text(NULL, secret + 1, path, sizeof(path), NULL)));
	cr_expect_str_eq(path, "77");
	teardown(root);
}

Test(guest, folders_that_will_not_do)
{
	char root[64], path[128];
	struct guest_dir *d = NULL, *second = NULL;
	struct why why;

	setup(root);
	cr_assert(eq(int, 0, chmod(root, 0775)));
	cr_expect(eq(int, guest_dir_open(root, 0, &d, &why), -EPERM));
	cr_expect(ne(ptr, strstr(why.text, "others may write"), NULL));
	cr_assert(eq(int, 0, chmod(root, 0755)));
	snprintf(path, sizeof(path), "%s/no/where", root);
	cr_expect(eq(int, guest_dir_open(path, 0, &d, &why), -ENOENT));
	snprintf(path, sizeof(path), "%s/file", root);
	put_text(path, "");
	cr_expect(eq(int, guest_dir_open(path, 0, &d, &why), -ENOTDIR));
	/* made where only it is missing; one process at a time */
	snprintf(path, sizeof(path), "%s/new", root);
	cr_assert(eq(int, 0, guest_dir_open(path, 0, &d, &why)));
	cr_expect(eq(int, guest_dir_open(path, 0, &second, &why), -EBUSY));
	guest_dir_free(d);
	cr_expect(eq(int, 0, guest_dir_open(path, 0, &d, &why)));
	guest_dir_free(d);
	teardown(root);
}

Test(guest, no_more_folders_than_that)
{
	CLEANUP(guest_dir_free_ptr) struct guest_dir *d = NULL;
	struct guest_tree *t = NULL;
	struct why why = { "" };
	char root[64], path[128];

	setup(root);
	for (int i = 0; i < GUEST_MAX_FOLDERS - 1; i++) {
		snprintf(path, sizeof(path), "%s/%d", root, i);
		cr_assert(eq(int, 0, mkdir(path, 0700)));
	}
	cr_assert(eq(int, 0, guest_dir_open(root, 0, &d, &why)));
	cr_assert(eq(int, 0, guest_tree_open(d, "last", (gid_t)-1, &t, &why)));
	guest_tree_free(t);
	cr_expect(eq(int, guest_tree_open(d, "one-more", (gid_t)-1, &t, &why), -EDQUOT));
	/* One that has a folder keeps it. */
	cr_assert(eq(int, 0, guest_tree_open(d, "7", (gid_t)-1, &t, &why)));
	guest_tree_free(t);
	teardown(root);
}

Test(guest, names)
{
	static const char *const given[][2] = {
		{ "web", "web" },
		{ "Web_1-a.b", "Web_1-a.b" },
		{ "..", "%2E." },
		{ "../../etc", "%2E.%2F..%2Fetc" },
		{ "a/b", "a%2Fb" },
		{ "a%2Fb", "a%252Fb" },
		{ "\xff\n\033[2J", "%FF%0A%1B%5B2J" },
		{ "\xc3\xa4", "%C3%A4" },
		{ " ", "%20" },
	};
	char name[GUEST_NAME_LEN], longest[GUEST_NAME_LEN + 1];

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		cr_assert(eq(int, 0, guest_name(given[i][0], name)));
		cr_expect_str_eq(name, given[i][1]);
	}
	cr_expect(eq(int, guest_name("", name), -EINVAL));
	memset(longest, 'x', sizeof(longest));
	longest[GUEST_NAME_LEN] = '\0';
	cr_expect(eq(int, guest_name(longest, name), -ENAMETOOLONG));
	longest[GUEST_NAME_LEN - 1] = '\0';
	cr_expect(eq(int, guest_name(longest, name), 0));
	cr_expect(eq(sz, strlen(name), GUEST_NAME_LEN - 1));
	longest[GUEST_NAME_LEN - 2] = '/';
	cr_expect(eq(int, guest_name(longest, name), -ENAMETOOLONG));
}

/* Any bytes: a plain file's name, and no two ids have one. */
Test(guest, property_names)
{
	struct random_source r = { .seed = 5 };
	char id[2][8], name[2][GUEST_NAME_LEN];

	for (int i = 0; i < 20000; i++) {
		for (int k = 0; k < 2; k++) {
			static const char bytes[] = "a.%2F/-\xff";
			size_t len = 1 + random_below(&r, 6);

			for (size_t n = 0; n < len; n++)
				id[k][n] = bytes[random_below(&r, sizeof(bytes) - 1)];
			id[k][len] = '\0';
			cr_assert(eq(int, 0, guest_name(id[k], name[k])));
			cr_assert(eq(ptr, strchr(name[k], '/'), NULL));
			cr_assert(ne(chr, name[k][0], '.'));
		}
		cr_assert(eq(int, !strcmp(id[0], id[1]), !strcmp(name[0], name[1])));
	}
}

/* As the powercap reader undoes it: value + range + 1 - last where it went round. */
Test(guest, property_counts_exactly_over_wraps)
{
	__extension__ typedef unsigned __int128 wide;
	struct random_source r = { .seed = 9 };
	uint64_t value = 0;
	wide truth = 0;

	for (int i = 0; i < 100000; i++) {
		uint64_t step = random_u64(&r) >> random_below(&r, 64), next;

		next = guest_count(value, step);
		truth += step;
		cr_assert(le(u64, next, JT_GUEST_RANGE_UJ));
		cr_assert(eq(u64, next, (uint64_t)(truth % ((wide)JT_GUEST_RANGE_UJ + 1))));
		value = next;
	}
}
