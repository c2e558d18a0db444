/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json.c - tests of base/json.h: layout, RFC 8785 escapes, bytes that are no UTF-8. */
#include "base/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* What json_bytes() writes for len bytes at s. */
static void bytes_to_text(const char *s, size_t len, char *ret, size_t size)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct json_writer w;

	json_begin(&w, &b);
	json_bytes(&w, s, len);
	cr_assert_eq(b.err, 0);
	cr_assert_lt(b.len, size);
	memcpy(ret, b.data, b.len + 1);
}

Test(json, nested_layout_is_compact)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct json_writer w;

	json_begin(&w, &b);
	json_object_begin(&w);
	json_key(&w, "a");
	json_array_begin(&w);
	json_array_end(&w);
	json_key(&w, "b");
	json_array_begin(&w);
	json_object_begin(&w);
	json_object_end(&w);
	json_u64(&w, 1);
	json_array_begin(&w);
	json_bool(&w, true);
	json_bool(&w, false);
	json_put_null(&w);
	json_array_end(&w);
	json_array_end(&w);
	json_kv_str(&w, "c", "x");
	json_kv_str(&w, "d", NULL);
	json_kv_bytes(&w, "e", NULL);
	json_kv_bytes(&w, "f", "y");
	json_kv_bool(&w, "g", true);
	json_object_end(&w);
	cr_assert_str_eq(b.data, "{\"a\":[],\"b\":[{},1,[true,false,null]],\"c\":\"x\",\"d\":null,"
				 "\"e\":null,\"f\":\"y\",\"g\":true}");
}

Test(json, numbers)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct json_writer w;

	json_begin(&w, &b);
	json_object_begin(&w);
	json_kv_u64(&w, "max", UINT64_MAX);
	json_kv_i64(&w, "least", INT64_MIN);
	json_kv_i64(&w, "minus", -1);
	json_kv_i64(&w, "zero", 0);
	json_kv_big(&w, "big", UINT64_MAX);
	json_object_end(&w);
	cr_assert_str_eq(b.data, "{\"max\":18446744073709551615,\"least\":-9223372036854775808,"
				 "\"minus\":-1,\"zero\":0,\"big\":\"18446744073709551615\"}");
}

/* RFC 8785 3.2.2.2: five short escapes, quote and backslash; \u00xx in lower case; else as is. */
Test(json, every_ascii_character)
{
	for (unsigned int c = 0; c < 0x80; c++) {
		static const char escapes[] = "\bb\tt\nn\ff\rr\"\"\\\\";
		char in = (char)c, want[16], got[16];
		const char *at = c ? strchr(escapes, (int)c) : NULL;

		/* The letters of the short escapes stand for themselves. */
		if (at && (at - escapes) % 2 == 0)
			snprintf(want, sizeof(want), "\"\\%c\"", at[1]);
		else if (c < 0x20)
			snprintf(want, sizeof(want), "\"\\u%04x\"", c);
		else
			snprintf(want, sizeof(want), "\"%c\"", c);
		bytes_to_text(&in, 1, got, sizeof(got));
		cr_expect_str_eq(got, want, "character 0x%02x: %s, want %s", c, got, want);
	}
}

Test(json, escapes_inside_a_string)
{
	char got[64];

	bytes_to_text("a\"\n\\b\x01\x7f/\xc3\xa9\xf0\x9f\x98\x80", 14, got, sizeof(got));
	cr_assert_str_eq(got, "\"a\\\"\\n\\\\b\\u0001\x7f/\xc3\xa9\xf0\x9f\x98\x80\"");
}

Test(json, names_are_escaped_too)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	struct json_writer w;

	json_begin(&w, &b);
	json_object_begin(&w);
	json_kv_u64(&w, "a\"b", 1);
	json_object_end(&w);
	cr_assert_str_eq(b.data, "{\"a\\\"b\":1}");
}

Test(json, bytes_that_are_no_utf8_become_base64)
{
	char got[64];

	bytes_to_text("\xff", 1, got, sizeof(got));
	cr_expect_str_eq(got, "{\"b64\":\"/w==\"}");
	bytes_to_text("a\xff", 2, got, sizeof(got));
	cr_expect_str_eq(got, "{\"b64\":\"Yf8=\"}");
	bytes_to_text("\xff\xfe\xfd", 3, got, sizeof(got));
	cr_expect_str_eq(got, "{\"b64\":\"//79\"}");
	bytes_to_text("\0\xff", 2, got, sizeof(got));
	cr_expect_str_eq(got, "{\"b64\":\"AP8=\"}");
}

Test(json, no_bytes_at_all)
{
	char got[8];

	bytes_to_text("", 0, got, sizeof(got));
	cr_expect_str_eq(got, "\"\"");
	bytes_to_text(NULL, 0, got, sizeof(got));
	cr_expect_str_eq(got, "null");
}

/* The boundaries of Unicode 15, table 3-7. */
Test(json, utf8_table)
{
	static const struct {
		const char *bytes;
		bool valid;
	} rows[] = {
		{ "", true },
		{ "\x7f", true },
		{ "\x80", false }, /* a continuation alone */
		{ "\xbf", false },
		{ "\xc0\x80", false }, /* overlong NUL */
		{ "\xc1\xbf", false }, /* overlong 0x7f */
		{ "\xc2\x80", true },
		{ "\xc2", false },
		{ "\xc2\x7f", false },
		{ "\xc2\xc0", false },
		{ "\xdf\xbf", true },
		{ "\xe0\x9f\xbf", false }, /* overlong U+07FF */
		{ "\xe0\xa0\x80", true },
		{ "\xe1\x80", false },
		{ "\xe1\x80\x7f", false },
		{ "\xed\x9f\xbf", true },
		{ "\xed\xa0\x80", false }, /* surrogate U+D800 */
		{ "\xed\xbf\xbf", false }, /* surrogate U+DFFF */
		{ "\xee\x80\x80", true },
		{ "\xef\xbf\xbf", true },
		{ "\xf0\x8f\xbf\xbf", false }, /* overlong U+FFFF */
		{ "\xf0\x90\x80\x80", true },
		{ "\xf0\x90\x80", false },
		{ "\xf4\x8f\xbf\xbf", true },  /* U+10FFFF */
		{ "\xf4\x90\x80\x80", false }, /* U+110000 */
		{ "\xf5\x80\x80\x80", false },
		{ "\xff", false },
		{ "ok\xc3\xa9ok", true },
		{ "ok\xc3ok", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(json_utf8_valid(rows[i].bytes, strlen(rows[i].bytes)), rows[i].valid,
			     "row %zu", i);
	cr_expect(json_utf8_valid("a\0b", 3), "NUL is a character");
}

/* Every code point, encoded by its definition, is valid exactly when it is no surrogate. */
Test(json, utf8_of_every_code_point)
{
	for (uint32_t c = 0x800; c <= 0x10ffff; c++) {
		char s[4];
		size_t n = 0;

		if (c >= 0x10000) {
			s[n++] = (char)(0xf0 | c >> 18);
			s[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		} else {
			s[n++] = (char)(0xe0 | c >> 12);
		}
		s[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		s[n++] = (char)(0x80 | (c & 0x3f));
		if (json_utf8_valid(s, n) == (c >= 0xd800 && c <= 0xdfff))
			cr_assert_fail("U+%04X", c);
	}
}
