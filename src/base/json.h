/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json.h - the one JSON writer: compact, integers only.
 *
 * The output is RFC 8785 (JCS) form as long as the caller gives names in sorted order; every
 * machine-readable output uses it. The strict scanner of the same profile is in ledger/.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define JSON_MAX_DEPTH 16
/* 2^53 - 1: the largest integer that every JSON reader keeps exactly (RFC 7493). */
#define JSON_INT_MAX INT64_C(9007199254740991)

/* Writes onto out, which the caller owns and whose err it checks at the end. */
struct json_writer {
	struct buf *out;
	unsigned int depth;
	bool comma[JSON_MAX_DEPTH + 1]; /* a value went before in this object or array */
	bool after_key;
};

void json_begin(struct json_writer *w, struct buf *out);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *name);

void json_u64(struct json_writer *w, uint64_t v); /* a number, whatever its size */
void json_i64(struct json_writer *w, int64_t v);
void json_big(struct json_writer *w, uint64_t v); /* decimal string: may outgrow 2^53 - 1 */
void json_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);
/* A NUL-terminated UTF-8 string, escaped as RFC 8785 3.2.2.2 says; NULL writes null. */
void json_str(struct json_writer *w, const char *s);
void json_text(struct json_writer *w, const char *s, size_t len); /* len bytes of it */
/* Linux names are bytes: a string where they are valid UTF-8, else {"b64":"…"}; NULL: null. */
void json_bytes(struct json_writer *w, const char *s, size_t len);

/* A value that is JSON of this form already. */
void json_raw(struct json_writer *w, const char *text, size_t len);

/* Name and value in one line. */
void json_kv_u64(struct json_writer *w, const char *name, uint64_t v);
void json_kv_i64(struct json_writer *w, const char *name, int64_t v);
void json_kv_big(struct json_writer *w, const char *name, uint64_t v);
void json_kv_bool(struct json_writer *w, const char *name, bool v);
void json_kv_str(struct json_writer *w, const char *name, const char *s);
void json_kv_bytes(struct json_writer *w, const char *name, const char *s);

/* Strict UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). */
bool json_utf8_valid(const char *s, size_t len);

#endif /* BASE_JSON_H */
