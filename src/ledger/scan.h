/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan.h - strict reader of the ledger's JSON: RFC 8785 form with integers only.
 *
 * A line has exactly one spelling, so that equal bytes and equal content are the same thing. The
 * writer of the same profile is base/json.h.
 */
#ifndef LEDGER_SCAN_H
#define LEDGER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_MAX_LINE  65535 /* without its LF */
#define SCAN_MAX_DEPTH 4
#define SCAN_MAX_NAME  32

/*
 * One canonical object and nothing else: names [a-z0-9_]{1,32}, sorted, unique; integers within
 * ±(2^53 - 1), no fraction, exponent, -0 or leading zero; strings of valid UTF-8 with no escape
 * but the ones RFC 8785 asks for; no white space; nesting and length within the limits above.
 *
 * Returns 0, or -EBADMSG: *ret_what is a static string that says what is wrong, *ret_at the byte.
 */
int scan_line(const char *line, size_t len, const char **ret_what, size_t *ret_at);

/* A value inside a line that scan_line() accepted; points into it. */
struct scan_value {
	const char *at;
	size_t len;
};

/* Member of an object. Returns 0; -ENOENT without it; -EINVAL where v is no object. */
int scan_member(struct scan_value v, const char *name, struct scan_value *ret);

/*
 * Next element of an array; *pos starts at 0. Returns true while there is one; false at the end
 * and where v is no array.
 */
bool scan_element(struct scan_value v, size_t *pos, struct scan_value *ret);

/* Integer. Returns 0 or -EINVAL for any other type (_u64: or a negative one). */
int scan_i64(struct scan_value v, int64_t *ret);
int scan_u64(struct scan_value v, uint64_t *ret);

/* Decimal string "0" | [1-9][0-9]*. Returns 0; -EINVAL; -ERANGE at 2^64 and beyond. */
int scan_big(struct scan_value v, uint64_t *ret);

bool scan_is_null(struct scan_value v);
bool scan_is_string(struct scan_value v, const char *text);

/* Text of a string without escapes, quotes removed. Returns 0 or -EINVAL (not one, or escapes). */
int scan_text(struct scan_value v, struct scan_value *ret);

#endif /* LEDGER_SCAN_H */
