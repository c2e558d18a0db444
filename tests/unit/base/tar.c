/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tar.c - is an archive made of whole blocks whose sums are right, and named by nobody? */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/tar.h"

static unsigned int sum_of(const char *head)
{
	unsigned int sum = 0;

	/* The sum's own field counts as blanks. */
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	return sum;
}

Test(tar, files_are_whole_blocks)
{
	struct buf out = { 0 }, data = { 0 }, none = { 0 };

	buf_puts(&data, "one line\n");
	cr_assert(tar_add(&out, "a.txt", &data, 1) == 0 && out.len == 1024);
	cr_assert(tar_add(&out, "empty", &none, 0) == 0 && out.len == 1536);
	tar_end(&out);
	cr_assert(out.len == 2560);
	for (size_t at = 0; at <= 1024; at += 1024) {
		const char *head = out.data + at;

		cr_assert(!memcmp(head + 257, "ustar\00000", 8));
		cr_assert(strtoul(head + 148, NULL, 8) == sum_of(head));
		cr_assert(!head[265] && !head[297], "no user and no group");
	}
	cr_assert(strtoul(out.data + 124, NULL, 8) == 9 && !strcmp(out.data, "a.txt"));
	cr_assert(!memcmp(out.data + 512, "one line\n\0", 10));
	buf_free(&out);
	buf_free(&data);
}

Test(tar, a_file_of_exactly_a_block_has_no_other)
{
	struct buf out = { 0 }, data = { 0 };

	for (int i = 0; i < 512; i++)
		buf_putc(&data, 'x');
	cr_assert(tar_add(&out, "b", &data, 0) == 0 && out.len == 1024);
	buf_free(&out);
	buf_free(&data);
}

Test(tar, what_cannot_be)
{
	struct buf out = { 0 }, bad = { .err = -ENOMEM }, data = { 0 };
	char name[101];

	memset(name, 'n', 100);
	name[100] = '\0';
	cr_assert(tar_add(&out, name, &data, 0) == -ENAMETOOLONG);
	cr_assert(tar_add(&out, "x", &bad, 0) == -ENOMEM && out.len == 0);
	cr_assert(tar_gzip(&bad, &out) == -ENOMEM && out.len == 0);
	buf_free(&out);
}

Test(tar, gzip_gives_back_what_it_got)
{
	struct buf plain = { 0 }, packed = { 0 };
	z_stream z = { 0 };
	char *back;

	for (int i = 0; i < 100000; i++)
		buf_printf(&plain, "%d\n", i * 7919 % 1000);
	cr_assert(tar_gzip(&plain, &packed) == 0 && packed.len < plain.len / 2);
	back = malloc(plain.len + 1);
	cr_assert(inflateInit2(&z, 15 + 16) == Z_OK);
	z.next_in = (Bytef *)packed.data;
	z.avail_in = (uInt)packed.len;
	z.next_out = (Bytef *)back;
	z.avail_out = (uInt)plain.len + 1;
	cr_assert(inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == plain.len);
	cr_assert(!memcmp(back, plain.data, plain.len));
	inflateEnd(&z);
	free(back);
	buf_free(&plain);
	buf_free(&packed);
}
