/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * answer.h - reads one line of JSON that the daemon sent: checked once, then looked into.
 *
 * Nothing is allocated and nothing copied: a value is a piece of the line. The line is not trusted.
 */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_MAX_DEPTH 16

/* A value of a line that answer_check() accepted; a zeroed one is of no type. */
struct answer_value {
	const char *at;
	size_t len;
};

/* One JSON object (RFC 8259) and nothing after it. Returns 0 or -EBADMSG. */
int answer_check(const char *line, size_t len);

/* Returns 0; -ENOENT where v is no object, has no such member, or has null there. */
int answer_member(struct answer_value v, const char *name, struct answer_value *ret);

/* The next element of an array; *pos begins at 0. False at its end, and where v is none. */
bool answer_next(struct answer_value v, size_t *pos, struct answer_value *ret);

/* The next member of an object, likewise; its name is a string. */
bool answer_next_member(struct answer_value v, size_t *pos, struct answer_value *ret_name,
			struct answer_value *ret);

/* Integers below 2^63. Return 0 or -EINVAL; *ret is untouched then. */
int answer_u64(struct answer_value v, uint64_t *ret);
int answer_i64(struct answer_value v, int64_t *ret);

bool answer_is_true(struct answer_value v);

/* Whether v is this string, which needs no escapes. */
bool answer_is(struct answer_value v, const char *text);

/*
 * A string without its escapes, cut at a character's end to what there is room for; "" of what is
 * no string. A NUL within it ends it. size is at least 1.
 */
void answer_text(struct answer_value v, char *ret, size_t size);

#endif /* CLIENT_ANSWER_H */
