/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_read.c - is a stranger's JSON held to its bounds before memory goes into it? */
#include "base/json_read.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static const struct json_limits limits = { .max_bytes = 1000, .max_depth = 4, .max_values = 100 };

static int read_text(const char *text, struct why *why)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;

	return json_read_document(text, strlen(text), &limits, &root, why);
}

Test(json_read, sound_and_unsound)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{ "{}", 0 },
		{ "\xef\xbb\xbf[1]", 0 },
		{ " {\"a\":[1,null,\"]]]]\\\"[\"]} ", 0 },
		{ "[[[[1]]]]", 0 },
		{ "null", 0 },
		{ "[[[[[1]]]]]", -E2BIG },
		{ "", -EBADMSG },
		{ "{\"a\":1", -EBADMSG },
		{ "{\"a\":1}{", -EBADMSG },
		{ "[1] x", -EBADMSG },
		{ "[1,]", -EBADMSG },
		{ "[NaN]", -EBADMSG },
		{ "{\"a\":1,\"a\":2}", -EBADMSG },
		{ "[\"\xff\"]", -EBADMSG },
		{ "\"\\", -EBADMSG },
		{ "<html>", -EBADMSG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = { "" };

		cr_expect_eq(read_text(cases[i].text, &why), cases[i].err, "%s: %s", cases[i].text,
			     why.text);
		cr_expect_eq(cases[i].err == 0, why.text[0] == '\0');
	}
}

Test(json_read, too_large_and_too_many)
{
	char text[1200];
	struct why why;

	memset(text, ' ', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_expect_eq(read_text(text, &why), -E2BIG);
	memset(text, ',', 200);
	text[200] = '\0';
	cr_expect_eq(read_text(text, &why), -E2BIG);
	cr_expect_str_eq(why.text, "more than 100 values");
}
