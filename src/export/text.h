/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text.h - text for a terminal: names made harmless, columns aligned, lines folded. */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TEXT_COLUMNS 80

/*
 * s as a terminal may show it: control characters (C0, DEL, C1), invalid UTF-8, and the characters
 * that turn the reading direction or have no width (U+200B-200F, 202A-202E, 2060-2069, FEFF)
 * byte for byte as \xNN; everything else as it is. At most max columns (0 = no bound): what is
 * longer ends in "…". Every other character counts as one column.
 */
void text_put_escaped(struct buf *out, const char *s, size_t max);

/* The same, but of what is longer the end stays, behind a "…": the end of a path says most. */
void text_put_escaped_end(struct buf *out, const char *s, size_t max);

/* One byte of text as HTML and XML take it for text, in quotes too. */
void text_put_markup(struct buf *out, char c);

/* Columns from byte `from` to the end of out; continuation bytes of UTF-8 take none. */
size_t text_columns(const struct buf *out, size_t from);

/* Blanks until `columns` columns stand behind byte `from`; none when there are more already. */
void text_pad(struct buf *out, size_t from, size_t columns);

/* s right-aligned in that many columns. */
void text_put_right(struct buf *out, const char *s, size_t columns);

/*
 * s, folded at blanks and newlines to TEXT_COLUMNS, each line behind one blank, ending in a
 * newline. s is harmless already.
 */
void text_put_folded(struct buf *out, const char *s);

/*
 * The same where `indent` columns of the line stand already: the further lines begin behind that
 * many blanks.
 */
void text_put_hanging(struct buf *out, const char *s, size_t indent);

/* "2.301 s", "12.30 ms", "4.1 µs". */
void text_put_time(struct buf *out, uint64_t ns);

#endif /* EXPORT_TEXT_H */
