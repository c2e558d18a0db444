/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* strings.c - see strings.h. */
#include "identity/strings.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536

struct strings_block {
	struct strings_block *next;
	size_t used;
	size_t size;
	char bytes[];
};

const char *strings_copy(struct strings *t, const char *s, size_t len)
{
	struct strings_block *b = t->block;
	char *to;

	if (!b || b->size - b->used <= len) {
		size_t size = len < BLOCK_BYTES ? BLOCK_BYTES : len + 1;

		b = malloc(sizeof(*b) + size);
		if (!b)
			return NULL;
		*b = (struct strings_block){ .next = t->block, .size = size };
		t->block = b;
	}
	to = b->bytes + b->used;
	memcpy(to, s, len);
	to[len] = '\0';
	b->used += len + 1;
	return to;
}

void strings_reset(struct strings *t)
{
	struct strings_block *first = t->block;

	if (!first)
		return;
	t->block = first->next;
	strings_free(t);
	first->next = NULL;
	first->used = 0;
	t->block = first;
}

void strings_free(struct strings *t)
{
	while (t->block) {
		struct strings_block *next = t->block->next;

		free(t->block);
		t->block = next;
	}
}
