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

#include "ledger/hash.h"

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

/* Members that readers ask for by number instead of by name: scan_known_name. */
enum scan_known {
	SCAN_BOOT_ID = 0,
	SCAN_CGROUP,
	SCAN_CO2E_UG,
	SCAN_COMM,
	SCAN_DOMAINS,
	SCAN_ENERGY_UJ,
	SCAN_HOST,
	SCAN_I,
	SCAN_K,
	SCAN_MONO_US,
	SCAN_N,
	SCAN_N_TICKS,
	SCAN_NAME,
	SCAN_PREV,
	SCAN_SALT,
	SCAN_T,
	SCAN_TICK,
	SCAN_V,
	SCAN_WINDOW,
	SCAN_N_KNOWN,
};

#define SCAN_MAX_MEMBERS 64
#define SCAN_TEXT_LEN	 48 /* room for `,"name":` in whole sixteens */

/* The top-level members of a line that was found canonical, and its leaf hash. */
struct scan_record {
	const char *line;
	size_t len;
	size_t n; /* beyond SCAN_MAX_MEMBERS members are checked but not listed */
	struct scan_value member[SCAN_MAX_MEMBERS];
	const uint8_t *place; /* by scan_known: 1 + index of its member, 0 = absent; NULL = look */
	struct hash leaf;
};

/*
 * The names of a line, remembered: the next line of the same kind has the same ones in the same
 * places, and comparing them is all that checking them takes. Zero-initialise; one per thread.
 */
struct scan_shape {
	size_t n;
	uint16_t at[SCAN_MAX_MEMBERS]; /* of `,"name":` or `{"name":` in text */
	uint8_t len[SCAN_MAX_MEMBERS]; /* bytes of it */
	uint8_t place[SCAN_N_KNOWN];
	char text[SCAN_MAX_MEMBERS * SCAN_TEXT_LEN]; /* each from a multiple of 16 on */
};

#define SCAN_N_SHAPES 6

struct scan_shapes {
	unsigned int next; /* to be overwritten */
	struct scan_shape shape[SCAN_N_SHAPES];
};

/*
 * scan_line() that also lists the members; r points into line and c until the next call. Returns
 * the same.
 */
int scan_record(struct scan_shapes *c, const char *line, size_t len, struct scan_record *r,
		const char **ret_what, size_t *ret_at);

/* A member by number. Returns 0 or -ENOENT. */
int scan_get(const struct scan_record *r, enum scan_known k, struct scan_value *ret);

/* Member of an object. Returns 0; -ENOENT without it; -EINVAL where v is no object. */
int scan_member(struct scan_value v, const char *name, struct scan_value *ret);

/* A name to look for. */
struct scan_name {
	const char *text;
	size_t len;
};

#define SCAN_NAME_OF(text_)              \
	{                                \
		text_, sizeof(text_) - 1 \
	}

/*
 * Several members of an object in one pass: name[] is in the order of bytes, as the object's are.
 * ret is [n]; what is not there is empty, len 0.
 */
void scan_several(struct scan_value v, const struct scan_name *name, size_t n,
		  struct scan_value *ret);

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
