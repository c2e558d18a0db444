/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* strings.h - names of one tick, copied together and dropped together. */
#ifndef IDENTITY_STRINGS_H
#define IDENTITY_STRINGS_H

#include <stddef.h>

struct strings_block;

/* Zero-initialise. */
struct strings {
	struct strings_block *block;
};

/* A copy of s[0 … len) with a NUL, valid until strings_reset(); NULL without memory. */
const char *strings_copy(struct strings *t, const char *s, size_t len);

/* Drops all copies; one block's memory is kept. */
void strings_reset(struct strings *t);
void strings_free(struct strings *t);

#endif /* IDENTITY_STRINGS_H */
