/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * line.h - a struct as one canonical JSON line and back, both by one table, so that what is written
 * and what is read cannot differ.
 *
 * A line is an object of the ledger's profile (ledger/scan.h): its fields and "k", the kind. There
 * is one spelling only: a line that is read is written again and compared, so a field too many or
 * a number in another form is refused.
 */
#ifndef DAEMON_LINE_H
#define DAEMON_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"

enum line_type {
	LINE_U64 = 0, /* uint64_t: decimal string */
	LINE_I64,     /* int64_t: decimal string */
	LINE_U32,     /* uint32_t or unsigned int: number */
	LINE_INT,     /* int: number */
	LINE_BOOL,
	LINE_DOUBLE, /* finite; C's %a as a string: every bit comes back */
	LINE_TEXT,   /* char[size], NUL-terminated within; bytes */
	LINE_STRING, /* const char *; null for NULL; read into the reader's strings */
	LINE_WORD,   /* an enum by its word: size of them in words */
	LINE_U64S,   /* uint64_t[size]: array of decimal strings without the zeros at its end */
};

struct line_field {
	const char *name;
	enum line_type type;
	size_t offset;
	size_t size;
	const char *const *words;
};

/* Fields sorted by name; "k" is put where it belongs among them. */
struct line_kind {
	const char *kind;
	const struct line_field *field;
	size_t n_fields;
};

/*
 * What LINE_STRING fields of lines that were read point to; freed all at once. Zero-initialise. A
 * text that was among the last LINE_LOOK_BACK is not stored again.
 */
struct line_strings {
	size_t n;
	size_t capacity;
	char **string;
};

#define LINE_LOOK_BACK	 256
#define LINE_MAX_STRINGS 1000000

/* Appends the line with its LF; out->err says what went wrong. */
void line_put(struct buf *out, const struct line_kind *k, const void *from);

/*
 * Reads a line (without its LF) of kind k into *to, whose other bytes are left alone.
 * Returns 0; -EBADMSG with why; -E2BIG beyond LINE_MAX_STRINGS; -ENOMEM.
 */
int line_get(const char *line, size_t len, const struct line_kind *k, void *to,
	     struct line_strings *strings, struct why *why);

/* Whether a canonical line says that it is of kind k. */
int line_is(const char *line, size_t len, const struct line_kind *k);

void line_strings_free(struct line_strings *s);

#endif /* DAEMON_LINE_H */
