/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack.h - call stacks: what was seen of a window, and what is told of all of them. */
#ifndef TYPES_STACK_H
#define TYPES_STACK_H

#include <stddef.h>
#include <stdint.h>

#define STACK_MAX_FRAMES 256 /* the kernel gives 127 and two marks, unless told otherwise */
#define STACK_NAME_LEN	 512 /* longer names are cut */

/* What a frame is; the word is JSON's. */
enum stack_kind {
	STACK_PROCESS = 0, /* the root: a process's name */
	STACK_USER,
	STACK_KERNEL,
	STACK_JIT,  /* code that a perf map names */
	STACK_NOTE, /* no code: "[no sample]", "[idle]" */
	STACK_N_KINDS,
};

const char *stack_kind_name(enum stack_kind k);

/* name: bytes as symbol tables give them, NUL-terminated, never "". */
struct stack_frame {
	const char *name;
	enum stack_kind kind;
};

/* One stack with what it used: the root first. */
struct stack {
	const struct stack_frame *frame;
	size_t n_frames;
	uint64_t energy_uj;
	uint64_t n_samples;
};

/* One stack of one thread in a window, n_samples > 0 times. */
struct stack_row {
	uint32_t tgid;
	uint32_t pid; /* the thread */
	uint32_t stack;
	uint32_t n_samples;
	uint64_t order; /* of the stack's content, whoever was seen first */
};

/* Each thread and stack once, by tgid, pid, order and stack. */
struct stack_window {
	size_t n_rows;
	const struct stack_row *row;
};

#endif /* TYPES_STACK_H */
