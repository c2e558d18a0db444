/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan_value.h - what the two ways through a line have in common; for scan.c and scan_record.c. */
#ifndef LEDGER_SCAN_VALUE_H
#define LEDGER_SCAN_VALUE_H

#include <errno.h>

#include "ledger/lanes.h"
#include "ledger/scan.h"

struct scan {
	const char *line;
	size_t len;
	size_t at;
	const char *what;
};

static inline int scan_fail(struct scan *s, const char *what)
{
	s->what = what;
	return -EBADMSG;
}

/* The byte at the reading point; -1 at the end. */
static inline int scan_peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->line[s->at] : -1;
}

static inline bool scan_take(struct scan *s, char c)
{
	if (scan_peek(s) != (unsigned char)c)
		return false;
	s->at++;
	return true;
}

/* Index of the first of 16 bytes that a string cannot just go past; LANES_LEN = none. */
static inline unsigned int scan_first_special(const char *at)
{
	lanes v = lanes_at(at);

	/* As signed numbers, bytes that are not ASCII are less than a space too. */
	return lanes_first((lanes)(v == '"') | (lanes)(v == '\\') | (lanes)((lanes_signed)v < ' '));
}

/* Index of the first of 16 bytes that is no digit; LANES_LEN = none. */
static inline unsigned int scan_first_other(const char *at)
{
	return lanes_first((lanes)(lanes_at(at) - '0' > 9));
}

/* Each moves past what it names. Returns 0, or -EBADMSG with s->what. */
int scan_string(struct scan *s);
int scan_number(struct scan *s);
/* A member's name; it must sort after the one before it, *prev, which it then becomes. */
int scan_name(struct scan *s, struct scan_value *prev);
/* depth: objects and arrays around the value. */
int scan_value_at(struct scan *s, unsigned int depth);

#endif /* LEDGER_SCAN_VALUE_H */
