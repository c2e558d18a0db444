/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* html.c - can a name get out of the text that it is put in, and do times read as they should? */
#include <criterion/criterion.h>
#include <string.h>

#include "export/html.h"
#include "jouletrail/units.h"
#include "unit/random.h"

static const char *put(const char *s)
{
	static struct buf out;

	buf_reset(&out);
	html_put(&out, s, 0);
	return out.len ? out.data : "";
}

Test(html, names_have_no_meaning)
{
	cr_assert_str_eq(put("<script>alert('a&\"b')</script>"),
			 "&lt;script&gt;alert(&#39;a&amp;&quot;b&#39;)&lt;/script&gt;");
	cr_assert_str_eq(put("a\x1b[31m\xff\n"), "a\\x1b[31m\\xff\\x0a");
	cr_assert_str_eq(put("caf\xc3\xa9"), "caf\xc3\xa9");
	cr_assert_str_eq(put(""), "");
}

Test(html, whatever_bytes_there_are_no_markup_comes_out)
{
	static const char odd[] = "<>&\"'\\\x01\x80\xc3\xe2\x80\xae-!aZ ";
	struct random_source random = { .seed = 5 };

	for (int i = 0; i < 20000; i++) {
		char name[24] = "";
		size_t n = random_below(&random, sizeof(name) - 1);

		for (size_t k = 0; k < n; k++)
			name[k] = odd[random_below(&random, sizeof(odd) - 1)];
		cr_assert(!strpbrk(put(name), "<>\"'"), "%s", put(name));
		for (const char *at = put(name); (at = strchr(at, '&')); at++)
			cr_assert(strcspn(at, ";") <= 5);
	}
}

static const char *duration(uint64_t ns)
{
	static struct buf out;

	buf_reset(&out);
	html_put_duration(&out, ns);
	return out.data;
}

Test(html, durations)
{
	cr_assert_str_eq(duration(0), "0 s");
	cr_assert_str_eq(duration(JT_NS_PER_S), "1 s");
	cr_assert_str_eq(duration(1500 * JT_NS_PER_MS), "1.500 s");
	cr_assert_str_eq(duration(61 * JT_NS_PER_S), "1 min 1 s");
	cr_assert_str_eq(duration(3600 * JT_NS_PER_S), "1 h");
	cr_assert_str_eq(duration(90000 * JT_NS_PER_S), "1 d 1 h");
	cr_assert_str_eq(duration(86460 * JT_NS_PER_S), "1 d");
}

static const char *moment(int64_t us)
{
	static struct buf out;

	buf_reset(&out);
	html_put_time(&out, us);
	buf_puts(&out, ", ");
	html_put_short_time(&out, us);
	return out.data;
}

Test(html, times)
{
	cr_assert_str_eq(moment(0), "1970-01-01 00:00:00, 1 Jan 00:00");
	cr_assert_str_eq(moment(1794787201000000), "2026-11-16 00:00:01, 16 Nov 00:00:01");
	/* No year that a calendar has: something, and no crash. */
	cr_assert(strlen(moment(INT64_MAX)) > 0 && strlen(moment(INT64_MIN)) > 0);
}

Test(html, a_figure_has_its_exact_value_beside_it)
{
	struct quant_interval_u64 v = { 12400000, 11800000, 13000000 };
	struct buf out = { 0 };

	html_put_interval(&out, true, &v, "J");
	html_put_interval(&out, false, &v, "J");
	html_put_figure(&out, 1234, "g");
	cr_assert_str_eq(out.data, "<data value=\"12400000\">12.4 J ±0.6</data>not known"
				   "<data value=\"1234\">1.23 mg</data>");
	buf_free(&out);
}
