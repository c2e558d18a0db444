/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exposition.c - is what is written read back, and what is none refused where it stands? */
#include "expo/exposition.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/random.h"

static int read_first(const char *text, struct exposition_sample *ret)
{
	struct exposition e = { .rest = { text, strlen(text) } };

	return exposition_next(&e, ret);
}

Test(exposition, samples)
{
	static const struct {
		const char *text;
		const char *name;
		const char *labels;
		double value;
	} cases[] = {
		{ "a 1\n", "a", "", 1 },
		{ "a:b_9 -1.25\n", "a:b_9", "", -1.25 },
		{ "# HELP a b\n# TYPE a gauge\n#\na 0.000001\n", "a", "", 0.000001 },
		{ "a{b=\"\"} 18446744073.709551615\n", "a", "b=\"\"", 18446744073.709551615 },
		{ "a{b=\"c,}\\\"\\\\\\n\",d=\"e\"} 2\n", "a", "b=\"c,}\\\"\\\\\\n\",d=\"e\"", 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exposition_sample s;

		cr_assert_eq(read_first(cases[i].text, &s), 1, "%s", cases[i].text);
		cr_expect(exposition_is(s.name, cases[i].name));
		cr_expect(exposition_is(s.labels, cases[i].labels), "%s", cases[i].text);
		cr_expect_eq(s.value, cases[i].value);
	}
}

Test(exposition, what_is_none_is_refused)
{
	static const char *const cases[] = {
		"\n",
		"a\n",
		"a 1",
		"a 1\r\n",
		"a  1\n",
		" a 1\n",
		"a 1 2\n",
		"9a 1\n",
		"a{} 1\n",
		"a{b} 1\n",
		"a{b=c} 1\n",
		"a{b=\"c} 1\n",
		"a{b=\"c\"  } 1\n",
		"a{b=\"c\",} 1\n",
		"a{b=\"\\t\"} 1\n",
		"a{b=\"\\\n",
		"a{b=\"c\"\n",
		"a{b:c=\"d\"} 1\n",
		"a NaN\n",
		"a +Inf\n",
		"a 1e5\n",
		"a 0x10\n",
		"a .5\n",
		"a 1.\n",
		"a 1.2.3\n",
		"a -\n",
		"a --1\n",
		"a 1111111111111111111111111\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exposition_sample s;

		cr_expect_eq(read_first(cases[i], &s), -EINVAL, "'%s'", cases[i]);
	}
}

Test(exposition, the_line_is_said)
{
	static const char text[] = "# a\na 1\nb 2\nc\n";
	struct exposition e = { .rest = { text, sizeof(text) - 1 } };
	struct exposition_sample s;

	cr_expect_eq(exposition_next(&e, &s), 1);
	cr_expect_eq(e.line, 2);
	cr_expect_eq(exposition_next(&e, &s), 1);
	cr_expect_eq(exposition_next(&e, &s), -EINVAL);
	cr_expect_eq(e.line, 4);
	e = (struct exposition){ .rest = { "", 0 } };
	cr_expect_eq(exposition_next(&e, &s), 0);
}

Test(exposition, too_many_labels)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct exposition_sample s;

	for (int n = EXPOSITION_MAX_LABELS; n <= EXPOSITION_MAX_LABELS + 1; n++) {
		buf_reset(&text);
		buf_puts(&text, "a{");
		for (int i = 0; i < n; i++)
			buf_printf(&text, "%sl%d=\"\"", i ? "," : "", i);
		buf_puts(&text, "} 1\n");
		cr_expect_eq(read_first(text.data, &s), n > EXPOSITION_MAX_LABELS ? -EINVAL : 1);
	}
}

Test(exposition, values_of_labels)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct exposition_sample s;

	cr_assert_eq(read_first("a{b=\"1\",bc=\"x\\\\y\\\"\\n\",d=\"\"} 1\n", &s), 1);
	cr_expect(exposition_label_value(s.labels, "bc", &out));
	cr_expect_str_eq(out.data, "x\\y\"\n");
	cr_expect_not(exposition_label_value(s.labels, "c", &out));
	cr_expect_not(exposition_label_value((struct exposition_text){ NULL, 0 }, "c", &out));
	cr_expect_eq(out.len, 5);
	cr_expect(exposition_label_value(s.labels, "d", &out));
	cr_expect_eq(out.len, 5, "an empty one is there, too");
}

/* Any bytes, in memory of their size for the sanitizer: read to an end, one way or the other. */
Test(exposition, any_text_is_read)
{
	static const char alphabet[] = "ab_:{}=\",\\n 019.-#\n\n\"=\"";
	struct random_source r = { .seed = 11 };

	for (int k = 0; k < 30000; k++) {
		size_t len = random_below(&r, 60);
		char *text = malloc(len ? len : 1);
		struct exposition e = { .rest = { text, len } };
		struct exposition_sample s;

		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[random_below(&r, sizeof(alphabet) - 1)];
		while (exposition_next(&e, &s) > 0)
			cr_assert(s.name.data >= text && s.labels.len < len);
		free(text);
	}
}
