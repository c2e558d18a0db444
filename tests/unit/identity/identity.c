/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* identity.c - which name does each kind of consumer get? */
#include "identity/identity.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

DEFINE_CLEANUP(struct identity *, identity_free)

/* DIR/sys/fs/cgroup with both hierarchies of a hybrid host, one group each. */
struct fixture {
	char root[64];
	uint64_t v2_id;
	uint64_t v1_id;
};

static uint64_t make(const char *root, const char *path, bool is_file)
{
	char full[FS_PATH_LEN];
	struct stat st;

	cr_assert(eq(int, 0, fs_path(root, path, full, sizeof(full))));
	if (is_file) {
		FILE *f = fopen(full, "w");

		cr_assert(f != NULL);
		fclose(f);
	} else {
		cr_assert(eq(int, 0, mkdir(full, 0755)));
	}
	cr_assert(eq(int, 0, stat(full, &st)));
	return st.st_ino;
}

static void setup_fixture(struct fixture *ret)
{
	snprintf(ret->root, sizeof(ret->root), "/tmp/jouletrail-unit-XXXXXX");
	cr_assert(mkdtemp(ret->root) != NULL);
	make(ret->root, "sys", false);
	make(ret->root, "sys/fs", false);
	make(ret->root, "sys/fs/cgroup", false);
	make(ret->root, "sys/fs/cgroup/unified", false);
	make(ret->root, "sys/fs/cgroup/unified/cgroup.controllers", true);
	ret->v2_id = make(ret->root, "sys/fs/cgroup/unified/two", false);
	make(ret->root, "sys/fs/cgroup/cpu", false);
	make(ret->root, "sys/fs/cgroup/cpu/cgroup.procs", true);
	ret->v1_id = make(ret->root, "sys/fs/cgroup/cpu/one", false);
}

static void remove_fixture(const struct fixture *f)
{
	static const char *const path[] = {
		"sys/fs/cgroup/cpu/one",
		"sys/fs/cgroup/cpu/cgroup.procs",
		"sys/fs/cgroup/cpu",
		"sys/fs/cgroup/unified/two",
		"sys/fs/cgroup/unified/cgroup.controllers",
		"sys/fs/cgroup/unified",
		"sys/fs/cgroup",
		"sys/fs",
		"sys",
		"",
	};

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		char full[FS_PATH_LEN];

		fs_path(f->root, path[i], full, sizeof(full));
		remove(full);
	}
}

Test(identity, names_of_every_kind)
{
	CLEANUP(identity_free_ptr) struct identity *id = NULL;
	struct fixture f;
	struct tick *t = calloc(1, sizeof(*t));

	setup_fixture(&f);
	cr_assert(eq(int, 0, identity_new(&(struct identity_options){ .root = f.root }, &id)));
	struct sample s[] = {
		{ .kind = RECORD_PROCESS, .tgid = 7, .comm = "stress", .cgroup_id = f.v2_id },
		{ .kind = RECORD_PROCESS,
		  .tgid = 8,
		  .comm = "worker",
		  .cgroup_id = f.v1_id,
		  .flags = JT_CELL_V1_CGRP },
		{ .kind = RECORD_PROCESS,
		  .tgid = 2,
		  .comm = "kworker/0:1",
		  .flags = JT_CELL_KTHREAD },
		{ .kind = RECORD_PROCESS, .flags = JT_CELL_OVERFLOW, .comm = "last one" },
		{ .kind = RECORD_CGROUP, .cgroup_id = f.v1_id, .flags = JT_CELL_V1_CGRP },
		{ .kind = RECORD_CGROUP, .cgroup_id = f.v2_id, .flags = JT_CELL_OVERFLOW },
		{ .kind = RECORD_CGROUP, .flags = JT_CELL_OVERFLOW },
		{ .kind = RECORD_CGROUP, .cgroup_id = UINT64_MAX },
		{ .kind = RECORD_PROCESS, .tgid = 9 },
	};
	static const char *const name[] = { "stress",	  "worker", "kworker/0:1",
					    "(overflow)", "/one",   "/two",
					    "(overflow)", NULL,	    NULL };
	static const char *const cgroup[] = { "/two", "/one", NULL, NULL, "/one",
					      "/two", NULL,   NULL, NULL };

	t->sample = s;
	t->n_samples = sizeof(s) / sizeof(s[0]);
	cr_assert(eq(int, 0, identity_run(id, t)));
	for (size_t i = 0; i < t->n_samples; i++) {
		cr_expect(name[i] ? s[i].name && !strcmp(s[i].name, name[i]) : !s[i].name,
			  "name of sample %zu is %s", i, s[i].name);
		cr_expect(cgroup[i] ? s[i].cgroup && !strcmp(s[i].cgroup, cgroup[i]) : !s[i].cgroup,
			  "cgroup of sample %zu is %s", i, s[i].cgroup);
	}
	remove_fixture(&f);
	free(t);
}

