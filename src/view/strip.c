/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* strip.c - a line of texts of which the least wanted go first where room is short. */
#include <stdarg.h>
#include <stdio.h>

#include "view/view_parts.h"

#define STRIP_GAP 3 /* columns between two pieces */

static void strip_vadd(struct strip *s, enum canvas_role role, const char *fmt, va_list ap)
{
	if (s->n == STRIP_MAX)
		return;
	vsnprintf(s->piece[s->n].text, sizeof(s->piece[0].text), fmt, ap);
	s->piece[s->n].role = role;
	s->n++;
}

void strip_add(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt, ...)
{
	va_list ap;

	if (s->n < STRIP_MAX)
		s->piece[s->n].rank = rank;
	va_start(ap, fmt);
	strip_vadd(s, role, fmt, ap);
	va_end(ap);
}

void strip_join(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt, ...)
{
	va_list ap;

	if (s->n < STRIP_MAX) {
		s->piece[s->n].rank = rank;
		s->piece[s->n].joined = true;
		s->piece[s->n].at_right = s->n && s->piece[s->n - 1].at_right;
	}
	va_start(ap, fmt);
	strip_vadd(s, role, fmt, ap);
	va_end(ap);
}

void strip_add_right(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt,
		     ...)
{
	va_list ap;

	if (s->n < STRIP_MAX) {
		s->piece[s->n].rank = rank;
		s->piece[s->n].at_right = true;
	}
	va_start(ap, fmt);
	strip_vadd(s, role, fmt, ap);
	va_end(ap);
}

/* Columns of all pieces whose rank is below, with their gaps. */
static unsigned int strip_width(const struct strip *s, const struct canvas *c, unsigned int below,
				bool right_only)
{
	unsigned int width = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->piece[i].rank >= below || (right_only && !s->piece[i].at_right))
			continue;
		if (width && !s->piece[i].joined)
			width += STRIP_GAP;
		width += canvas_columns(c, s->piece[i].text);
	}
	return width;
}

void strip_put(const struct strip *s, struct canvas *c, struct canvas_span at)
{
	unsigned int below = 1, column = at.column, end = at.column + at.width;
	bool right = false;

	/* Rank 0 is there in any case, cut off if it must be. */
	for (unsigned int more = 2; more <= STRIP_MAX; more++) {
		if (strip_width(s, c, more, false) > at.width)
			break;
		below = more;
	}
	for (size_t i = 0; i < s->n && column < end; i++) {
		if (s->piece[i].rank >= below)
			continue;
		if (s->piece[i].at_right && !right) {
			unsigned int width = strip_width(s, c, below, true);

			right = true;
			if (width < end - column)
				column = end - width;
		} else if (column > at.column && !s->piece[i].joined) {
			column += STRIP_GAP;
		}
		if (column < end)
			column +=
				canvas_put(c, (struct canvas_span){ at.line, column, end - column },
					   s->piece[i].role, s->piece[i].text);
	}
}
