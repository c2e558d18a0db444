/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* processes.c - what is known of a process, by the kernel's word, its parent's and /proc's? */
#include "identity/processes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/procfs.h"
#include "jouletrail/units.h"
#include "unit/identity/told.h"

DEFINE_CLEANUP(struct processes *, processes_free)

/* No /proc below it: what is known is what was told. */
static struct processes *blind(bool keep)
{
	struct processes *p = NULL;

	cr_assert(eq(int, 0, processes_new("/nonexistent", keep, true, &p)));
	processes_begin(p);
	return p;
}

Test(processes, a_process_that_is_gone_has_its_names)
{
	CLEANUP(processes_free_ptr) struct processes *p = blind(false);
	struct buf ancestors = { 0 };
	const struct process *e;

	see(p, 10, 100, 0, "init");
	see(p, 20, 200, 10, "make");
	see(p, 30, 300, 20, "cc1");
	HEAR(p, JT_NAME_EXEC, 30, 300, "/usr/bin/cc1");
	HEAR(p, JT_NAME_CMDLINE, 30, 300, "cc1\0-O2\0a \"\xff\n.c\0");
	e = processes_get(p, 30, 300);
	cr_assert(e != NULL);
	cr_expect_str_eq(e->exe, "/usr/bin/cc1");
	cr_expect_str_eq(e->cmdline, "cc1 -O2 a \"\xff\n.c");
	processes_put_ancestors(p, e, &ancestors);
	cr_expect_str_eq(ancestors.data, "make(20) init(10)");
	buf_free(&ancestors);
}

/* An id that is used again: whoever had it when the child was started is the parent. */
Test(processes, parents_by_time)
{
	CLEANUP(processes_free_ptr) struct processes *p = blind(false);
	struct buf ancestors = { 0 };

	see(p, 20, 100, 0, "old");
	see(p, 20, 500, 0, "new");
	see(p, 30, 300, 20, "child");
	processes_put_ancestors(p, processes_get(p, 30, 300), &ancestors);
	cr_expect_str_eq(ancestors.data, "old(20)");
	buf_free(&ancestors);
}

Test(processes, a_fork_executes_what_its_parent_does)
{
	CLEANUP(processes_free_ptr) struct processes *p = blind(false);

	see(p, 20, 200, 0, "nginx");
	HEAR(p, JT_NAME_EXEC, 20, 200, "/usr/sbin/nginx");
	see(p, 21, 210, 20, "nginx");
	see(p, 22, 220, 20, "renamed");
	cr_expect_str_eq(processes_get(p, 21, 210)->exe, "/usr/sbin/nginx");
	/* It may have called exec, untold. */
	cr_expect(eq(ptr, processes_get(p, 22, 220)->exe, NULL));
}

Test(processes, a_circle_of_parents_ends)
{
	CLEANUP(processes_free_ptr) struct processes *p = blind(false);
	struct buf ancestors = { 0 };

	see(p, 1, 100, 2, "one");
	see(p, 2, 100, 1, "two");
	processes_put_ancestors(p, processes_get(p, 1, 100), &ancestors);
	cr_expect(not(ancestors.err));
	buf_free(&ancestors);
}

Test(processes, churn_is_bounded)
{
	CLEANUP(processes_free_ptr) struct processes *p = blind(false);
	CLEANUP(processes_free_ptr) struct processes *k = blind(true);

	for (uint32_t i = 1; i <= 200000; i++) {
		see(p, i, i, 1, "short");
		see(k, i, i, 1, "short");
		if (i % 1000)
			continue;
		processes_begin(p);
		processes_begin(k);
	}
	cr_expect(le(sz, processes_n(p), PROCESSES_KEPT + 2000));
	cr_expect(le(sz, processes_n(k), PROCESSES_MAX + 2000));
	cr_expect(eq(u64, processes_n_forgotten(k) + processes_n(k), 200000));
	cr_expect(eq(u64, processes_n_forgotten(p), 0));
}

Test(processes, proc_knows_who_lives)
{
	CLEANUP(processes_free_ptr) struct processes *p = NULL;
	struct procfs_process me;
	const struct process *e;
	char exe[256] = "";

	cr_assert(eq(int, 0, procfs_read(NULL, (uint32_t)getpid(), true, &me)));
	cr_assert(eq(int, 0, processes_new(NULL, false, true, &p)));
	e = processes_get(p, (uint32_t)getpid(), me.start_boottime_ns + 7);
	cr_assert(e && e->exe && e->cmdline);
	cr_assert(gt(i64, readlink("/proc/self/exe", exe, sizeof(exe) - 1), 0));
	cr_expect_str_eq(e->exe, exe);
	cr_expect(eq(u32, e->parent_tgid, (uint32_t)getppid()));
	/* The same id at another time is another process. */
	e = processes_get(p, (uint32_t)getpid(), me.start_boottime_ns + 50 * JT_NS_PER_MS);
	cr_expect(eq(ptr, e->exe, NULL));
	procfs_release(&me);
}

Test(processes, stat_of_any_comm)
{
	static const char rest[] = " S 812 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 99";
	static const struct {
		const char *head;
		const char *comm;
	} given[] = { { "7 (sh)", "sh" },
		      { "7 (a) S 9 (b)", "a) S 9 (b" },
		      { "7 ()", "" },
		      { "7 (\n\xff\033[2J)", "\n\xff\033[2J" },
		      { "7 (longer than any comm)", "longer than any" } };
	struct procfs_process p;
	char text[256];

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++) {
		snprintf(text, sizeof(text), "%s%s", given[i].head, rest);
		cr_assert(eq(int, 0, procfs_parse_stat(text, &p)), "%s", text);
		cr_expect_str_eq(p.comm, given[i].comm);
		cr_expect(eq(u32, p.parent_tgid, 812));
		cr_expect(eq(u64, p.start_boottime_ns, 42420 * JT_NS_PER_MS));
	}
	cr_expect(ne(int, 0, procfs_parse_stat("7 (sh) S 812", &p)));
	cr_expect(ne(int, 0, procfs_parse_stat(")(", &p)));
	cr_expect(ne(int, 0, procfs_parse_stat("", &p)));
}
