/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fs.c - tests of base/fs.h: paths below a root, trimming, numbers, CPU lists. */
#include "base/fs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"

/* A directory of its own for each test, with one file "f". */
static void make_file(char *dir, const void *data, size_t len)
{
	CLEANUP(fclose_ptr) FILE *f = NULL;
	char path[64];

	memcpy(dir, "/tmp/jouletrail-fs-XXXXXX", sizeof("/tmp/jouletrail-fs-XXXXXX"));
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(data, 1, len, f), len);
}

static void remove_dir(const char *dir)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/f", dir);
	unlink(path);
	cr_assert_eq(rmdir(dir), 0);
}

Test(fs, path_joins_root_and_path)
{
	char p[16];

	cr_assert_eq(fs_path(NULL, "sys/x", p, sizeof(p)), 0);
	cr_assert_str_eq(p, "/sys/x");
	cr_assert_eq(fs_path("", "sys/x", p, sizeof(p)), 0);
	cr_assert_str_eq(p, "/sys/x");
	cr_assert_eq(fs_path("/r", "sys/x", p, sizeof(p)), 0);
	cr_assert_str_eq(p, "/r/sys/x");
	cr_assert_eq(fs_path("/0123456789", "abc", p, sizeof(p)), 0);
	cr_assert_eq(fs_path("/0123456789", "abcd", p, sizeof(p)), -ENAMETOOLONG);
}

Test(fs, text_is_trimmed_at_its_end_only)
{
	char dir[32], text[32];
	size_t len;

	make_file(dir, " a b \t\n\n", 8);
	cr_assert_eq(fs_read_text(dir, "f", text, sizeof(text), &len), 0);
	cr_assert_str_eq(text, " a b");
	cr_assert_eq(len, 4);
	cr_assert_eq(fs_read_text(dir, "f", text, sizeof(text), NULL), 0);
	remove_dir(dir);
}

Test(fs, text_beyond_the_buffer_is_cut)
{
	char dir[32], text[5];
	size_t len;

	make_file(dir, "123456789", 9);
	cr_assert_eq(fs_read_text(dir, "f", text, sizeof(text), &len), 0);
	cr_assert_str_eq(text, "1234");
	cr_assert_eq(len, 4);
	remove_dir(dir);
}

Test(fs, counters_are_read_again_from_their_begin)
{
	char dir[32], text[32], path[64];
	CLEANUP(cleanup_close) int fd = -1;

	make_file(dir, "41\n", 3);
	snprintf(path, sizeof(path), "%s/f", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pread_text(fd, text, sizeof(text), NULL), 0);
	cr_assert_str_eq(text, "41");
	cr_assert_eq(pwrite(fd, "42", 2, 0), 2);
	cr_assert_eq(fs_pread_text(fd, text, sizeof(text), NULL), 0);
	cr_assert_str_eq(text, "42");
	remove_dir(dir);
}

Test(fs, missing_file_and_directory_say_so)
{
	char text[8] = "same";
	uint64_t v = 7;

	cr_assert_eq(fs_read_text("/nonexistent", "f", text, sizeof(text), NULL), -ENOENT);
	cr_assert_str_eq(text, "same");
	cr_assert_eq(fs_read_text("/", "tmp", text, sizeof(text), NULL), -EISDIR);
	cr_assert_eq(fs_read_u64("/nonexistent", "f", &v), -ENOENT);
	cr_assert_eq(v, 7);
}

Test(fs, u64_table)
{
	static const struct {
		const char *text;
		int err;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "00042", 0, 42 },
		{ " 7\n", 0, 7 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "  ", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1 2", -EINVAL, 0 },
		{ "12a", -EINVAL, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 12345;

		cr_expect_eq(fs_parse_u64(rows[i].text, &v), rows[i].err, "\"%s\"", rows[i].text);
		cr_expect_eq(v, rows[i].err ? 12345 : rows[i].value, "\"%s\": %" PRIu64,
			     rows[i].text, v);
	}
}

Test(fs, a_nul_inside_a_counter_is_no_number)
{
	char dir[32];
	uint64_t v = 7;

	make_file(dir,
		  "12\0"
		  "34\n",
		  6);
	cr_assert_eq(fs_read_u64(dir, "f", &v), -EINVAL);
	cr_assert_eq(v, 7);
	remove_dir(dir);
}

static void list_cpu(unsigned int cpu, void *arg)
{
	buf_printf(arg, "%u ", cpu);
}

Test(fs, cpulist_table)
{
	static const struct {
		const char *text;
		const char *cpus; /* NULL: -EINVAL */
	} rows[] = {
		{ "", "" },
		{ "0", "0 " },
		{ "0-3", "0 1 2 3 " },
		{ "0,2", "0 2 " },
		{ "0-1,8,10-11", "0 1 8 10 11 " },
		{ "65535", "65535 " },
		{ "65536", NULL },
		{ "3-1", NULL },
		{ "-1", NULL },
		{ "1-", NULL },
		{ "a", NULL },
		{ "1;2", NULL },
		{ "1,,2", NULL },
		{ " 1", NULL },
		{ "99999999999999999999", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(buf_free) struct buf b = { 0 };
		int err;

		buf_puts(&b, "");
		err = fs_parse_cpulist(rows[i].text, list_cpu, &b);
		cr_expect_eq(err, rows[i].cpus ? 0 : -EINVAL, "\"%s\": %d", rows[i].text, err);
		if (rows[i].cpus)
			cr_expect_str_eq(b.data, rows[i].cpus, "\"%s\"", rows[i].text);
	}
}
