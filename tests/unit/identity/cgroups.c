/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cgroups.c - do ids of real cgroups give their paths, by handle, by walk and from memory? */
#include "identity/cgroups.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(struct cgroups *, cgroups_free)

static struct mounts found;

/* A cgroup of our own in hierarchy h; removed by leave(). path is what is expected of it. */
struct group {
	char dir[FS_PATH_LEN + 128];
	char path[FS_PATH_LEN + 128];
	uint64_t id;
};

/* Skips the test where this host or this user has no such hierarchy. */
static void enter(enum mounts_hierarchy h, const char *suffix, struct group *ret)
{
	struct stat st;

	cr_assert(eq(int, 0, mounts_find(NULL, &found)));
	if (!found.entry[h].point[0])
		cr_skip_test("%s is not mounted here", h == MOUNTS_V2 ? "cgroup v2" : "v1 cpu");
	if (geteuid() != 0)
		cr_skip_test("making cgroups needs root");
	snprintf(ret->path, sizeof(ret->path), "%s/jouletrail-unit-%d%s", found.entry[h].prefix,
		 getpid(), suffix);
	snprintf(ret->dir, sizeof(ret->dir), "%s/jouletrail-unit-%d%s", found.entry[h].point,
		 getpid(), suffix);
	if (mkdir(ret->dir, 0755))
		cr_skip_test("cannot make %s: %m", ret->dir);
	cr_assert(eq(int, 0, stat(ret->dir, &st)));
	ret->id = st.st_ino;
}

static void leave(const struct group *g)
{
	cr_assert(eq(int, 0, rmdir(g->dir)), "%s", g->dir);
}

static void check_hierarchy(enum mounts_hierarchy h, bool handles)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = NULL;
	struct group g;
	struct stat st;

	enter(h, "", &g);
	cr_assert(eq(int, 0, cgroups_new(&found, handles, false, &c)));
	cgroups_begin(c);
	cr_expect_str_eq(cgroups_path(c, h, g.id), g.path);
	cr_assert(eq(int, 0, stat(found.entry[h].point, &st)));
	cr_expect_str_eq(cgroups_path(c, h, st.st_ino),
			 found.entry[h].prefix[0] ? found.entry[h].prefix : "/");
	leave(&g);
	/* Remembered after it is gone, without asking again. */
	for (int i = 0; i < 3; i++) {
		cgroups_begin(c);
		cr_expect_str_eq(cgroups_path(c, h, g.id), g.path);
	}
	cr_expect(eq(u64, cgroups_stats(c).n_handles, handles ? 2 : 0));
	cr_expect(eq(u64, cgroups_stats(c).n_walks, handles ? 0 : 1));
}

Test(cgroups, v2_by_handle)
{
	check_hierarchy(MOUNTS_V2, true);
}

Test(cgroups, v2_by_walk)
{
	check_hierarchy(MOUNTS_V2, false);
}

Test(cgroups, v1_by_handle)
{
	check_hierarchy(MOUNTS_V1_CPU, true);
}

Test(cgroups, v1_by_walk)
{
	check_hierarchy(MOUNTS_V1_CPU, false);
}

static void check_gone(bool handles)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = NULL;
	struct group g;

	enter(MOUNTS_V2, " gone", &g);
	leave(&g);
	cr_assert(eq(int, 0, cgroups_new(&found, handles, false, &c)));
	for (int i = 0; i < 3; i++) {
		cgroups_begin(c);
		cr_expect(eq(ptr, (void *)cgroups_path(c, MOUNTS_V2, g.id), NULL));
		cr_expect(eq(ptr, (void *)cgroups_path(c, MOUNTS_V2, UINT64_MAX), NULL));
		cr_expect(eq(ptr, (void *)cgroups_path(c, MOUNTS_V2, 0), NULL));
	}
	cr_expect(eq(u64, cgroups_stats(c).n_handles, handles ? 2 : 0));
	cr_expect(eq(u64, cgroups_stats(c).n_walks, handles ? 0 : 1));
}

Test(cgroups, gone_is_remembered_too)
{
	check_gone(true);
}

Test(cgroups, gone_is_remembered_after_a_walk)
{
	check_gone(false);
}

/* The kernel marks removed directories so; a live group of that name keeps it. */
Test(cgroups, a_live_group_named_deleted)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = NULL;
	struct group g;

	enter(MOUNTS_V2, " (deleted)", &g);
	cr_assert(eq(int, 0, cgroups_new(&found, true, false, &c)));
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, g.id), g.path);
	leave(&g);
}

Test(cgroups, no_hierarchy_is_no_path)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = NULL;
	struct mounts none = { 0 };

	cr_assert(eq(int, 0, cgroups_new(&none, true, false, &c)));
	cr_expect(eq(ptr, (void *)cgroups_path(c, MOUNTS_V2, 1), NULL));
}

