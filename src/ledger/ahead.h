/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ahead.h - the facts of every line of a ledger, in order: chunks are unpacked, scanned and hashed
 * ahead in several threads, in bounded memory.
 */
#ifndef LEDGER_AHEAD_H
#define LEDGER_AHEAD_H

#include "ledger/check.h"
#include "ledger/walk.h"

#define AHEAD_MAX_THREADS 16

struct ahead;

/*
 * Reads from w, which stays the caller's but is not to be touched till ahead_free(). n_threads: 1
 * works in the caller's own; 0 = one per CPU. Returns 0 or -errno.
 */
int ahead_new(struct walk *w, unsigned int n_threads, struct ahead **ret);
void ahead_free(struct ahead *a);

enum ahead_step {
	AHEAD_END = 0, /* no more bytes, after a whole line */
	AHEAD_FACTS,   /* the next line: *ret until the next call */
	AHEAD_SEGMENT, /* a segment begins: ahead_first() */
	AHEAD_TORN,    /* bytes without an LF end a segment */
	AHEAD_LONG,    /* no LF within SCAN_MAX_LINE bytes */
	AHEAD_BAD,     /* a packed segment is damaged */
};

/* Returns an enum ahead_step or -errno. */
int ahead_next(struct ahead *a, const struct check_facts **ret);

/* Index that the present segment begins with, by its name. */
uint64_t ahead_first(const struct ahead *a);

/* Bytes of the present chunk that ahead_next() has not given out as lines yet. */
uint64_t ahead_left_bytes(const struct ahead *a);

#endif /* LEDGER_AHEAD_H */
