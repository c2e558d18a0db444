/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symbols.h - names of all frames of a profile, by a child process without privileges.
 *
 * Symbol tables are written by whoever built the program that was profiled. What reads them has no
 * user, no network, and an end: a file at which it dies costs the names of that file, no more.
 */
#ifndef STACKS_SYMBOLS_H
#define STACKS_SYMBOLS_H

#include "stacks/table.h"

/* frame[i]: name and kind of frame i of the table; owned. */
struct resolved {
	struct stack_frame *frame;
	size_t n;
	size_t n_unknown;	 /* frames without a name */
	size_t n_failed_sources; /* files at which the child died */
};

/*
 * Unnamed frames are "[unknown] BINARY+0xADDRESS" (as addr2line takes it), "[unknown] [kernel]",
 * or "[unknown] [anon]". Descriptors of t's sources are read, and not closed.
 * Returns 0, or -errno where no child can be had; *ret is the caller's, for resolved_free().
 */
int symbols_resolve(struct stacks_table *t, struct resolved *ret);
void resolved_free(struct resolved *r);

#endif /* STACKS_SYMBOLS_H */
