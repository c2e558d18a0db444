/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spaces.c - is what lies at an address what was mapped there last, and what /proc says? */
#include "stacks/spaces.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit/random.h"

#define N_PAGES 64

static struct stacks_table *table;
static struct spaces *spaces;

static void begin(void)
{
	cr_assert_eq(table_new(&table), 0);
	cr_assert_eq(spaces_new(NULL, table, &spaces), 0);
}

static void end(void)
{
	spaces_free(spaces);
	table_free(table);
}

static void map(uint32_t tgid, uint64_t from, uint64_t to, uint64_t offset, const char *path)
{
	struct space_map m = { .begin = from, .end = to, .offset = offset };
	struct source_key k = { .text = path };

	cr_assert_eq(spaces_map(spaces, tgid, m, &k), 0);
}

static const struct space_map *at(uint32_t tgid, uint64_t address)
{
	struct space *sp;

	cr_assert_eq(spaces_find(spaces, tgid, tgid, &sp), 0);
	return space_at(sp, address);
}

/* Against a model that knows every page: 300 mappings over each other, three times. */
Test(stacks_spaces, the_last_mapping_is_what_lies_there, .init = begin, .fini = end)
{
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct random_source r = { .seed = seed };
		uint64_t model[N_PAGES] = { 0 };
		uint32_t tgid = 1U << 30 | (uint32_t)seed;

		cr_assert_eq(spaces_exec(spaces, tgid, "x"), 0);
		for (uint64_t i = 1; i <= 300; i++) {
			uint64_t from = random_below(&r, N_PAGES - 1);
			uint64_t len = 1 + random_below(&r, N_PAGES - from);
			char path[32];

			snprintf(path, sizeof(path), "/f%u", (unsigned int)i);
			map(tgid, from * 4096, (from + len) * 4096, i << 32, path);
			for (uint64_t page = from; page < from + len; page++)
				model[page] = (i << 32) + (page - from) * 4096;
			for (uint64_t page = 0; page < N_PAGES; page++) {
				uint64_t address = page * 4096 + random_below(&r, 4096);
				const struct space_map *m = at(tgid, address);

				cr_assert_eq(m != NULL, model[page] != 0);
				if (m)
					cr_assert_eq(address - m->begin + m->offset,
						     model[page] + address % 4096);
			}
		}
	}
}

Test(stacks_spaces, a_fork_inherits_and_an_exec_forgets, .init = begin, .fini = end)
{
	uint32_t parent = 1U << 30, child = parent + 1;
	struct space *sp;

	cr_assert_eq(spaces_exec(spaces, parent, "parent"), 0);
	map(parent, 4096, 8192, 0, "/bin/x");
	cr_assert_eq(spaces_fork(spaces, child, parent), 0);
	cr_expect(at(child, 5000) != NULL);
	map(parent, 8192, 12288, 0, "/bin/y");
	cr_expect_null(at(child, 9000), "what the parent maps later is its own");
	cr_assert_eq(spaces_find(spaces, child, child, &sp), 0);
	cr_expect_str_eq(sp->comm, "parent");
	spaces_rename(spaces, child, "renamed");
	cr_expect_str_eq(sp->comm, "renamed");
	cr_assert_eq(spaces_exec(spaces, child, "a name that is too long"), 0);
	cr_expect_null(at(child, 5000));
	cr_expect_str_eq(sp->comm, "a name that is ");
	spaces_exit(spaces, parent);
	spaces_exit(spaces, parent);
	cr_expect_null(at(parent, 5000), "nobody: /proc knows it neither");
}

Test(stacks_spaces, of_unknown_processes_nothing_is_kept, .init = begin, .fini = end)
{
	uint32_t tgid = 1U << 30;

	map(tgid, 4096, 8192, 0, "/bin/x");
	cr_expect_null(at(tgid, 5000));
	cr_assert_eq(spaces_fork(spaces, tgid + 1, tgid + 2), 0);
	map(tgid + 1, 4096, 8192, 0, "/bin/x");
	cr_expect_null(at(tgid + 1, 5000), "nor of its child");
	spaces_rename(spaces, tgid + 3, "x");
}

