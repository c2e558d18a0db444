/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* prefixes.c - is every directory above others found once, with all that lies below it? */
#include "base/prefixes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static int write_down(const char *path, size_t len, const size_t *index, size_t n, void *arg)
{
	struct buf *out = arg;

	buf_printf(out, "%.*s:", (int)len, path);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%zu", index[i]);
	buf_putc(out, ' ');
	return 0;
}

static void check(const char *const *path, size_t n, const char *wanted)
{
	struct buf out = { 0 };

	cr_assert_eq(prefixes_each(path, n, write_down, &out), 0);
	cr_expect_str_eq(out.data ? out.data : "", wanted);
	buf_free(&out);
}

#define CHECK(wanted, ...)                                             \
	do {                                                           \
		const char *const path[] = { __VA_ARGS__ };            \
		check(path, sizeof(path) / sizeof(path[0]), (wanted)); \
	} while (0)

Test(prefixes, directories_above_others)
{
	CHECK("", "/");
	CHECK("/:0 ", "/a");
	CHECK("/:012 ", "/", "/a", "/b");
	CHECK("/:012 /a:012 ", "/a/b", "/a", "/a/c");
	CHECK("/:01 /a:01 /a/b:01 ", "/a/b/c", "/a/b/d");
	/* A name that begins like another is no directory above it. */
	CHECK("/:012 /a:02 ", "/a/x", "/ab", "/a");
	CHECK("/:2 ", NULL, "(unseen)/x", "/x");
	CHECK("/:01 ", "/same", "/same");
}

static int refuse(const char *path, size_t len, const size_t *index, size_t n, void *arg)
{
	(void)path, (void)len, (void)index, (void)n;
	return ++*(int *)arg == 2 ? -EIO : 0;
}

Test(prefixes, an_error_ends_it)
{
	static const char *const path[] = { "/a/b/c/d" };
	int n_calls = 0;

	cr_expect_eq(prefixes_each(path, 1, refuse, &n_calls), -EIO);
	cr_expect_eq(n_calls, 2);
	cr_expect_eq(prefixes_each(path, 0, refuse, &n_calls), 0);
}
