/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.c - is what is JSON taken, what is none refused, and what is in it found? */
#include "client/answer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "unit/random.h"

/* A copy that ends where the text does: a byte read beyond it is found. */
static int check(const char *text, size_t len)
{
	char *copy = malloc(len + (len == 0));
	int err;

	memcpy(copy, text, len);
	err = answer_check(copy, len);
	free(copy);
	return err;
}

static struct answer_value whole(const char *text)
{
	cr_assert_eq(answer_check(text, strlen(text)), 0, "%s", text);
	return (struct answer_value){ text, strlen(text) };
}

static struct answer_value member(const char *text, const char *name)
{
	struct answer_value v = { 0 };

	answer_member(whole(text), name, &v);
	return v;
}

Test(answer, what_is_one_object)
{
	whole("{}");
	whole(" { } \r");
	whole("{\"a\":1}");
	whole("{\"a\" : [ 1 , -0.5e+3 , true, false, null, \"x\" ] , \"b\":{}}");
	whole("{\"\\u00e9\\\"\\\\\\/\":\"\xc3\xa9\"}");
}

Test(answer, what_is_none)
{
	static const char *const none[] = {
		"",
		" ",
		"1",
		"[]",
		"null",
		"{",
		"}",
		"{}}",
		"{} {}",
		"{,}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{\"a\":1 \"b\":2}",
		"{a:1}",
		"{'a':1}",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":.5}",
		"{\"a\":1.}",
		"{\"a\":1e}",
		"{\"a\":-}",
		"{\"a\":tru}",
		"{\"a\":nul}",
		"{\"a\":NaN}",
		"{\"a\":[1,]}",
		"{\"a\":[1}",
		"{\"a\":\"}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\u12\"}",
		"{\"a\":\"\t\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc3\"}",
		"{\"a\":\"\\\"}",
		"{\"a\":1}x",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		cr_expect_eq(check(none[i], strlen(none[i])), -EBADMSG, "%s", none[i]);
	cr_expect_eq(check("{\"a\":\"\0\"}", 9), -EBADMSG);
}

Test(answer, nesting_has_an_end)
{
	char text[512] = "{\"a\":";
	size_t len = 5;

	for (int i = 1; i < ANSWER_MAX_DEPTH; i++)
		text[len++] = '[';
	for (int i = 1; i < ANSWER_MAX_DEPTH; i++)
		text[len++] = ']';
	text[len++] = '}';
	cr_expect_eq(check(text, len), 0);
	text[5] = '[';
	memmove(text + 6, text + 5, len - 5);
	cr_expect_eq(check(text, len + 1), -EBADMSG);
	memset(text + 5, '[', sizeof(text) - 5);
	cr_expect_eq(check(text, sizeof(text)), -EBADMSG);
}

Test(answer, members_and_elements)
{
	const char *text = "{\"x\":null, \"a\":{\"x\":7}, \"l\" : [1, [2] ,\"three\"], \"x\":8}";
	struct answer_value v, name;
	size_t pos = 0, n = 0;
	uint64_t u = 0;

	cr_expect_eq(answer_member(whole(text), "x", &v), -ENOENT, "null is not there");
	cr_expect_eq(answer_member(whole(text), "y", &v), -ENOENT);
	cr_expect_eq(answer_member(member(text, "l"), "x", &v), -ENOENT, "no object");
	cr_expect_eq(answer_member((struct answer_value){ 0 }, "x", &v), -ENOENT);
	cr_assert_eq(answer_member(member(text, "a"), "x", &v), 0);
	cr_expect_eq(answer_u64(v, &u), 0);
	cr_expect_eq(u, 7);
	v = member(text, "l");
	for (struct answer_value e; answer_next(v, &pos, &e); n++)
		cr_expect_eq(e.at[0], "1[\""[n]);
	cr_expect_eq(n, 3);
	for (pos = n = 0; answer_next_member(whole(text), &pos, &name, &v); n++)
		cr_expect_eq(name.at[1], "xalx"[n]);
	cr_expect_eq(n, 4);
	cr_expect_eq(answer_member(whole(" {\"x\":1}"), "x", &v), 0, "space before a line");
	pos = 0;
	cr_expect_not(answer_next(whole("{}"), &pos, &v));
	cr_expect_not(answer_next(member("{\"l\":[]}", "l"), &pos, &v));
	cr_expect_not(answer_next((struct answer_value){ 0 }, &pos, &v));
}

Test(answer, integers)
{
	uint64_t u = 5;
	int64_t i = 5;

	cr_expect_eq(answer_u64(member("{\"a\":9223372036854775807}", "a"), &u), 0);
	cr_expect_eq(u, INT64_MAX);
	cr_expect_eq(answer_i64(member("{\"a\":-42}", "a"), &i), 0);
	cr_expect_eq(i, -42);
	cr_expect_eq(answer_u64(member("{\"a\":9223372036854775808}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64(member("{\"a\":99999999999999999999}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64(member("{\"a\":-1}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64(member("{\"a\":1.0}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64(member("{\"a\":1e3}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64(member("{\"a\":\"1\"}", "a"), &u), -EINVAL);
	cr_expect_eq(answer_u64((struct answer_value){ 0 }, &u), -EINVAL);
	cr_expect_eq(answer_i64((struct answer_value){ 0 }, &i), -EINVAL);
	cr_expect_eq(u, INT64_MAX, "untouched");
}

static void expect_text(const char *json, size_t size, const char *is)
{
	char line[256], text[64];

	snprintf(line, sizeof(line), "{\"a\":%s}", json);
	answer_text(member(line, "a"), text, size);
	cr_expect_str_eq(text, is, "%s", json);
}

Test(answer, text_and_its_escapes)
{
	expect_text("\"plain\"", 64, "plain");
	expect_text("\"\"", 64, "");
	expect_text("7", 64, "");
	expect_text("\"a\\n\\t\\b\\f\\r\\\"\\\\\\/z\"", 64, "a\n\t\b\f\r\"\\/z");
	expect_text("\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", 64,
		    "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	expect_text("\"\\ud83d!\\ude00\"", 64, "\xef\xbf\xbd!\xef\xbf\xbd");
	expect_text("\"ab\\u0000cd\"", 64, "ab");
	expect_text("\"cut here\"", 4, "cut");
	expect_text("\"ab\xc3\xa9\"", 4, "ab");
	expect_text("\"ab\\u20ac\"", 5, "ab");
	expect_text("\"x\"", 1, "");
	cr_expect(answer_is(member("{\"a\":\"yes\"}", "a"), "yes"));
	cr_expect_not(answer_is(member("{\"a\":\"yes\"}", "a"), "ye"));
	cr_expect_not(answer_is((struct answer_value){ 0 }, ""));
	cr_expect(answer_is_true(member("{\"a\":true}", "a")));
	cr_expect_not(answer_is_true(member("{\"a\":false}", "a")));
}

/* What this reader takes and what a well-kept library takes are the same. */
Test(answer, agrees_with_jansson)
{
	static const char *const seeds[] = {
		"{\"id\":1,\"ok\":{\"a\":[1,2,{\"b\":null}],\"t\":\"\\u00e9\\n\"}}",
		"{\"x\":-0.5e-3,\"y\":[true,false],\"z\":{}}",
	};
	static const char bytes[] = "{}[]\",:\\u0123e.-+ tfn\xc3\xa9";
	const struct json_limits limits = { 4096, ANSWER_MAX_DEPTH, 4096 };
	struct random_source r = { .seed = 1 };
	uint64_t n_taken = 0;

	for (int i = 0; i < 50000; i++) {
		char text[128];
		size_t len;
		json_t *json = NULL;
		bool theirs;

		snprintf(text, sizeof(text), "%s", seeds[i % 2]);
		len = strlen(text);
		for (uint64_t n = random_below(&r, 3); n--;)
			text[random_below(&r, len)] = bytes[random_below(&r, sizeof(bytes) - 1)];
		theirs = !json_read_document(text, len, &limits, &json, NULL) &&
			 json_is_object(json);
		json_decref(json);
		/* Halves of pairs and NULs are jansson's to refuse, a name twice is base's. */
		if (theirs)
			cr_expect_eq(check(text, len), 0, "%s", text);
		else if (!strstr(text, "\\u"))
			n_taken += check(text, len) == 0;
	}
	cr_expect_lt(n_taken, 50, "%d of what jansson refuses are names that come twice",
		     (int)n_taken);
}
