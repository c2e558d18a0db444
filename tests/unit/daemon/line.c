/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* line.c - is a struct read back as it was written, and nothing else read at all? */
#include "daemon/line.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/scan.h"
#include "unit/random.h"

struct thing {
	uint64_t u64;
	int64_t i64;
	unsigned int u32;
	int i;
	bool yes;
	double d;
	char text[16];
	const char *string;
	int word;
	uint64_t many[4];
};

static const char *const words[] = { "none", "some", "all" };

static const struct line_field fields[] = {
	{ "a_u64", LINE_U64, offsetof(struct thing, u64), 0, NULL },
	{ "b_i64", LINE_I64, offsetof(struct thing, i64), 0, NULL },
	{ "c_u32", LINE_U32, offsetof(struct thing, u32), 0, NULL },
	{ "d_int", LINE_INT, offsetof(struct thing, i), 0, NULL },
	{ "e_bool", LINE_BOOL, offsetof(struct thing, yes), 0, NULL },
	{ "f_double", LINE_DOUBLE, offsetof(struct thing, d), 0, NULL },
	{ "g_text", LINE_TEXT, offsetof(struct thing, text), 16, NULL },
	{ "m_string", LINE_STRING, offsetof(struct thing, string), 0, NULL },
	{ "w_word", LINE_WORD, offsetof(struct thing, word), 3, words },
	{ "z_many", LINE_U64S, offsetof(struct thing, many), 4, NULL },
};

static const struct line_kind kind = { "thing", fields, sizeof(fields) / sizeof(*fields) };

static int get(const char *line, struct thing *ret, struct line_strings *strings)
{
	struct why why = { "" };
	int err = line_get(line, strlen(line), &kind, ret, strings, &why);

	cr_assert((err != 0) == (why.text[0] != '\0'), "%d: %s", err, why.text);
	return err;
}

static struct thing random_thing(struct random_source *r, char string[32])
{
	struct thing t = {
		.u64 = random_any_size(r),
		.i64 = (int64_t)random_u64(r) >> random_below(r, 64),
		.u32 = (unsigned int)random_any_size(r),
		.i = (int)random_any_size(r),
		.yes = random_below(r, 2),
		.d = random_normal(r) * pow(2, (double)random_below(r, 2000) - 1000),
		.word = (int)random_below(r, 3),
	};

	for (size_t i = 0, n = random_below(r, 17); i < n; i++)
		t.text[i] = (char)(1 + random_below(r, 255));
	memset(string, 0, 32);
	for (size_t i = 0, n = random_below(r, 32); i < n; i++)
		string[i] = (char)(1 + random_below(r, 255));
	t.string = random_below(r, 8) ? string : NULL;
	for (size_t i = 0, n = random_below(r, 5); i < n; i++)
		t.many[i] = random_any_size(r);
	return t;
}

Test(line, reads_what_it_wrote)
{
	struct random_source r = { .seed = 1 };

	for (int n = 0; n < 20000; n++) {
		CLEANUP(buf_free) struct buf text = { 0 };
		struct line_strings strings = { 0 };
		struct thing back = { 0 };
		char string[32];
		struct thing t = random_thing(&r, string);

		line_put(&text, &kind, &t);
		text.data[text.len - 1] = '\0';
		cr_assert(get(text.data, &back, &strings) == 0, "%s", text.data);
		cr_assert((back.string == NULL) == (t.string == NULL));
		cr_assert(!t.string || !strcmp(back.string, t.string));
		cr_assert(back.d == t.d && signbit(back.d) == signbit(t.d));
		cr_assert(back.u64 == t.u64 && back.i64 == t.i64 && back.u32 == t.u32 &&
			  back.i == t.i && back.yes == t.yes && back.word == t.word);
		cr_assert(memcmp(back.text, t.text, sizeof(t.text)) == 0);
		cr_assert(memcmp(back.many, t.many, sizeof(t.many)) == 0);
		line_strings_free(&strings);
	}
}

/* One field of a good line in another form. */
static void refused(const char *from, const char *to)
{
	static const char good[] =
		"{\"a_u64\":\"1\",\"b_i64\":\"-1\",\"c_u32\":2,\"d_int\":-3,\"e_bool\":true,"
		"\"f_double\":\"0x1p-1\",\"g_text\":\"x\",\"k\":\"thing\",\"m_string\":\"y\","
		"\"w_word\":\"some\",\"z_many\":[\"1\",\"2\"]}";
	struct line_strings strings = { 0 };
	const char *at = strstr(good, from);
	struct thing t = { 0 };
	char line[512];

	cr_assert(get(good, &t, &strings) == 0);
	cr_assert(at != NULL);
	snprintf(line, sizeof(line), "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	cr_assert(get(line, &t, &strings) == -EBADMSG, "accepted: %s", line);
	line_strings_free(&strings);
}

Test(line, refuses_other_forms)
{
	refused("\"1\"", "1");
	refused("\"1\"", "\"18446744073709551616\"");
	refused("\"1\"", "\"-1\"");
	refused("\"-1\"", "\"-0\"");
	refused("\"-1\"", "\"+1\"");
	refused("\"-1\"", "\"9223372036854775808\"");
	refused("\"c_u32\":2", "\"c_u32\":-2");
	refused("\"c_u32\":2", "\"c_u32\":4294967296");
	refused("\"d_int\":-3", "\"d_int\":2147483648");
	refused("true", "1");
	refused("true", "\"true\"");
	refused("0x1p-1", "0.5");
	refused("0x1p-1", "0x1.0p-1");
	refused("0x1p-1", "nan");
	refused("0x1p-1", "inf");
	refused("0x1p-1", "0x1p99999");
	refused("\"x\"", "\"x\\u0000y\"");
	refused("\"x\"", "\"12345678901234567\"");
	refused("\"x\"", "null");
	refused("\"x\"", "{\"b64\":\"eA==\"}"); /* "x" is UTF-8 */
	refused("\"x\"", "{\"b64\":\"/w==\",\"c\":1}");
	refused("\"y\"", "\"y\\u0000\"");
	refused("\"y\"", "7");
	refused("some", "few");
	refused("[\"1\",\"2\"]", "[\"1\",\"0\"]");
	refused("[\"1\",\"2\"]", "[\"1\",\"2\",\"3\",\"4\",\"5\"]");
	refused("[\"1\",\"2\"]", "{}");
	refused("\"thing\"", "\"other\"");
	refused(",\"g_text\":\"x\"", "");
	refused("\"k\"", "\"h\":0,\"k\"");
	refused("{", "{ ");
}

Test(line, strings_are_kept_once)
{
	struct line_strings strings = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	struct thing t = { .string = "gap" }, a = { 0 }, b = { 0 };

	line_put(&text, &kind, &t);
	text.data[text.len - 1] = '\0';
	cr_assert(get(text.data, &a, &strings) == 0 && get(text.data, &b, &strings) == 0);
	cr_assert(a.string == b.string && strings.n == 1);
	line_strings_free(&strings);
	line_strings_free(&strings);
}
