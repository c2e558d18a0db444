/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* canvas.c - see canvas.h: text into cells, and never outside of them. */
#include "view/canvas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"

#define ELLIPSIS 0x2026

/* What stands for a character on a terminal that has ASCII only. */
static const struct {
	uint32_t ch;
	const char *like;
} likes[] = {
	{ 0x00b1, "+-" }, { 0x00b5, "u" },  { 0x00b7, "-" },	 { 0x00d7, "x" }, { 0x2013, "-" },
	{ 0x2026, "~" },  { 0x2191, "Up" }, { 0x2193, "Dn" },	 { 0x2500, "-" }, { 0x25b4, "^" },
	{ 0x25be, "v" },  { 0x25b8, ">" },  { 0x23ce, "Enter" },
};

int canvas_reset(struct canvas *c, unsigned int n_lines, unsigned int n_columns)
{
	size_t n = (size_t)n_lines * n_columns;

	if (n > c->room) {
		struct canvas_cell *cell = realloc(c->cell, n * sizeof(*cell));

		if (!cell) {
			c->n_lines = c->n_columns = 0;
			return -ENOMEM;
		}
		c->cell = cell;
		c->room = n;
	}
	c->n_lines = n_lines;
	c->n_columns = n_columns;
	for (size_t i = 0; i < n; i++)
		c->cell[i] = (struct canvas_cell){ .ch = ' ' };
	return 0;
}

void canvas_free(struct canvas *c)
{
	free(c->cell);
	*c = (struct canvas){ 0 };
}

/* The part of the span that is on the canvas. */
static struct canvas_span canvas_clip(const struct canvas *c, struct canvas_span at)
{
	if (at.line >= c->n_lines || at.column >= c->n_columns)
		at.width = 0;
	else if (at.width > c->n_columns - at.column)
		at.width = c->n_columns - at.column;
	return at;
}

/* at.column is within the span that was clipped. The other half of what is overwritten goes. */
static void canvas_set(struct canvas *c, struct canvas_span at, struct canvas_cell cell)
{
	struct canvas_cell *to = &c->cell[(size_t)at.line * c->n_columns + at.column];

	if (to->ch == 0 && at.column > 0)
		to[-1].ch = ' ';
	if (at.column + 1 < c->n_columns && to[1].ch == 0)
		to[1].ch = ' ';
	*to = cell;
}

/* The next character of a text; what is no UTF-8 is '?', byte by byte. */
static uint32_t next_character(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	unsigned int more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;
	uint32_t ch = *s;

	(*text)++;
	if (ch < 0x80)
		return ch;
	if (ch < 0xc2 || ch > 0xf4)
		return '?';
	ch &= 0x3fU >> more;
	for (unsigned int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return '?';
		ch = ch << 6 | (s[i] & 0x3f);
	}
	*text += more;
	return ch;
}

static int character_width(uint32_t ch)
{
	if (ch < 0x20 || (ch >= 0x7f && ch < 0xa0))
		return -1;
	return ch < 0x7f ? 1 : wcwidth((wchar_t)ch);
}

static const char *ascii_like(uint32_t ch)
{
	for (size_t i = 0; i < sizeof(likes) / sizeof(likes[0]); i++)
		if (likes[i].ch == ch)
			return likes[i].like;
	return "?";
}

/* What a text is as cells, one after the other: ch == 0 is the right half of the one before. */
static size_t canvas_cells(const struct canvas *c, const char *text, struct canvas_cell *ret)
{
	size_t n = 0;

	while (*text) {
		uint32_t ch = next_character(&text);
		int width = character_width(ch);

		if (c->ascii && ch >= 0x80 && width != 0) {
			for (const char *like = ascii_like(ch); *like; like++)
				ret[n++] = (struct canvas_cell){ .ch = (unsigned char)*like };
			continue;
		}
		if (width == 0) {
			/* One mark shows; variation selectors would change a width. */
			bool selects = ch >= 0xfe00 && ch <= 0xfe0f;
			size_t base = n && ret[n - 1].ch == 0 ? n - 2 : n - 1;

			if (n && !selects && !c->ascii && !ret[base].mark)
				ret[base].mark = ch;
			continue;
		}
		ret[n++] = (struct canvas_cell){ .ch = width < 0 ? '?' : ch };
		if (width == 2)
			ret[n++] = (struct canvas_cell){ .ch = 0 };
	}
	return n;
}

/* Room for the cells of a text: no byte comes to more than two. */
static struct canvas_cell *cells_of(const struct canvas *c, const char *text, size_t *ret_n)
{
	struct canvas_cell *cell = malloc((2 * strlen(text) + 1) * sizeof(*cell));

	*ret_n = cell ? canvas_cells(c, text, cell) : 0;
	return cell;
}

