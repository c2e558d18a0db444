/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buf.c - tests of base/buf.h: contents, growth, the sticky error. */
#include "base/buf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

Test(buf, appends_and_terminates)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_puts(&b, "ab");
	buf_putc(&b, '\0');
	buf_append(&b, "cd", 2);
	buf_printf(&b, "%d-%s", 7, "x");
	cr_assert_eq(b.err, 0);
	cr_assert_eq(b.len, 8);
	cr_assert_eq(memcmp(b.data, "ab\0cd7-x", 9), 0);
}

Test(buf, empty_append_still_terminates)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_append(&b, NULL, 0);
	cr_assert_eq(b.err, 0);
	cr_assert_eq(b.len, 0);
	cr_assert_str_eq(b.data, "");
}

/* Every length across several doublings of the capacity keeps all that went before. */
Test(buf, grows_without_loss)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	for (unsigned int i = 0; i < 5000; i++)
		buf_putc(&b, (char)('a' + i % 26));
	cr_assert_eq(b.len, 5000);
	for (unsigned int i = 0; i < 5000; i++)
		cr_assert_eq(b.data[i], (char)('a' + i % 26), "byte %u", i);
}

Test(buf, printf_longer_than_the_room_left)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_printf(&b, "%0*d", 3000, 1);
	cr_assert_eq(b.len, 3000);
	cr_assert_eq(b.data[2999], '1');
	cr_assert_eq(strspn(b.data, "0"), 2999);
}

Test(buf, u64_as_printf_writes_it)
{
	static const uint64_t values[] = { 0, 1, 9, 10, 99, 100, UINT32_MAX, UINT64_MAX };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		CLEANUP(buf_free) struct buf b = { 0 };
		char want[32];

		buf_put_u64(&b, values[i]);
		snprintf(want, sizeof(want), "%" PRIu64, values[i]);
		cr_assert_str_eq(b.data, want);
	}
}

Test(buf, error_sticks_until_reset)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_puts(&b, "kept");
	buf_append(&b, "x", SIZE_MAX / 2);
	cr_assert_eq(b.err, -EOVERFLOW);
	buf_puts(&b, "ignored");
	buf_printf(&b, "ignored");
	cr_assert_str_eq(b.data, "kept");
	cr_assert_eq(b.err, -EOVERFLOW);
	buf_reset(&b);
	cr_assert_eq(b.err, 0);
	cr_assert_str_eq(b.data, "");
	buf_puts(&b, "again");
	cr_assert_str_eq(b.data, "again");
}

Test(buf, free_leaves_a_usable_buf)
{
	struct buf b = { 0 };

	buf_puts(&b, "one");
	buf_free(&b);
	cr_assert_null(b.data);
	cr_assert_eq(b.capacity, 0);
	buf_puts(&b, "two");
	cr_assert_str_eq(b.data, "two");
	buf_free(&b);
	buf_free(&b);
}
