/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stacks.h - call stacks of what runs, by the CPU's clock, one window at a time; then their names.
 *
 * Kernel stacks are as the kernel unwinds them, user stacks follow frame pointers. Addresses become
 * places in files at once, with the mappings of that moment; names come at the end, from a process
 * without privileges (symbols.h).
 */
#ifndef STACKS_STACKS_H
#define STACKS_STACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "stacks/table.h"
#include "types/stack.h"

struct stacks;

struct stacks_options {
	unsigned int frequency_hz; /* 1 to STACKS_MAX_HZ, of every CPU */
	const char *root;	   /* proc/ below it; NULL = "/" */
};

#define STACKS_MAX_HZ 9999

/* Sampling begins. Returns 0 (*ret is the caller's, for stacks_free()) or -errno with why. */
int stacks_new(const struct stacks_options *o, struct stacks **ret, struct why *why);
void stacks_free(struct stacks *s);

/* Empties the kernel's rings; to be called that often between windows, else samples are lost. */
void stacks_poll(struct stacks *s);
uint64_t stacks_poll_interval_ns(const struct stacks *s);

/*
 * The samples since the last call with a time before end_mono_ns, of those threads that wanted()
 * says yes to; others are forgotten, later ones kept. *ret is valid until the next call.
 * Returns 0 or -ENOMEM.
 */
typedef bool stacks_wanted_fn(uint32_t tgid, uint32_t pid, const void *arg);
int stacks_read(struct stacks *s, uint64_t end_mono_ns, stacks_wanted_fn *wanted, const void *arg,
		const struct stack_window **ret);

/* What the rows' stacks are; more may be put there. Owned by s. */
struct stacks_table *stacks_table(struct stacks *s);

/* Samples and other records that found no room: what is told of those around is less sure. */
uint64_t stacks_n_lost(const struct stacks *s);

/* Samples no more, and opens what names need and only this process may open. */
void stacks_stop(struct stacks *s);

#endif /* STACKS_STACKS_H */
