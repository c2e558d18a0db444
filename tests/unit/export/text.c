/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text.c - is text from strangers harmless on a terminal, and are columns kept? */
#include "export/text.h"

#include <criterion/criterion.h>

#include "base/cleanup.h"
#include "base/json.h"

static void expect_escaped(const char *s, size_t max, const char *want)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	buf_puts(&out, "");
	text_put_escaped(&out, s, max);
	cr_expect_str_eq(out.data, want);
}

Test(text, escapes_what_a_terminal_obeys)
{
	expect_escaped("plain µ ü 漢", 0, "plain µ ü 漢");
	expect_escaped("\x1b[2J", 0, "\\x1b[2J");
	expect_escaped("a\nb\tc\x7f", 0, "a\\x0ab\\x09c\\x7f");
	expect_escaped("\xc2\x9b"
		       "31m",
		       0, "\\xc2\\x9b31m");
	expect_escaped("\xff\xc3", 0, "\\xff\\xc3");
	expect_escaped("\xc0\xaf\xed\xa0\x80", 0, "\\xc0\\xaf\\xed\\xa0\\x80");
	expect_escaped("a\xe2\x80\xae"
		       "b",
		       0, "a\\xe2\\x80\\xaeb");
	expect_escaped("\xf0\x9f\x98\x80!", 0, "\xf0\x9f\x98\x80!");
	expect_escaped("dev\\x2d1", 0, "dev\\x2d1");
}

Test(text, cuts_at_columns)
{
	expect_escaped("abcdef", 6, "abcdef");
	expect_escaped("abcdefg", 6, "abcde…");
	expect_escaped("äöüäöü", 6, "äöüäöü");
	expect_escaped("äöüäöüä", 6, "äöüäö…");
	expect_escaped("abc\x1b", 6, "abc…");
	expect_escaped("ab\x1b", 6, "ab\\x1b");
	expect_escaped("ab\x1b"
		       "c",
		       6, "ab…");
	expect_escaped("\x1b", 3, "…");
}

static void expect_end(const char *s, size_t max, const char *want)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	text_put_escaped_end(&out, s, max);
	cr_expect_str_eq(out.data, want);
}

Test(text, keeps_the_end_of_a_path)
{
	expect_end("/a/bcd", 6, "/a/bcd");
	expect_end("/a/bcde", 6, "…/bcde");
	expect_end("/öäüöäü", 6, "…äüöäü");
	expect_end("/aaaaaa\x1b", 6, "…a\\x1b");
}

/* Property: whatever bytes come in, what goes out is printable UTF-8 and within its columns. */
Test(text, any_bytes)
{
	uint64_t x = 88172645463325252;

	for (int i = 0; i < 20000; i++) {
		CLEANUP(buf_free) struct buf out = { 0 };
		char s[24];
		size_t max = (size_t)i % 20;

		for (size_t k = 0; k < sizeof(s) - 1; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			s[k] = (char)(x >> 20);
		}
		s[sizeof(s) - 1] = '\0';
		buf_puts(&out, "");
		text_put_escaped(&out, s, max);
		cr_assert(json_utf8_valid(out.data, out.len), "case %d", i);
		cr_assert(!max || text_columns(&out, 0) <= max, "case %d", i);
		for (size_t k = 0; k < out.len; k++)
			cr_assert((unsigned char)out.data[k] >= 0x20 && out.data[k] != 0x7f,
				  "case %d", i);
	}
}

Test(text, folds_at_80)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	text_put_folded(&out, "one  two");
	cr_expect_str_eq(out.data, " one two\n");
	buf_reset(&out);
	for (int i = 0; i < 20; i++)
		buf_puts(&out, "12345678 ");
	{
		CLEANUP(buf_free) struct buf folded = { 0 };

		text_put_folded(&folded, out.data);
		cr_expect_eq(strcspn(folded.data, "\n"), 72);
	}
	buf_reset(&out);
	text_put_hanging(&out, "one that is\nlonger than fits", 66);
	cr_expect_str_eq(out.data,
			 "one that is\n"
			 "                                                                "
			 "  longer than\n"
			 "                                                                "
			 "  fits\n");
}

Test(text, times)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} row[] = {
		{ 0, "0.0 µs" },	  { 4100, "4.1 µs" },	     { 994999, "994.9 µs" },
		{ 995000, "1.00 ms" },	  { 12304000, "12.30 ms" },  { 999499999, "999.50 ms" },
		{ 999500000, "1.000 s" }, { 2300600000, "2.301 s" }, { 3600000000000, "3600.000 s" }
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		CLEANUP(buf_free) struct buf out = { 0 };

		text_put_time(&out, row[i].ns);
		cr_expect_str_eq(out.data, row[i].text);
	}
}
