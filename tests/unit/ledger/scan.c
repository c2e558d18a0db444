/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan.c - is exactly one spelling of a record accepted, and is it read as it was written? */
#include "ledger/scan.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static int scan(const char *line, size_t len)
{
	const char *what = NULL;
	size_t at;
	int err = scan_line(line, len, &what, &at);

	cr_assert(err == 0 || (err == -EBADMSG && what && at <= len + 1));
	return err;
}

#define accepted(s) cr_assert(scan(s, sizeof(s) - 1) == 0, "refused: %s", s)
#define refused(s)  cr_assert(scan(s, sizeof(s) - 1) != 0, "accepted: %s", s)

Test(scan, canonical_forms)
{
	accepted("{}");
	accepted("{\"a\":1,\"b\":-1,\"c\":0,\"d\":9007199254740991,\"e\":-9007199254740991}");
	accepted("{\"a\":[],\"a0\":[1,[2,{\"x\":1}]],\"a_\":true,\"b\":false,\"c\":null}");
	accepted("{\"a\":\"\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u0007\\u000b\\u001f/\x7f\xc3\xa9\"}");
	accepted("{\"a\":\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xe2\x80\xa8\"}");
	accepted("{\"a23456789012345678901234567890_2\":1}");
}

Test(scan, names)
{
	refused("{\"a\":1,\"a\":1}");
	refused("{\"b\":1,\"a\":1}");
	refused("{\"aa\":1,\"a\":1}");
	refused("{\"x\":{\"b\":1,\"a\":1}}");
	refused("{\"\":1}");
	refused("{\"A\":1}");
	refused("{\"a-b\":1}");
	refused("{\"\\u0061\":1}");
	refused("{\"a234567890123456789012345678901_3\":1}");
	refused("{\"\xc3\xa9\":1}");
}

Test(scan, white_space_and_framing)
{
	refused("");
	refused("{");
	refused("{\"a\":1} ");
	refused(" {\"a\":1}");
	refused("{ \"a\":1}");
	refused("{\"a\": 1}");
	refused("{\"a\":1 ,\"b\":1}");
	refused("{\"a\":1}\r");
	refused("{\"a\":1}\n");
	refused("{\"a\":1}{}");
	refused("\xef\xbb\xbf{\"a\":1}");
	refused("{\"a\":1}\0");
	refused("{\"a\":1,}");
	refused("{,}");
	refused("{\"a\":[1,]}");
	refused("{\"a\":[,1]}");
	refused("{\"a\"}");
	refused("{\"a\":}");
	refused("{a:1}");
	refused("{'a':1}");
	refused("[]");
	refused("1");
	refused("\"a\"");
	refused("null");
}

Test(scan, numbers)
{
	refused("{\"a\":1.0}");
	refused("{\"a\":1e2}");
	refused("{\"a\":1E2}");
	refused("{\"a\":-0}");
	refused("{\"a\":01}");
	refused("{\"a\":-01}");
	refused("{\"a\":00}");
	refused("{\"a\":+1}");
	refused("{\"a\":-}");
	refused("{\"a\":.5}");
	refused("{\"a\":9007199254740992}");
	refused("{\"a\":9007199254740993}");
	refused("{\"a\":-9007199254740992}");
	refused("{\"a\":99999999999999999999999999999999}");
	refused("{\"a\":NaN}");
	refused("{\"a\":Infinity}");
	refused("{\"a\":0x1}");
	refused("{\"a\":True}");
	refused("{\"a\":nul}");
}

Test(scan, strings)
{
	refused("{\"a\":\"\\/\"}");
	refused("{\"a\":\"\\u0041\"}");
	refused("{\"a\":\"\\u001F\"}");
	refused("{\"a\":\"\\u000A\"}");
	refused("{\"a\":\"\\u000a\"}");
	refused("{\"a\":\"\\u0009\"}");
	refused("{\"a\":\"\\u0008\"}");
	refused("{\"a\":\"\\u0020\"}");
	refused("{\"a\":\"\\u0022\"}");
	refused("{\"a\":\"\\u005c\"}");
	refused("{\"a\":\"\\ud800\"}");
	refused("{\"a\":\"\\ud83d\\ude00\"}");
	refused("{\"a\":\"\\x41\"}");
	refused("{\"a\":\"\\\"}");
	refused("{\"a\":\"\\u00");
	refused("{\"a\":\"\\");
	refused("{\"a\":\"");
	refused("{\"a\":\"\n\"}");
	refused("{\"a\":\"\t\"}");
	refused("{\"a\":\"\0\"}");
	refused("{\"a\":\"\xff\"}");
	refused("{\"a\":\"\xc0\xaf\"}"); /* overlong '/' */
	refused("{\"a\":\"\xe0\x80\xaf\"}");
	refused("{\"a\":\"\xed\xa0\x80\"}"); /* surrogate */
	refused("{\"a\":\"\xf4\x90\x80\x80\"}");
	refused("{\"a\":\"\xc3\"}");
}