/* A tree of plain directories: inode numbers are the ids. Also the bound of what is kept. */
Test(cgroups, fixture_tree_is_walked_and_what_is_kept_is_bounded)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = NULL;
	char dir[] = "/tmp/jouletrail-unit-XXXXXX", path[FS_PATH_LEN];
	struct mounts m = { 0 };
	struct stat st;

	cr_assert(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/a", dir);
	cr_assert(eq(int, 0, mkdir(path, 0755)));
	snprintf(path, sizeof(path), "%s/a/b", dir);
	cr_assert(eq(int, 0, mkdir(path, 0755)));
	cr_assert(eq(int, 0, stat(path, &st)));
	snprintf(m.entry[MOUNTS_V2].point, sizeof(m.entry[0].point), "%s", dir);
	cr_assert(eq(int, 0, cgroups_new(&m, false, false, &c)));
	cgroups_begin(c);
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, st.st_ino), "/a/b");
	for (uint64_t i = 1; i <= CGROUPS_MAX_KEPT; i++)
		cgroups_path(c, MOUNTS_V2, UINT64_MAX - i);
	cr_expect(ge(sz, cgroups_stats(c).n_kept, CGROUPS_MAX_KEPT));
	cr_expect(eq(u64, cgroups_stats(c).n_walks, 1));
	for (int i = 0; i < 3; i++)
		cgroups_begin(c);
	cr_expect(eq(sz, cgroups_stats(c).n_kept, 0));
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, st.st_ino), "/a/b");
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", dir);
	rmdir(path);
	rmdir(dir);
}

/* ---- what the kernel side tells ------------------------------------------------------------ */

static struct cgroups *told(bool keep)
{
	struct mounts none = { 0 };
	struct cgroups *c = NULL;

	cr_assert(eq(int, 0, cgroups_new(&none, true, keep, &c)));
	cgroups_begin(c);
	return c;
}

static void make(struct cgroups *c, uint64_t id, uint64_t parent_id, const char *name)
{
	struct jt_name n = { .id = id, .parent_id = parent_id, .len = (uint32_t)strlen(name) };

	/* Not a string: what lies behind the name is not its. */
	cgroups_made(c, MOUNTS_V2, &n, name);
}

Test(cgroups, told_names_make_paths)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = told(false);
	struct jt_name renamed = { .id = 20, .parent_id = 10, .len = 3 };

	make(c, 10, 0, "top");
	make(c, 20, 10, "\xff\"{[\033[2J");
	make(c, 30, 20, "leaf");
	make(c, 31, 20, "leaf2");
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, 10), CGROUPS_UNSEEN "/top");
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, 30),
			 CGROUPS_UNSEEN "/top/\xff\"{[\033[2J/leaf");
	*cgroups_group(c, MOUNTS_V2, 30) = 7;
	/* v1 is another hierarchy with ids of its own. */
	cr_expect(eq(ptr, (void *)cgroups_path(c, MOUNTS_V1_CPU, 30), NULL));
	cgroups_renamed(c, MOUNTS_V2, &renamed, "newer");
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, 20), CGROUPS_UNSEEN "/top/new");
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, 30), CGROUPS_UNSEEN "/top/new/leaf");
	cr_expect_str_eq(cgroups_path(c, MOUNTS_V2, 31), CGROUPS_UNSEEN "/top/new/leaf2");
	cr_expect(eq(u64, *cgroups_group(c, MOUNTS_V2, 30), 0));
}

Test(cgroups, removed_ones_are_named_until_two_ticks_did_not_ask)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = told(false);

	make(c, 10, 0, "short");
	cgroups_removed(c, MOUNTS_V2, 10);
	for (int i = 0; i < 5; i++) {
		cgroups_begin(c);
		cr_assert_str_eq(cgroups_path(c, MOUNTS_V2, 10), CGROUPS_UNSEEN "/short");
	}
	for (int i = 0; i < 3; i++)
		cgroups_begin(c);
	cr_expect(eq(sz, cgroups_stats(c).n_kept, 0));
	cr_expect(eq(u64, cgroups_stats(c).n_forgotten, 0));
}

/* 100,000 cgroups that come, are asked for once and go. */
Test(cgroups, churn_is_bounded)
{
	CLEANUP(cgroups_free_ptr) struct cgroups *c = told(false);
	CLEANUP(cgroups_free_ptr) struct cgroups *k = told(true);
	size_t most = 0;

	for (uint64_t id = 1; id <= 100000; id++) {
		make(c, id, 0, "docker-3f1c.scope");
		make(k, id, 0, "docker-3f1c.scope");
		cr_assert(cgroups_path(c, MOUNTS_V2, id) != NULL);
		cgroups_removed(c, MOUNTS_V2, id);
		cgroups_removed(k, MOUNTS_V2, id);
		if (id % 170)
			continue;
		cgroups_begin(c);
		cgroups_begin(k);
		most = cgroups_stats(c).n_kept > most ? cgroups_stats(c).n_kept : most;
	}
	cr_expect(le(sz, most, 4 * 170));
	cr_expect(eq(u64, cgroups_stats(c).n_forgotten, 0));
	/* Kept for a total there are as many as there is room for; the rest is counted. */
	cr_expect(le(sz, cgroups_stats(k).n_kept, CGROUPS_MAX_KEPT + 170));
	cr_expect(eq(u64, cgroups_stats(k).n_forgotten + cgroups_stats(k).n_kept, 100000));
}
