/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symbols.c - do frames get their names from a child, and honest words where there are none? */
#include "stacks/symbols.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stacks/elf.h"
#include "stacks/files.h"
#include "stacks/spaces.h"

static struct stacks_table *table;

static void begin(void)
{
	cr_assert_eq(table_new(&table), 0);
}

static void end(void)
{
	table_free(table);
}

static uint32_t frame_of(const struct source_key *k, uint64_t at, int fd)
{
	struct stack_place p = { .at = at };
	uint32_t frame;

	cr_assert_eq(table_source(table, k, &p.source), 0);
	cr_assert_eq(table_frame(table, p, &frame), 0);
	if (fd >= 0)
		table_get_source(table, p.source)->fd = fd;
	return frame;
}

static int file_of(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Where a function of this program lies in its file. */
static uint64_t own_offset(void (*function)(struct stacks_table *))
{
	uint64_t address = (uint64_t)(uintptr_t)function;
	const struct space_map *m;
	struct spaces *spaces;
	struct space *sp;

	cr_assert_eq(spaces_new(NULL, table, &spaces), 0);
	cr_assert_eq(spaces_find(spaces, (uint32_t)getpid(), (uint32_t)gettid(), &sp), 0);
	m = space_at(sp, address);
	cr_assert(m != NULL);
	address = address - m->begin + m->offset;
	spaces_free(spaces);
	return address;
}

Test(stacks_symbols, every_kind_of_frame, .init = begin, .fini = end)
{
	struct source_key self = { .kind = SOURCE_ELF, .text = "/bin/self", .inode = 1 };
	struct source_key gone = { .kind = SOURCE_ELF, .text = "/opt/gone.so", .inode = 2 };
	struct source_key odd = { .kind = SOURCE_ELF, .text = "/opt/odd", .inode = 3 };
	struct source_key jit = { .kind = SOURCE_JIT, .text = "", .inode = 4 };
	struct source_key no_map = { .kind = SOURCE_JIT, .text = "", .inode = 5 };
	struct source_key kernel = { .kind = SOURCE_KERNEL, .text = "[kernel]" };
	struct resolved r;
	uint32_t f[9];

	f[0] = frame_of(&self, own_offset(table_free) + 1, open("/proc/self/exe", O_RDONLY));
	f[1] = frame_of(&self, UINT64_C(1) << 40, -1);
	f[2] = frame_of(&gone, 0x123, -1);
	f[3] = frame_of(&odd, 0x456, file_of("#!/bin/sh\nno ELF file\n"));
	f[4] = frame_of(&jit, 0x1008, file_of("1000 10 jit; <b>&\n"));
	f[5] = frame_of(&jit, 0x2000, -1);
	f[6] = frame_of(&no_map, 0x1008, -1);
	f[7] = frame_of(&kernel, 0xffff0008, file_of("ffff0000 T read\nffff0010 T write\n"));
	f[8] = frame_of(&kernel, 0x8, -1);
	cr_assert_eq(symbols_resolve(table, &r), 0);
	cr_assert_eq(r.n, 9);
	cr_expect_str_eq(r.frame[f[0]].name, "table_free");
	cr_expect_eq(r.frame[f[0]].kind, STACK_USER);
	cr_expect_str_eq(r.frame[f[1]].name, "[unknown] self+0x10000000000");
	cr_expect_str_eq(r.frame[f[2]].name, "[unknown] gone.so+0x123");
	cr_expect_str_eq(r.frame[f[3]].name, "[unknown] odd+0x456");
	cr_expect_str_eq(r.frame[f[4]].name, "jit; <b>&");
	cr_expect_eq(r.frame[f[4]].kind, STACK_JIT);
	cr_expect_str_eq(r.frame[f[5]].name, "[unknown] [anon]");
	cr_expect_str_eq(r.frame[f[6]].name, "[unknown] [anon]");
	cr_expect_str_eq(r.frame[f[7]].name, "read");
	cr_expect_eq(r.frame[f[7]].kind, STACK_KERNEL);
	cr_expect_str_eq(r.frame[f[8]].name, "[unknown] [kernel]");
	cr_expect_eq(r.n_unknown, 6);
	cr_expect_eq(r.n_failed_sources, 0);
	resolved_free(&r);
}

Test(stacks_symbols, names_alone_need_no_child, .init = begin, .fini = end)
{
	struct resolved r;
	uint32_t frame;

	cr_assert_eq(symbols_resolve(table, &r), 0);
	cr_expect_eq(r.n, 0);
	resolved_free(&r);
	cr_assert_eq(table_text(table, STACK_NOTE, "[idle]", &frame), 0);
	cr_assert_eq(symbols_resolve(table, &r), 0);
	cr_assert_eq(r.n, 1);
	cr_expect_str_eq(r.frame[0].name, "[idle]");
	cr_expect_eq(r.frame[0].kind, STACK_NOTE);
	resolved_free(&r);
}

/* Another program under the same path: its names would be lies. */
Test(stacks_symbols, another_build_is_not_asked, .init = begin, .fini = end)
{
	struct source_key k = { .kind = SOURCE_ELF, .text = "/x", .id_len = 20, .id = { 1 } };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), none = file_of("text");
	struct elf_names *e;

	cr_expect_eq(elf_names_new(fd, &k, &e), -ESTALE);
	cr_expect_eq(elf_names_new(none, &k, &e), -EBADMSG);
	close(fd);
	close(none);
}

