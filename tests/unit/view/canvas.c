/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* canvas.c - is text cut, turned and measured as a terminal shows it, and nothing put outside? */
#include "view/canvas.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "unit/random.h"

static void in_utf8(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
}

TestSuite(canvas, .init = in_utf8);

/* The line as UTF-8, without the blanks at its end. */
static const char *line_of(const struct canvas *c, unsigned int line)
{
	static char text[4096];
	size_t n = 0;

	for (unsigned int i = 0; i < c->n_columns; i++) {
		const struct canvas_cell *cell = &c->cell[line * c->n_columns + i];
		wchar_t wide[] = { (wchar_t)cell->ch, (wchar_t)cell->mark, 0 };

		if (cell->ch)
			n += wcstombs(text + n, wide, sizeof(text) - n);
	}
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

static const char *put(struct canvas *c, unsigned int width, const char *text)
{
	cr_assert_eq(canvas_reset(c, 1, 20), 0);
	canvas_put(c, (struct canvas_span){ 0, 0, width }, CANVAS_PLAIN, text);
	return line_of(c, 0);
}

Test(canvas, what_is_too_long_ends_in_dots)
{
	struct canvas c = { 0 };

	cr_expect_str_eq(put(&c, 5, "abcde"), "abcde");
	cr_expect_str_eq(put(&c, 5, "abcdef"), "abcd…");
	cr_expect_str_eq(put(&c, 1, "abcdef"), "…");
	cr_expect_str_eq(put(&c, 0, "abcdef"), "");
	canvas_reset(&c, 1, 20);
	canvas_put_end(&c, (struct canvas_span){ 0, 2, 8 }, CANVAS_PLAIN,
		       "/system.slice/a.service");
	cr_expect_str_eq(line_of(&c, 0), "  …service");
	canvas_reset(&c, 1, 20);
	canvas_put_right(&c, (struct canvas_span){ 0, 2, 8 }, CANVAS_PLAIN, "1.2");
	cr_expect_str_eq(line_of(&c, 0), "       1.2");
	canvas_free(&c);
}

Test(canvas, wide_and_combining_characters_have_their_columns)
{
	struct canvas c = { 0 };

	cr_expect_str_eq(put(&c, 6, "日本語"), "日本語");
	cr_expect_str_eq(put(&c, 5, "日本語"), "日本…");
	cr_expect_str_eq(put(&c, 4, "日本語"), "日 …", "no half of a character");
	cr_expect_str_eq(put(&c, 4,
			     "e\xcc\x81"
			     "tat"),
			 "e\xcc\x81"
			 "tat");
	cr_expect_eq(canvas_columns(&c, "e\xcc\x81"
					"t日"),
		     4);
	cr_expect_str_eq(put(&c, 4,
			     "\xcc\x81"
			     "ab"),
			 "ab", "a mark on nothing");
	/* The half of what is overwritten goes. */
	put(&c, 6, "日本語");
	canvas_put(&c, (struct canvas_span){ 0, 1, 1 }, CANVAS_PLAIN, "x");
	cr_expect_str_eq(line_of(&c, 0), " x本語");
	canvas_put(&c, (struct canvas_span){ 0, 3, 2 }, CANVAS_PLAIN, "語");
	cr_expect_str_eq(line_of(&c, 0), " x 語");
	canvas_free(&c);
}

Test(canvas, no_text_moves_the_cursor)
{
	struct canvas c = { 0 };

	cr_expect_str_eq(put(&c, 20, "a\x1b[2J\nb\x9b\x7f\xff"), "a?[2J?b???");
	canvas_free(&c);
}

Test(canvas, a_terminal_of_ascii_gets_nothing_else)
{
	struct canvas c = { .ascii = true };

	cr_expect_str_eq(put(&c, 20, "µ ±0.6 … é 日 ⏎"), "u +-0.6 ~ ? ? Enter");
	cr_expect_str_eq(put(&c, 5, "abcdef"), "abcd~");
	canvas_reset(&c, 1, 20);
	canvas_bar(&c, (struct canvas_span){ 0, 0, 10 }, CANVAS_GRAPH, 0.55);
	cr_expect_str_eq(line_of(&c, 0), "######");
	canvas_free(&c);
}

Test(canvas, bars_and_sparklines)
{
	struct canvas c = { 0 };
	float value[] = { -1, 0, 0.001F, 1, 2, 4, 8, 9 };

	canvas_reset(&c, 1, 20);
	canvas_bar(&c, (struct canvas_span){ 0, 0, 10 }, CANVAS_GRAPH, 0.2125);
	cr_expect_str_eq(line_of(&c, 0), "██▏");
	canvas_reset(&c, 1, 20);
	canvas_bar(&c, (struct canvas_span){ 0, 0, 10 }, CANVAS_GRAPH, 1.7);
	cr_expect_str_eq(line_of(&c, 0), "██████████");
	canvas_reset(&c, 1, 20);
	canvas_spark(&c, (struct canvas_span){ 0, 0, 8 }, CANVAS_GRAPH, value, 8);
	cr_expect_str_eq(line_of(&c, 0), "  ▁▁▂▄▇▇");
	canvas_reset(&c, 1, 20);
	canvas_spark(&c, (struct canvas_span){ 0, 0, 8 }, CANVAS_GRAPH, value, 0);
	cr_expect_str_eq(line_of(&c, 0), "", "of nothing there is nothing");
	canvas_free(&c);
}

static void all_is_harmless(const struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->n_lines * c->n_columns; i++) {
		uint32_t ch = c->cell[i].ch;

		if (ch == 0)
			cr_assert(i % c->n_columns && wcwidth((wchar_t)c->cell[i - 1].ch) == 2);
		else
			cr_assert(wcwidth((wchar_t)ch) >= 1, "U+%04X", ch);
		if (ch && wcwidth((wchar_t)ch) == 2)
			cr_assert(i % c->n_columns + 1 < c->n_columns && c->cell[i + 1].ch == 0);
	}
}

/* Any bytes, anywhere, also beyond every edge. */
Test(canvas, any_text_at_any_place)
{
	static const char *const odd[] = {
		"日", "e\xcc\x81", "\xf0\x9f\x98\x80", "…", "\x1b", "x"
	};
	struct random_source r = { .seed = 2 };
	struct canvas c = { 0 };
	char text[64];

	for (int round = 0; round < 20000; round++) {
		struct canvas_span at = { (unsigned int)random_below(&r, 8),
					  (unsigned int)random_below(&r, 20),
					  (unsigned int)random_any_size(&r) };
		size_t n = 0;

		if (round % 50 == 0)
			cr_assert_eq(canvas_reset(&c, (unsigned int)random_below(&r, 6),
						  (unsigned int)random_below(&r, 16)),
				     0);
		while (n < 40 && random_below(&r, 12))
			if (random_below(&r, 3)) {
				const char *piece = odd[random_below(&r, 6)];

				memcpy(text + n, piece, strlen(piece));
				n += strlen(piece);
			} else {
				text[n++] = (char)(1 + random_below(&r, 255));
			}
		text[n] = '\0';
		c.ascii = random_below(&r, 4) == 0;
		switch (random_below(&r, 4)) {
		case 0:
			canvas_put(&c, at, CANVAS_PLAIN, text);
			break;
		case 1:
			canvas_put_end(&c, at, CANVAS_DIM, text);
			break;
		case 2:
			canvas_put_right(&c, at, CANVAS_DIM, text);
			break;
		default:
			canvas_bar(&c, at, CANVAS_GRAPH, random_unit(&r));
		}
		all_is_harmless(&c);
	}
	canvas_free(&c);
}
