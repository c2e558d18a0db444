/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* canvas.h - a screen as cells of text with a role: what is drawn, whatever draws it. */
#ifndef VIEW_CANVAS_H
#define VIEW_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text is; how that looks is the terminal's business. Each says the same without colour. */
enum canvas_role {
	CANVAS_PLAIN = 0,
	CANVAS_DIM,	/* there to be found, not to be seen */
	CANVAS_STRONG,	/* the figure that one looks for */
	CANVAS_TITLE,	/* names of columns */
	CANVAS_SORTED,	/* the column that rows are sorted by */
	CANVAS_GRAPH,	/* bars and sparklines */
	CANVAS_KEY,	/* keys to press */
	CANVAS_WARNING, /* what one must know before believing a figure */
	CANVAS_CURSOR,	/* the row that is chosen */
	CANVAS_N_ROLES,
};

struct canvas_cell {
	uint32_t ch;   /* a printable character, a blank, or 0: the right half of the one before */
	uint32_t mark; /* a combining one on top of it; 0 = none */
	enum canvas_role role;
};

/* Zero-initialise. Cells are owned by it. */
struct canvas {
	unsigned int n_lines;
	unsigned int n_columns;
	struct canvas_cell *cell; /* [line * n_columns + column] */
	size_t room;
	bool ascii;	/* nothing but ASCII is put; what is not has a like or is '?' */
	bool no_blocks; /* bars and sparklines in ASCII: no glyphs for them */
};

/* Where a text goes: nothing is ever put outside, nor outside of the canvas. */
struct canvas_span {
	unsigned int line;
	unsigned int column;
	unsigned int width;
};

/* Blank, of that size. Returns 0 or -ENOMEM: then it is of size 0. */
int canvas_reset(struct canvas *c, unsigned int n_lines, unsigned int n_columns);
void canvas_free(struct canvas *c);

/*
 * Puts UTF-8 text into the span; what is longer ends in "…". Characters are as wide as the locale
 * has them; control characters and invalid bytes become '?', so that no text moves the cursor:
 * names are to be escaped before, to be readable too. Returns the columns that were taken.
 */
unsigned int canvas_put(struct canvas *c, struct canvas_span at, enum canvas_role role,
			const char *text);
/* The same; of what is longer the end is kept: "…/app.service". */
unsigned int canvas_put_end(struct canvas *c, struct canvas_span at, enum canvas_role role,
			    const char *text);
/* The same at the right end of the span. */
unsigned int canvas_put_right(struct canvas *c, struct canvas_span at, enum canvas_role role,
			      const char *text);

/* Columns that canvas_put() would take, given room. */
unsigned int canvas_columns(const struct canvas *c, const char *text);

/* The role of what is there already. */
void canvas_paint(struct canvas *c, struct canvas_span at, enum canvas_role role);

/* part of 1 as a bar over the span, rounded to an eighth of a column. */
void canvas_bar(struct canvas *c, struct canvas_span at, enum canvas_role role, double part);

/*
 * value[0 .. width) as a sparkline over the span, each between 0 and largest; below 0 there is
 * nothing. Zero is blank, more than that shows.
 */
void canvas_spark(struct canvas *c, struct canvas_span at, enum canvas_role role,
		  const float *value, float largest);

#endif /* VIEW_CANVAS_H */