/* Opened while the process lives, by what is mapped; and only what is a regular file. */
Test(stacks_symbols, files_are_opened_with_care, .init = begin, .fini = end)
{
	struct source self = { .key = { .kind = SOURCE_ELF, .text = "/nonexistent" }, .fd = -1 };
	struct source device = { .key = { .kind = SOURCE_ELF, .text = "/dev/null" }, .fd = -1 };
	struct source none = { .key = { .kind = SOURCE_ELF, .text = "/nonexistent" }, .fd = -1 };
	struct source other = { .key = { .kind = SOURCE_ELF, .text = "/bin/sh", .inode = 1 },
				.fd = -1 };
	struct files f = { .root = "" };
	struct spaces *spaces;
	struct space *sp;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(spaces_new(NULL, table, &spaces), 0);
	cr_assert_eq(spaces_find(spaces, (uint32_t)getpid(), (uint32_t)gettid(), &sp), 0);
	files_open_mapped(&f, &self, (uint32_t)getpid(),
			  space_at(sp, (uint64_t)(uintptr_t)table_free));
	cr_expect_geq(self.fd, 0, "its path is not needed");
	cr_expect(self.exact);
	files_open_mapped(&f, &device, (uint32_t)getpid(), &(struct space_map){ 1, 2, 0, 0 });
	cr_expect_lt(device.fd, 0);
	files_open_mapped(&f, &none, (uint32_t)getpid(), &(struct space_map){ 1, 2, 0, 0 });
	cr_expect_lt(none.fd, 0);
	files_open_mapped(&f, &other, (uint32_t)getpid(), &(struct space_map){ 1, 2, 0, 0 });
	cr_expect_lt(other.fd, 0, "another inode than was mapped");
	close(self.fd);
	spaces_free(spaces);
}

static void write_perf_map(const char *path, uid_t uid)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "w");
	cr_assert(f != NULL);
	fputs("1000 10 x\n", f);
	cr_assert_eq(fchown(fileno(f), uid, 0), 0);
	fclose(f);
}

Test(stacks_symbols, perf_maps_of_others_are_not_read, .init = begin, .fini = end)
{
	struct source s = { .key = { .kind = SOURCE_JIT, .text = "" }, .fd = -1 };
	struct files f = { .root = "" };
	char path[64];

	if (geteuid() != 0)
		cr_skip_test("needs root");
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	unlink(path);
	files_open_perf_map(&f, &s, (uint32_t)getpid());
	cr_expect_lt(s.fd, 0, "not there");
	write_perf_map(path, 12345);
	files_open_perf_map(&f, &s, (uint32_t)getpid());
	cr_expect_lt(s.fd, 0, "another user's");
	unlink(path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	files_open_perf_map(&f, &s, (uint32_t)getpid());
	cr_expect_lt(s.fd, 0, "a pipe");
	unlink(path);
	cr_assert_eq(symlink("/proc/self/mem", path), 0);
	files_open_perf_map(&f, &s, (uint32_t)getpid());
	cr_expect_lt(s.fd, 0, "a link into /proc");
	write_perf_map(path, 0);
	files_open_perf_map(&f, &s, (uint32_t)getpid());
	cr_expect_geq(s.fd, 0);
	unlink(path);
	close(s.fd);
}
