/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * walk.h - the bytes of a ledger in order, segment after segment, in chunks of whole lines.
 *
 * A segment is seg/<first index, 20 digits>.jsonl or, packed, the same with .gz behind it.
 */
#ifndef LEDGER_WALK_H
#define LEDGER_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/member.h"
#include "ledger/scan.h"

/* "<20 digits>.jsonl.gz" and its NUL */
#define WALK_NAME_LEN  30
#define WALK_CHUNK_LEN MEMBER_MAX_PLAIN

enum walk_step {
	WALK_END = 0, /* no more segments */
	WALK_LINES,   /* whole lines, maybe none */
	WALK_PACKED,  /* whole lines, to be unpacked first */
	WALK_TORN,    /* the segment ends without an LF: the rest of it */
	WALK_LONG,    /* no LF within SCAN_MAX_LINE bytes */
	WALK_BAD,     /* a packed segment is damaged */
};

/* What one step gave; memory of its own, so that several can be worked on at once. */
struct walk_chunk {
	enum walk_step step;
	bool begins;	/* first of its segment */
	uint64_t first; /* index that the segment begins with, by its name */
	char *data;	/* WALK_CHUNK_LEN */
	size_t len;
	uint64_t n_skipped;	 /* lines before these that walk_begin() was not asked for */
	struct member_head head; /* WALK_PACKED */
	uint8_t *packed;	 /* deflated bytes and tail */
};

/* Returns 0 or -ENOMEM. Zeroed chunks may be freed too. */
int walk_chunk_new(struct walk_chunk *c);
void walk_chunk_free(struct walk_chunk *c);

/* Where reading stands. Segments are found by name, so a stray file is never read. */
struct walk {
	int seg_dir;	 /* borrowed */
	uint64_t *first; /* what the directory listed, sorted */
	size_t n;
	size_t n_both; /* of them, those that are there plain and packed: a crash while packing */
	size_t next;   /* segment to open */
	int fd;	       /* -1 = none open */
	bool packed;
	uint64_t index; /* packed: of the next member's first line */
	uint64_t from;	/* packed: members that end before it are passed over */
	bool begins;
	size_t n_carry;
	char *carry; /* WALK_CHUNK_LEN: the beginning of a line that the next chunk ends */
};

/* Lists the segments; begins with the one that holds index from. Returns 0 or -errno. */
int walk_begin(struct walk *w, int seg_dir, uint64_t from);
void walk_end(struct walk *w);

/* The next chunk. Returns an enum walk_step, also in c, or -errno. */
int walk_next(struct walk *w, struct walk_chunk *c);

/* WALK_PACKED to WALK_LINES, or to WALK_BAD. Returns 0 or -ENOMEM. */
int walk_unpack(struct walk_chunk *c, struct member_inflater *f);

/* Bytes that the open segment still has, as a file; 0 where it cannot be told. */
uint64_t walk_left_bytes(const struct walk *w);

/* Index of the last segment listed; 0 for none. */
uint64_t walk_last(const struct walk *w);

void walk_segment_name(uint64_t first, bool packed, char ret[WALK_NAME_LEN]);
bool walk_segment_parse(const char *name, uint64_t *ret_first, bool *ret_packed);

/* A line without its LF, and the index that its place says it has. */
typedef int walk_line_fn(uint64_t index, const char *line, size_t len, void *arg);

/*
 * Calls f for each line from index from on, until it returns other than 0. Returns what f returned
 * last; 0 at the end; -EBADMSG where no whole line follows; -errno.
 */
int walk_lines(int seg_dir, uint64_t from, walk_line_fn *f, void *arg);

#endif /* LEDGER_WALK_H */
