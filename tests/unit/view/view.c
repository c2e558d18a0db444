/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* view.c - does the screen add up, do keys do what they say, at any size and with any name? */
#include "view/view.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "made_up.h"
#include "view/columns.h"
#include "view/view_parts.h"

static void in_utf8(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
}

TestSuite(view, .init = in_utf8);

static void draw(struct view *v, struct canvas *c, unsigned int lines, unsigned int columns)
{
	cr_assert_eq(canvas_reset(c, lines, columns), 0);
	cr_assert_eq(view_draw(v, c), 0);
}

/* Columns [at, at + width) of a line, as UTF-8. */
static const char *text_at(const struct canvas *c, unsigned int line, unsigned int at,
			   unsigned int width)
{
	static char text[8192];
	size_t n = 0;

	for (unsigned int i = at; i < at + width && i < c->n_columns; i++) {
		const struct canvas_cell *cell = &c->cell[line * c->n_columns + i];
		wchar_t wide[] = { (wchar_t)cell->ch, (wchar_t)cell->mark, 0 };

		if (cell->ch)
			n += wcstombs(text + n, wide, sizeof(text) - n);
	}
	text[n] = '\0';
	return text;
}

static bool shows(const struct canvas *c, const char *what)
{
	for (unsigned int line = 0; line < c->n_lines; line++)
		if (strstr(text_at(c, line, 0, c->n_columns), what))
			return true;
	return false;
}

/* Digits of a figure, whatever its decimals; false where there is none. */
static bool digits_at(const struct canvas *c, unsigned int line, struct column_place at,
		      uint64_t *ret)
{
	const char *text = text_at(c, line, at.at, at.width);
	bool any = false;

	*ret = 0;
	for (; *text; text++) {
		cr_assert(strchr(" .0123456789", *text), "'%s'", text);
		if (*text >= '0' && *text <= '9') {
			*ret = 10 * *ret + (uint64_t)(*text - '0');
			any = true;
		}
	}
	return any;
}

static void column_adds_up(const struct view *v, const struct canvas *c, enum column column)
{
	struct view_layout l = view_layout_of(c->n_lines, false);
	struct columns_want want = { .n_columns = c->n_columns,
				     .since_start = v->since_start,
				     .has_pid = true,
				     .n_cpus = 2 };
	struct column_place at[COLUMN_N];
	uint64_t sum = 0, one, host;

	columns_place(&want, at);
	if (!at[column].width || l.n_sums < 4)
		return;
	for (unsigned int line = l.body; line < l.sums + 3; line++)
		if (!(l.has_rule && line == l.sums - 1) && digits_at(c, line, at[column], &one))
			sum += one;
	cr_assert(digits_at(c, l.sums + 3, at[column], &host));
	cr_assert_eq(sum, host, "column %d at %ux%u: %lu, not %lu", column, c->n_columns,
		     c->n_lines, sum, host);
}

static void all_add_up(const struct view *v, const struct canvas *c)
{
	static const enum column columns[] = { COLUMN_POWER, COLUMN_ENERGY, COLUMN_CO2E,
					       COLUMN_SHARE, COLUMN_CPU };

	for (size_t i = 0; i < 5; i++)
		column_adds_up(v, c, columns[i]);
}

/* What is seen is summed by somebody who reads the screen. */
Test(view, every_column_adds_up_as_it_is_shown)
{
	static const char keys[] = "s<re/1tp tp\x1b"
				   "e";
	struct random_source r = { .seed = 4 };
	struct made_up *m = made_up_new(60);
	struct canvas c = { 0 };
	struct view *v;

	cr_assert_eq(view_new(RECORD_PROCESS, true, &v), 0);
	for (int round = 0; round < 600; round++) {
		made_up_any(m, &r, random_below(&r, 60));
		cr_assert_eq(view_tick(v, &m->tick), 0);
		if (round % 3 == 0)
			view_key(v, (uint32_t)keys[random_below(&r, sizeof(keys) - 1)]);
		if (round % 5 == 0)
			view_key(v, VIEW_KEY_UP + (uint32_t)random_below(&r, 8));
		draw(v, &c, 5 + (unsigned int)random_below(&r, 50),
		     20 + (unsigned int)random_below(&r, 160));
		if (v->pane == VIEW_ROWS && !v->message[0] && !v->is_typing)
			all_add_up(v, &c);
		v->message[0] = '\0';
		v->is_typing = false;
	}
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

static void all_is_harmless(const struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->n_lines * c->n_columns; i++) {
		uint32_t ch = c->cell[i].ch;

		cr_assert(ch == 0 || wcwidth((wchar_t)ch) > 0);
		cr_assert(ch != 0 ||
			  (i % c->n_columns && wcwidth((wchar_t)c->cell[i - 1].ch) == 2));
	}
}