/* Rows that are no tasks are consumers by any word. */
Test(identity, interrupts_and_what_is_reserved)
{
	static const struct {
		enum record_kind by;
		const char *irq, *reserved, *cgroup;
	} wanted[] = {
		{ RECORD_PROCESS, "(interrupts)", "(reserved)", "/two" },
		{ RECORD_THREAD, "(interrupts)", "(reserved)", "/two" },
		{ RECORD_CGROUP, "(interrupts)", "/two", "/two" },
		{ RECORD_COMM, "(interrupts)", "(reserved)", NULL },
		{ RECORD_USER, "(interrupts)", "(reserved)", NULL },
		{ RECORD_UNIT, "(interrupts)", "(none)", NULL },
	};
	struct fixture f;

	setup_fixture(&f);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		CLEANUP(identity_free_ptr) struct identity *id = NULL;
		struct identity_options o = { .root = f.root, .by = wanted[i].by };
		struct usage_row row[] = { { .flags = USAGE_ROW_IRQ, .comm = "irq" },
					   { .flags = USAGE_ROW_RESERVED, .cgroup_id = f.v2_id } };
		const struct usage u = { .n_rows = 2, .rows = row };
		struct tick *t = calloc(1, sizeof(*t));
		struct sample s[2];

		cr_assert(eq(int, 0, identity_new(&o, &id)));
		cr_assert(eq(int, 0, identity_group(id, &u)));
		for (size_t k = 0; k < 2; k++)
			s[k] = (struct sample){ .kind = o.by,
						.flags = row[k].flags,
						.group = row[k].group,
						.cgroup_id = row[k].cgroup_id };
		t->sample = s;
		t->n_samples = 2;
		cr_assert(eq(int, 0, identity_run(id, t)));
		cr_expect_str_eq(s[0].name, wanted[i].irq);
		cr_expect(s[0].cgroup == NULL);
		cr_expect_str_eq(s[1].name, wanted[i].reserved);
		cr_expect(wanted[i].cgroup ? s[1].cgroup && !strcmp(s[1].cgroup, wanted[i].cgroup)
					   : !s[1].cgroup);
		free(t);
	}
	remove_fixture(&f);
}

/* A comm of 16 bytes without a NUL is no reason to read on. */
Test(identity, comm_without_end)
{
	CLEANUP(identity_free_ptr) struct identity *id = NULL;
	struct tick *t = calloc(1, sizeof(*t));
	struct sample s = { .kind = RECORD_PROCESS, .tgid = 1 };

	memset(s.comm, 'x', sizeof(s.comm));
	t->sample = &s;
	t->n_samples = 1;
	cr_assert(eq(int, 0,
		     identity_new(&(struct identity_options){ .root = "/nonexistent" }, &id)));
	cr_assert(eq(int, 0, identity_run(id, t)));
	cr_expect(eq(sz, strlen(s.name), JT_COMM_LEN - 1));
	free(t);
}

Test(identity, own_machine)
{
	CLEANUP(identity_free_ptr) struct identity *id = NULL;
	struct tick *t = calloc(1, sizeof(*t));

	cr_assert(eq(int, 0, identity_new(&(struct identity_options){ 0 }, &id)));
	cr_expect(eq(int, 0, identity_run(id, t)));
	free(t);
}