Test(scan, limits)
{
	char *line = malloc(SCAN_MAX_LINE + 2);

	accepted("{\"a\":[[[1]]]}");
	refused("{\"a\":[[[[1]]]]}");
	memset(line, 'x', SCAN_MAX_LINE + 1);
	memcpy(line, "{\"a\":\"", 6);
	memcpy(line + SCAN_MAX_LINE - 2, "\"}", 2);
	cr_assert(scan(line, SCAN_MAX_LINE) == 0);
	memcpy(line + SCAN_MAX_LINE - 2, "xx", 2);
	memcpy(line + SCAN_MAX_LINE - 1, "\"}", 2);
	cr_assert(scan(line, SCAN_MAX_LINE + 1) != 0);
	memset(line, '[', SCAN_MAX_LINE);
	memcpy(line, "{\"a\":", 5);
	cr_assert(scan(line, SCAN_MAX_LINE) != 0);
	free(line);
}

Test(scan, fields)
{
	static const char line[] = "{\"a\":{\"b\":[1,\"x,]}\",{\"c\":\"18446744073709551615\"}]},"
				   "\"n\":null,\"s\":\"t\\\"\",\"z\":-12}";
	struct scan_value v, list, e, obj = { line, sizeof(line) - 1 };
	size_t pos = 0;
	uint64_t u;
	int64_t i;

	accepted("{\"a\":{\"b\":[1,\"x,]}\",{\"c\":\"18446744073709551615\"}]},\"n\":null,\"s\":"
		 "\"t\\\"\",\"z\":-12}");
	cr_assert(scan_member(obj, "z", &v) == 0 && scan_i64(v, &i) == 0 && i == -12);
	cr_assert(scan_u64(v, &u) == -EINVAL);
	cr_assert(scan_member(obj, "n", &v) == 0 && scan_is_null(v));
	cr_assert(scan_member(obj, "b", &v) == -ENOENT);
	cr_assert(scan_member(obj, "s", &v) == 0 && scan_text(v, &v) == -EINVAL);
	cr_assert(scan_member(obj, "a", &v) == 0 && scan_member(v, "b", &list) == 0);
	cr_assert(scan_element(list, &pos, &e) && scan_i64(e, &i) == 0 && i == 1);
	cr_assert(scan_element(list, &pos, &e) && scan_is_string(e, "x,]}"));
	cr_assert(scan_element(list, &pos, &e) && scan_member(e, "c", &v) == 0);
	cr_assert(scan_big(v, &u) == 0 && u == UINT64_MAX);
	cr_assert(!scan_element(list, &pos, &e));
	cr_assert(scan_member(e, "c", &(struct scan_value){ 0 }) == 0);
	cr_assert(scan_member(v, "c", &e) == -EINVAL);
}

/* As one look-up after the other. */
Test(scan, several_members_in_one_pass)
{
	static const struct scan_name name[] = { SCAN_NAME_OF("a"),    SCAN_NAME_OF("aa"),
						 SCAN_NAME_OF("b"),    SCAN_NAME_OF("n_x"),
						 SCAN_NAME_OF("name"), SCAN_NAME_OF("z") };
	static const char *const lines[] = {
		"{}",
		"{\"a\":1}",
		"{\"z\":\"\\\\\"}",
		"{\"aa\":\"a\\\"b\",\"ab\":[1,{\"b\":2}],\"b\":{\"z\":3}}",
		"{\"a\":\"\\\\\\\"\",\"n_x\":null,\"name\":[],\"z\":-12}",
		"[1,2]",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct scan_value line = { lines[i], strlen(lines[i]) }, all[6], one;

		scan_several(line, name, 6, all);
		for (size_t k = 0; k < 6; k++) {
			bool there = !scan_member(line, name[k].text, &one);

			cr_assert(there == (all[k].len > 0), "%s: %s", lines[i], name[k].text);
			cr_assert(!there || (one.at == all[k].at && one.len == all[k].len));
		}
	}
}

Test(scan, decimal_strings)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{ "\"0\"", 0 },
		{ "\"12\"", 0 },
		{ "\"\"", -EINVAL },
		{ "\"01\"", -EINVAL },
		{ "\"-1\"", -EINVAL },
		{ "\"+1\"", -EINVAL },
		{ "\"1 \"", -EINVAL },
		{ "12", -EINVAL },
		{ "\"18446744073709551616\"", -ERANGE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scan_value v = { cases[i].text, strlen(cases[i].text) };
		uint64_t u;

		cr_assert(scan_big(v, &u) == cases[i].err, "%s", cases[i].text);
	}
}

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

/* Whatever bytes go in, the writer's line is accepted, and one changed byte never passes silently
 * as another spelling of the same line: it is refused, or it is other content. */
Test(scan, writer_and_scanner_agree)
{
	for (int round = 0; round < 20000; round++) {
		struct buf b = { 0 };
		struct json_writer w;
		char bytes[24];
		size_t len = draw(sizeof(bytes));

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(draw(3) ? draw(128) : draw(256));
		json_begin(&w, &b);
		json_object_begin(&w);
		json_key(&w, "a");
		json_bytes(&w, bytes, len);
		json_kv_i64(&w, "b", (int64_t)draw(1 << 30) - (1 << 29));
		json_kv_big(&w, "c", draw(UINT64_MAX) << draw(60));
		json_object_end(&w);
		cr_assert(scan(b.data, b.len) == 0, "round %d: %s", round, b.data);
		b.data[draw(b.len)] = (char)draw(256);
		scan(b.data, b.len);
		buf_free(&b);
	}
}