/* Nobody has asked for the parent before, and the child has gone: they had the same. */
Test(stacks_spaces, a_child_that_has_gone_is_as_its_parent, .init = begin, .fini = end)
{
	uint32_t child = 1U << 30, grandchild = child + 1;
	const struct space_map *m;
	struct space *sp;

	cr_assert_eq(spaces_fork(spaces, child, (uint32_t)getpid()), 0);
	cr_assert_eq(spaces_fork(spaces, grandchild, child), 0);
	m = at(grandchild, (uint64_t)(uintptr_t)space_at);
	cr_assert(m != NULL);
	cr_assert_eq(spaces_find(spaces, grandchild, grandchild, &sp), 0);
	cr_expect(sp->comm[0] != 0);
	cr_expect(at(child, (uint64_t)(uintptr_t)space_at) != NULL);
}

Test(stacks_spaces, code_without_a_file, .init = begin, .fini = end)
{
	static const char *const paths[] = {
		"",	     "//anon", "[heap]", "/memfd:jit (deleted)", "anon_inode:[x]",
		"/dev/zero", "[vdso]"
	};
	uint32_t tgid = 1U << 30;

	cr_assert_eq(spaces_exec(spaces, tgid, "x"), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		map(tgid, 4096, 8192, 0, paths[i]);
		cr_expect_eq(at(tgid, 5000)->source, SPACES_NO_FILE, "'%s'", paths[i]);
	}
	map(tgid, UINT64_C(0x7fff00000000), UINT64_C(0x7fff00001000), 0, "[vdso]");
	cr_expect_neq(at(tgid, UINT64_C(0x7fff00000010))->source, SPACES_NO_FILE);
	map(tgid, 8192, 8192, 0, "/bin/empty");
	map(tgid, 8192, 4096, 0, "/bin/backwards");
	cr_expect_null(at(tgid, 8192));
}

Test(stacks_spaces, this_process_is_read_from_proc, .init = begin, .fini = end)
{
	const struct space_map *m;
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	struct space *sp;

	cr_assert(len > 0);
	exe[len] = '\0';
	cr_assert_eq(spaces_find(spaces, (uint32_t)getpid(), (uint32_t)gettid(), &sp), 0);
	m = space_at(sp, (uint64_t)(uintptr_t)space_at);
	cr_assert(m != NULL);
	cr_expect_str_eq(table_get_source(table, m->source)->key.text, exe);
	cr_expect_null(space_at(sp, (uint64_t)(uintptr_t)&len), "the stack is no code");
	cr_expect_null(space_at(sp, 0));
	cr_expect_null(space_at(sp, UINT64_MAX));
}

Test(stacks_spaces, lines_of_proc)
{
	char good[] = "55d0c000-55d0d000 r-xp 00002000 fe:01 4711                /bin/with blank\n";
	char other[][96] = {
		"",
		"\n",
		"55d0c000-55d0d000 r--p 00002000 fe:01 4711 /bin/x",
		"55d0d000-55d0c000 r-xp 00002000 fe:01 4711 /bin/x",
		"55d0c000-55d0c000 r-xp 00002000 fe:01 4711 /bin/x",
		"55d0c000 r-xp 00002000 fe:01 4711 /bin/x",
		"zz-yy r-xp 0 0:0 0",
		"55d0c000-55d0d000 r-xp",
		"55d0c000-55d0d000 r",
	};
	char bare[] = "7f00-7fff rwxp 00000000 00:00 0";
	struct source_key k;
	struct space_map m;

	cr_assert(spaces_parse_line(good, &m, &k));
	cr_expect_eq(m.begin, 0x55d0c000);
	cr_expect_eq(m.end, 0x55d0d000);
	cr_expect_eq(m.offset, 0x2000);
	cr_expect_eq(k.inode, 4711);
	cr_expect_str_eq(k.text, "/bin/with blank");
	cr_assert(spaces_parse_line(bare, &m, &k));
	cr_expect_str_eq(k.text, "");
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		cr_expect(!spaces_parse_line(other[i], &m, &k), "%s", other[i]);
}
