/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_read.h - JSON of strangers, read within bounds that are checked before anything is built.
 *
 * The parsing is jansson's. A document of 100 MB, of a million brackets or of a hundred million
 * numbers costs one look over its bytes, not memory. For what the ledger writes there is the
 * strict scanner of ledger/.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stddef.h>

#include <jansson.h>

#include "base/why.h"

struct json_limits {
	size_t max_bytes;
	size_t max_depth;  /* of objects and arrays in one another */
	size_t max_values; /* elements and members, all together; names count as well */
};

/* A year of five minutes of one place, with all that the known formats say of each. */
#define JSON_LIMITS_DEFAULT                                                      \
	{                                                                        \
		.max_bytes = 32U << 20, .max_depth = 16, .max_values = 4U << 20, \
	}

/*
 * One document, and nothing after it; a UTF-8 byte order mark before it is skipped. Names that
 * come twice in an object are refused, since readers disagree on which counts.
 *
 * text  [len] bytes; need not end with NUL
 * ret   the caller's, for json_decref()
 *
 * Returns 0; -E2BIG beyond a limit; -EBADMSG for what is no JSON; with why.
 */
int json_read_document(const char *text, size_t len, const struct json_limits *limits, json_t **ret,
		       struct why *why);

static inline void json_decref_ptr(json_t **p)
{
	json_decref(*p);
}

#endif /* BASE_JSON_READ_H */
