/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* walk.h - the lines of a ledger in order, segment after segment, in 64 kB of memory. */
#ifndef LEDGER_WALK_H
#define LEDGER_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/scan.h"

/* "seg/<first index, 20 digits>.jsonl" */
#define WALK_NAME_LEN 27

enum walk_step {
	WALK_LINE = 1, /* a line, without its LF */
	WALK_END,      /* no more bytes, after a whole line */
	WALK_TORN,     /* the last line has no LF, and no more bytes follow */
	WALK_LONG,     /* no LF within SCAN_MAX_LINE bytes */
};

/* Where reading stands. Segments are found by name, so a stray file is never read. */
struct walk {
	int seg_dir;	     /* borrowed */
	int fd;		     /* -1 before the first segment */
	uint64_t first;	     /* index the open segment begins with */
	uint64_t offset;     /* bytes of it given out as lines */
	uint64_t n_segments; /* opened so far */
	size_t from;
	size_t to;
	char buf[SCAN_MAX_LINE + 1];
};

void walk_begin(struct walk *w, int seg_dir);
void walk_end(struct walk *w);

/*
 * The line with that index, which must be one more than the one before (0 at first). *ret points
 * into w until the next call. Returns an enum walk_step or -errno.
 */
int walk_next(struct walk *w, uint64_t index, const char **ret, size_t *ret_len);

/* Bytes of the open segment that were not given out; 0 where it cannot be told. */
uint64_t walk_left_bytes(const struct walk *w);

void walk_segment_name(uint64_t first, char ret[WALK_NAME_LEN]);
bool walk_segment_parse(const char *name, uint64_t *ret_first);

/* Segments that the directory lists, and the highest first index. Returns 0 or -errno. */
int walk_list(int seg_dir, uint64_t *ret_n, uint64_t *ret_last);

#endif /* LEDGER_WALK_H */
