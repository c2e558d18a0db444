/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h - every stack of a profile once: a stack is frames, a frame is a place in a source of
 * code. Numbers count up from 0 and stay.
 */
#ifndef STACKS_TABLE_H
#define STACKS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "types/stack.h"

struct stacks_table;

/* Where the code of a frame comes from. */
enum source_kind {
	SOURCE_TEXT = 0, /* no code: text is the frame's name; at is an enum stack_kind */
	SOURCE_KERNEL,	 /* at is an address */
	SOURCE_ELF,	 /* a file; at is an offset in it */
	SOURCE_JIT,	 /* no file, in a process with a perf map; at is an address */
};

#define SOURCE_ID_LEN 20 /* of a build id, as the kernel gives them */

/* By which content sources are told apart. */
struct source_key {
	const char *text; /* name; path of a file as its process sees it; "" */
	size_t id_len;	  /* 0 = the kernel gave no build id … */
	uint64_t inode;	  /* … but this; of SOURCE_JIT a number of its own */
	enum source_kind kind;
	uint8_t id[SOURCE_ID_LEN]; /* zero beyond id_len */
};

struct source {
	struct source_key key; /* its text is the table's */
	int fd;		       /* -1 = could not be opened, or was not tried */
	bool tried;
	bool exact; /* opened as what is mapped: no need to compare */
	uint64_t order;
};

struct stack_place {
	uint32_t source;
	uint64_t at;
};

int table_new(struct stacks_table **ret);
/* Closes the sources' files; NULL is fine. */
void table_free(struct stacks_table *t);

/* The number of a source, a place, a stack (root first, 1 to STACK_MAX_FRAMES). 0 or -ENOMEM. */
int table_source(struct stacks_table *t, const struct source_key *k, uint32_t *ret);
int table_frame(struct stacks_table *t, struct stack_place place, uint32_t *ret);
int table_stack(struct stacks_table *t, const uint32_t *frame, size_t n, uint32_t *ret);

/* The frame that is nothing but a name. */
int table_text(struct stacks_table *t, enum stack_kind kind, const char *text, uint32_t *ret);

size_t table_n_sources(const struct stacks_table *t);
size_t table_n_frames(const struct stacks_table *t);
size_t table_n_stacks(const struct stacks_table *t);
/* Valid until the next source is added. */
struct source *table_get_source(struct stacks_table *t, uint32_t source);
struct stack_place table_place(const struct stacks_table *t, uint32_t frame);
/* Its frames, root first; valid until the next stack is added. */
const uint32_t *table_frames(const struct stacks_table *t, uint32_t stack, size_t *ret_n);
/* By content alone: the same in every table. */
uint64_t table_order(const struct stacks_table *t, uint32_t stack);

#endif /* STACKS_TABLE_H */
