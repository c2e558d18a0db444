/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live.c - does the page get what the two newest ticks say? */
#include "serve/live.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>

#include "serve/page.h"
#include "unit/board_pair.h"

DEFINE_CLEANUP(struct live *, live_free)

static void show(struct board *b, int tick, double energy, double row)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_printf(&text, "jouletrail_accounted_seconds_total %d\njouletrail_ticks_total %d\n",
		   10 * tick, tick);
	if (tick)
		buf_printf(&text,
			   "jouletrail_host_power_watts 3\n"
			   "jouletrail_host_energy_joules_total %.6f\n"
			   "jouletrail_energy_joules_total{kind=\"consumer\",consumer=\"<b>\\\"\","
			   "id=\"7\",user=\"u\"} %.6f\n",
			   energy, row);
	cr_assert_eq(board_put(b, text.data, text.len), 0);
}

static json_t *ask(struct live *l)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	json_t *d;

	live_look(l);
	cr_assert_eq(live_put(l, 5000000, &out), 0);
	d = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	cr_assert(d != NULL, "%s", out.data);
	return d;
}

static double number(const json_t *d, const char *name, const char *member)
{
	const json_t *v = json_object_get(d, name);

	v = member ? json_object_get(v, member) : v;
	cr_assert(json_is_number(v), "%s.%s", name, member ? member : "");
	return json_number_value(v);
}

Test(live, the_difference_of_two_ticks)
{
	CLEANUP(board_pair_free) const struct board_pair p = board_pair_new();
	CLEANUP(live_free_ptr) struct live *l = NULL;
	CLEANUP(buf_free) struct buf out = { 0 };
	json_t *d;

	cr_assert_eq(live_new(p.reader, &l), 0);
	live_look(l);
	cr_expect_eq(live_put(l, 0, &out), -ENODATA);

	show(p.board, 0, 0, 0);
	d = ask(l);
	cr_expect_eq(number(d, "ticks", NULL), 0);
	cr_expect(json_is_null(json_object_get(json_object_get(d, "power_w"), "value")));
	json_decref(d);
	show(p.board, 1, 20, 15);
	d = ask(l);
	cr_expect_eq(number(d, "power_w", "value"), 2);
	cr_expect_eq(number(d, "now_s", NULL), 5);
	json_decref(d);
	show(p.board, 2, 120, 65);
	json_decref(ask(l));
	d = ask(l);
	cr_expect_eq(number(d, "power_w", "value"), 10, "asked twice, it says the same");
	cr_expect(json_is_null(json_object_get(json_object_get(d, "power_w"), "low")));
	{
		const json_t *row = json_array_get(json_object_get(d, "consumers"), 0);

		cr_expect_eq(number(row, "power_w", NULL), 5);
		cr_expect_str_eq(json_string_value(json_object_get(row, "name")), "<b>\"");
		cr_expect_str_eq(json_string_value(json_object_get(row, "more")), "7 · u");
		cr_expect(json_is_null(json_object_get(row, "cpus")));
	}
	json_decref(d);
}

/* Who starts with a tick on the board knows the host's power, and consumers with the next. */
Test(live, one_that_is_started_again)
{
	CLEANUP(board_pair_free) const struct board_pair p = board_pair_new();
	CLEANUP(live_free_ptr) struct live *l = NULL;
	json_t *d;

	cr_assert_eq(live_new(p.reader, &l), 0);
	show(p.board, 9, 20, 15);
	d = ask(l);
	cr_expect_eq(number(d, "power_w", "value"), 3, "the gauge");
	cr_expect_null(json_object_get(d, "consumers"));
	json_decref(d);
}

Test(live, the_page_may_load_nothing_from_elsewhere)
{
	static const char *const paths[] = { "/", "/page.js", "/page.css" };

	for (size_t i = 0; i < 3; i++) {
		struct http_reply r = { 0 };

		cr_assert(page_answer(paths[i], &r));
		cr_expect_eq(r.status, 200);
		cr_expect_gt(r.body.len, 500);
		cr_expect_str_eq(r.header[0].name, "Content-Security-Policy");
		cr_expect(strncmp(r.header[0].value, "default-src 'none';", 19) == 0);
		/* The one address in it is a name. */
		for (const char *at = r.body.data; (at = strstr(at, "://")); at++)
			cr_expect_eq(strncmp(at, "://www.w3.org/2000/svg\"", 23), 0, "%s",
				     paths[i]);
		cr_expect_null(strstr(r.body.data, "innerHTML"));
		buf_free(&r.body);
	}
	cr_expect_not(page_answer("/other", &(struct http_reply){ 0 }));
}
