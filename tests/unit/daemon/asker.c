/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* asker.c - a resolver that answers, one that hangs, one that ends: is nobody kept waiting? */
#include "daemon/asker.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "jouletrail/units.h"

/* Where the program is looked for first: beside our own. */
static char beside[FS_PATH_LEN];
static char root[] = "/tmp/jouletrail-unit-XXXXXX";
static struct identity *names;
static struct asker *asker;

static void make(const char *path)
{
	char full[FS_PATH_LEN];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	cr_assert(eq(int, 0, mkdir(full, 0755)));
}

/* A container of the fixture's v2 hierarchy; ids are inode numbers. */
#define N_CONTAINERS 1004

static uint64_t container[N_CONTAINERS];

static void make_containers(void)
{
	for (unsigned int i = 0; i < N_CONTAINERS; i++) {
		char path[128], full[256];
		struct stat st;

		snprintf(path, sizeof(path), "sys/fs/cgroup/docker-%064x.scope", i);
		make(path);
		snprintf(full, sizeof(full), "%s/%s", root, path);
		cr_assert(eq(int, 0, stat(full, &st)));
		container[i] = st.st_ino;
	}
}

static void setup(void)
{
	char own[FS_PATH_LEN] = "", controllers[128];
	const struct identity_options o = { .root = root, .by = RECORD_CONTAINER, .lookups = true };

	cr_assert(gt(i64, readlink("/proc/self/exe", own, sizeof(own) - 1), 0));
	snprintf(beside, sizeof(beside), "%s/jouletrail-resolver", dirname(own));
	cr_assert_not_null(mkdtemp(root));
	make("sys");
	make("sys/fs");
	make("sys/fs/cgroup");
	snprintf(controllers, sizeof(controllers), "%s/sys/fs/cgroup/cgroup.controllers", root);
	fclose(fopen(controllers, "w"));
	make_containers();
	cr_assert(eq(int, 0, identity_new(&o, &names)));
}

static void teardown(void)
{
	char command[128];

	asker_free(asker);
	identity_free(names);
	unlink(beside);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert(eq(int, system(command), 0));
}

TestSuite(asker, .init = setup, .fini = teardown);

static void start(const char *script)
{
	const struct asker_options o = { .identity = names };
	struct why why = { "" };
	FILE *f = fopen(beside, "w");

	cr_assert_not_null(f);
	fputs(script, f);
	fclose(f);
	cr_assert(eq(int, 0, chmod(beside, 0755)));
	cr_assert(eq(int, 0, asker_new(&o, &asker, &why)), "%s", why.text);
}

static void see_container(unsigned int i)
{
	struct usage_row row = { .tgid = 1, .cgroup_id = container[i] };
	struct usage u = { .rows = &row, .n_rows = 1 };

	cr_assert(eq(int, 0, identity_group(names, &u)));
}

static bool is_asked(void)
{
	struct lookup_question q;

	return identity_next_question(names, &q);
}

static void hangs(void)
{
	start("#!/bin/sh\nexec sleep 600\n");
	for (unsigned int i = 0; i < 1000; i++)
		see_container(i);
	/* Of a thousand questions as many are on their way as there is room for. */
	asker_exchange(asker, 1);
	asker_exchange(asker, ASKER_TIMEOUT_NS);
	cr_expect(is_asked());
	/* It is ended then, and nothing is asked for a minute; then one more is started. */
	asker_exchange(asker, ASKER_TIMEOUT_NS + 2);
	while (is_asked())
		;
	see_container(1001);
	asker_exchange(asker, ASKER_TIMEOUT_NS + 3);
	cr_expect(is_asked(), "its question is still to be asked");
	see_container(1002);
	asker_exchange(asker, ASKER_TIMEOUT_NS + 3 + 61 * JT_NS_PER_S);
	cr_expect(not(is_asked()), "it was sent");
}

static void ends(void)
{
	start("#!/bin/sh\nexit 0\n");
	see_container(1000);
	/* Until it has ended, at the latest: no time limit. */
	asker_finish(asker, 600 * JT_NS_PER_S);
	see_container(1003);
	asker_exchange(asker, clock_mono_ns());
	cr_expect(is_asked());
}

static void is_missing(void)
{
	const struct asker_options o = { .identity = names };
	struct why why = { "" };

	unlink(beside);
	/* One that is installed is as good. */
	if (!access("/usr/local/libexec/jouletrail/jouletrail-resolver", X_OK))
		return;
	cr_expect(eq(int, asker_new(&o, &asker, &why), -ENOENT));
	cr_expect_not_null(strstr(why.text, "jouletrail-resolver"));
}

/* They share the place beside our own program: one after the other. */
Test(asker, nobody_is_kept_waiting)
{
	hangs();
	asker_free(asker);
	asker = NULL;
	ends();
	is_missing();
}