unsigned int canvas_columns(const struct canvas *c, const char *text)
{
	size_t n;
	CLEANUP(cleanup_free) struct canvas_cell *cell = cells_of(c, text, &n);

	return (unsigned int)n;
}

/* n cells from `from`; a wide character of which one half is left is a blank. */
static void put_cells(struct canvas *c, struct canvas_span at, enum canvas_role role,
		      const struct canvas_cell *from)
{
	for (unsigned int i = 0; i < at.width; i++) {
		struct canvas_cell cell = from[i];
		bool torn = (cell.ch == 0 && i == 0) ||
			    (i + 1 == at.width && cell.ch && wcwidth((wchar_t)cell.ch) == 2);

		if (torn)
			cell = (struct canvas_cell){ .ch = ' ' };
		cell.role = role;
		canvas_set(c, (struct canvas_span){ at.line, at.column + i, 1 }, cell);
	}
}

static void put_ellipsis(struct canvas *c, struct canvas_span at, enum canvas_role role)
{
	struct canvas_cell cell = { .ch = c->ascii ? '~' : ELLIPSIS, .role = role };

	canvas_set(c, at, cell);
}

unsigned int canvas_put(struct canvas *c, struct canvas_span at, enum canvas_role role,
			const char *text)
{
	size_t n;
	CLEANUP(cleanup_free) struct canvas_cell *cell = cells_of(c, text, &n);

	at = canvas_clip(c, at);
	if (n <= at.width) {
		at.width = (unsigned int)n;
		put_cells(c, at, role, cell);
	} else if (at.width) {
		at.width--;
		put_cells(c, at, role, cell);
		put_ellipsis(c, (struct canvas_span){ at.line, at.column + at.width, 1 }, role);
		at.width++;
	}
	return at.width;
}

unsigned int canvas_put_end(struct canvas *c, struct canvas_span at, enum canvas_role role,
			    const char *text)
{
	size_t n;
	CLEANUP(cleanup_free) struct canvas_cell *cell = cells_of(c, text, &n);

	at = canvas_clip(c, at);
	if (n <= at.width || !at.width)
		return canvas_put(c, at, role, text);
	put_ellipsis(c, at, role);
	put_cells(c, (struct canvas_span){ at.line, at.column + 1, at.width - 1 }, role,
		  cell + n - (at.width - 1));
	return at.width;
}

unsigned int canvas_put_right(struct canvas *c, struct canvas_span at, enum canvas_role role,
			      const char *text)
{
	unsigned int n = canvas_columns(c, text);

	if (n < at.width) {
		at.column += at.width - n;
		at.width = n;
	}
	return canvas_put(c, at, role, text);
}

void canvas_paint(struct canvas *c, struct canvas_span at, enum canvas_role role)
{
	at = canvas_clip(c, at);
	for (unsigned int i = 0; i < at.width; i++)
		c->cell[(size_t)at.line * c->n_columns + at.column + i].role = role;
}

/* level: eighths of a cell, 0 to 8 of a bar, 0 to 7 of a sparkline. */
static uint32_t level_glyph(const struct canvas *c, unsigned int level, bool bar)
{
	static const char spark_ascii[] = " _.-:=+*";

	if (level == 0)
		return ' ';
	if (c->ascii || c->no_blocks) {
		if (bar)
			return level >= 4 ? '#' : '-';
		return (unsigned char)spark_ascii[level];
	}
	return bar ? 0x2590U - level : 0x2580U + level;
}

void canvas_bar(struct canvas *c, struct canvas_span at, enum canvas_role role, double part)
{
	double eighths = part * 8 * at.width;
	unsigned int left = eighths > 0 ? (unsigned int)(eighths + 0.5) : 0;

	at = canvas_clip(c, at);
	for (unsigned int i = 0; i < at.width && left; i++) {
		unsigned int level = left < 8 ? left : 8;
		struct canvas_cell cell = { .ch = level_glyph(c, level, true), .role = role };

		canvas_set(c, (struct canvas_span){ at.line, at.column + i, 1 }, cell);
		left -= level;
	}
}

void canvas_spark(struct canvas *c, struct canvas_span at, enum canvas_role role,
		  const float *value, float largest)
{
	at = canvas_clip(c, at);
	for (unsigned int i = 0; i < at.width; i++) {
		float part = largest > 0 && value[i] > 0 ? value[i] / largest : 0;
		/* The highest leaves an eighth, so that lines do not run into each other. */
		unsigned int level = part >= 1 ? 7 : (unsigned int)(part * 7 + 0.5F);
		struct canvas_cell cell = { .role = role };

		if (!level && part > 0)
			level = 1;
		cell.ch = level_glyph(c, level, false);
		canvas_set(c, (struct canvas_span){ at.line, at.column + i, 1 }, cell);
	}
}
