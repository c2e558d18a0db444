/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answers.h - what the resolving child writes, and its side of it. */
#ifndef STACKS_ANSWERS_H
#define STACKS_ANSWERS_H

#include <stdint.h>
#include <stdio.h>

#include "stacks/table.h"

/* Before each name, of len bytes, < STACK_NAME_LEN. */
struct answer {
	uint32_t frame;
	uint16_t len;
	uint8_t kind; /* enum stack_kind */
	uint8_t known;
};

/*
 * Answers for the n frames, which are sorted by source, into out. Reads whatever their sources'
 * descriptors give. A source is whole before the next one begins.
 */
void answers_write(struct stacks_table *t, const uint32_t *frame, size_t n, FILE *out);

/* What a frame is called whose source cannot be read; at: see elf_names_find(). */
void answers_unknown(const struct source *s, uint64_t at, char *ret, size_t size);

#endif /* STACKS_ANSWERS_H */