static void name_some(struct made_up *m)
{
	made_up_process(m, 1, "\x1b]0;title\a\x1b[2J", 1234567);
	made_up_process(m, 2, "日本語のとても長い名前です", 234567);
	made_up_process(m, 3, "e\xcc\x81\xcc\x81\xcc\x81\xff\xfe\xc2\x9b", 34567)
		->labels.ancestors = "\x1b[31m(9) x(2)";
	made_up_process(m, 4, "\xe2\x80\xae evil \xe2\x80\x8b", 4567);
	made_up_process(m, 5, "", 567);
	made_up_process(m, 6, "x", 67)->name = NULL;
	made_up_close(m, 400000, 1000);
}

/* Each pane at each size; with LONG all of 200 x 60, else each width and each height. */
Test(view, any_size_any_pane_any_name)
{
	static const uint32_t panes[] = { 0, 'h', 'b', VIEW_KEY_ENTER, 't', '/' };
	struct made_up *m = made_up_new(8);
	struct canvas c = { 0 };
	unsigned int step = getenv("LONG") ? 1 : 13;
	struct view *v;

	cr_assert_eq(view_new(RECORD_PROCESS, true, &v), 0);
	draw(v, &c, 24, 80);
	name_some(m);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	for (size_t p = 0; p < sizeof(panes) / sizeof(panes[0]); p++) {
		draw(v, &c, 24, 80);
		if (panes[p])
			view_key(v, panes[p]);
		for (unsigned int width = 0; width <= 200; width++)
			for (unsigned int height = width % step; height <= 60; height += step) {
				const struct sample *s;

				draw(v, &c, height, width);
				s = view_wants(v, &m->tick);
				if (s)
					view_describe(v, s, "Uncertainty of it:\n  x 1 %\n");
				all_is_harmless(&c);
			}
		view_key(v, VIEW_KEY_ESCAPE);
	}
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

static struct view *view_of_three(struct made_up *m)
{
	struct view *v;

	cr_assert_eq(view_new(RECORD_PROCESS, true, &v), 0);
	made_up_process(m, 10, "alpha", 2000000);
	made_up_process(m, 20, "beta", 1000000);
	made_up_process(m, 30, "gamma", 500000);
	made_up_close(m, 400000, 100000);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	return v;
}

Test(view, what_is_shown_at_80x24)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	struct canvas c = { 0 };

	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "4.0 W [2.0, 8.0] (modelled)"), "%s", text_at(&c, 0, 0, 80));
	cr_expect(shows(&c, "zone FR 44.2 g/kWh"));
	cr_expect(shows(&c, "up 0:00:01"));
	cr_expect(shows(&c, "by process"));
	cr_expect(shows(&c, "14.4 g CO2e/h [4.8, 43.2]"), "%s", text_at(&c, 1, 0, 80));
	cr_expect_str_eq(text_at(&c, 5, 0, 40), " alpha                10    2.000   50.0");
	cr_expect_str_eq(text_at(&c, 4, 1, 8), "Consumer");
	cr_expect(shows(&c, "Power W▾"));
	cr_expect(shows(&c, " not attributed             0.100    2.5"));
	cr_expect(shows(&c, " host                       4.000  100.0"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, the_cursor_stays_with_whom_it_is_on)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	struct canvas c = { 0 };

	view_key(v, VIEW_KEY_DOWN); /* shows itself on the first */
	view_key(v, VIEW_KEY_DOWN);
	m->tick.n_samples = 0;
	made_up_process(m, 20, "beta", 9000000);
	made_up_process(m, 40, "delta", 8000000);
	made_up_close(m, 0, 0);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "> beta") || shows(&c, ">beta"), "beta is first now, and chosen");
	view_key(v, VIEW_KEY_HOME);
	draw(v, &c, 24, 80);
	cr_expect(!shows(&c, ">beta"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, a_filter_counts_the_others)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	struct canvas c = { 0 };

	view_key(v, '/');
	view_key(v, 'm');
	view_key(v, 'x');
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "/mx_"));
	cr_expect(!shows(&c, "gamma"));
	view_key(v, VIEW_KEY_BACKSPACE);
	view_key(v, VIEW_KEY_ENTER);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "gamma") && !shows(&c, "alpha"));
	cr_expect(shows(&c, " 2 others                   3.000   75.0"));
	all_add_up(v, &c);
	view_key(v, VIEW_KEY_ESCAPE);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "alpha"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, a_screen_that_stands_is_measured_on)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	struct canvas c = { 0 };

	view_key(v, 'p');
	made_up_process(m, 50, "late", 7000000);
	made_up_close(m, 0, 0);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "PAUSED") && shows(&c, "up 0:00:01") && !shows(&c, "late"));
	view_key(v, 's');
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "Energy J▾"), "and can be looked at");
	view_key(v, ' ');
	draw(v, &c, 24, 80);
	cr_expect(!shows(&c, "PAUSED") && shows(&c, "up 0:00:02") && shows(&c, "late"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, another_grouping_begins_anew)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	struct canvas c = { 0 };

	cr_expect_eq(view_key(v, 'b'), VIEW_REDRAW);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "container"));
	cr_expect_eq(view_key(v, VIEW_KEY_DOWN), VIEW_REDRAW);
	cr_expect_eq(view_key(v, VIEW_KEY_ENTER), VIEW_REGROUP);
	cr_expect_eq(view_grouping(v), RECORD_CGROUP);
	cr_assert_eq(view_restart(v, RECORD_CGROUP), 0);
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "measuring the first window") && shows(&c, "by cgroup"));
	cr_expect_eq(view_key(v, 'q'), VIEW_QUIT);
	view_free(v);
	/* A ledger has one grouping. */
	cr_assert_eq(view_new(RECORD_PROCESS, false, &v), 0);
	view_key(v, 'b');
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "--by"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, details_say_who_it_is_and_how_sure)
{
	struct made_up *m = made_up_new(8);
	struct view *v = view_of_three(m);
	const struct sample *s;
	struct canvas c = { 0 };

	m->sample[0].labels.exe = "/usr/bin/alpha\x1b[2J";
	cr_expect_null(view_wants(v, &m->tick));
	view_key(v, VIEW_KEY_ENTER);
	s = view_wants(v, &m->tick);
	cr_assert_eq(s, &m->sample[0]);
	view_describe(v, s, "what is not known:\n meter 5 %\n");
	draw(v, &c, 24, 80);
	cr_expect(shows(&c, "2.0 W [1.0, 4.0] (modelled), 50.0 % of the host"));
	cr_expect(shows(&c, "/usr/bin/alpha\\x1b[2J"));
	cr_expect(shows(&c, " meter 5 %"));
	cr_expect(shows(&c, "2.0 mg CO2e ["));
	/* Gone in the next window: said, not made up. */
	m->tick.n_samples = 0;
	made_up_close(m, 1, 0);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	draw(v, &c, 24, 80);
	cr_expect_null(view_wants(v, &m->tick));
	cr_expect(shows(&c, "0 W"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, what_is_wrong_with_all_figures_is_said)
{
	struct made_up *m = made_up_new(8);
	struct canvas c = { 0 };
	struct view *v;

	cr_assert_eq(view_new(RECORD_PROCESS, true, &v), 0);
	made_up_process(m, 10, "alpha", 1000);
	m->tick.conservation.n_breaches = 1;
	m->tick.losses.n_no_cell = 3;
	m->tick.n_gaps = 2;
	made_up_close(m, 0, 0);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	draw(v, &c, 24, 160);
	cr_expect(shows(&c, "1 windows DO NOT ADD UP"));
	cr_expect(shows(&c, "2 gaps of a meter"));
	cr_expect(shows(&c, "3 tasks with others (--max-tasks)"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}

Test(view, without_a_meter_nothing_is_made_up)
{
	struct made_up *m = made_up_new(8);
	struct canvas c = { 0 };
	struct view *v;

	cr_assert_eq(view_new(RECORD_PROCESS, true, &v), 0);
	made_up_process(m, 10, "alpha", 0)->cpu_ns = 500000000;
	m->tick.quality = ENERGY_MISSING;
	made_up_close(m, 0, 0);
	cr_assert_eq(view_tick(v, &m->tick), 0);
	draw(v, &c, 24, 100);
	cr_expect(shows(&c, "power unknown"));
	cr_expect(shows(&c, "50.0"));
	cr_expect(!shows(&c, "0.000") && !shows(&c, "CO2e/h"));
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
}
