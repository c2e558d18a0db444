/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* records.h - what perf's rings hold, in words of this stage, and a queue that sorts it by time. */
#ifndef STACKS_RECORDS_H
#define STACKS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "stacks/spaces.h"

struct perf_event_header;

enum record_type {
	RECORD_SAMPLE,
	RECORD_FORK,   /* tgid was forked by parent_tgid */
	RECORD_EXEC,   /* with text, the new name */
	RECORD_RENAME, /* likewise, of the process's leader */
	RECORD_EXIT,   /* of the process's leader */
	RECORD_MAP,    /* map and key; key.text is the path */
	RECORD_LOST,   /* n */
	RECORD_OTHER,
};

/* Pointers are into the record. */
struct record {
	enum record_type type;
	uint64_t mono_ns;
	uint32_t tgid;
	uint32_t pid;
	uint32_t parent_tgid;
	uint64_t n; /* addresses of a sample; records lost */
	const uint64_t *address;
	const char *text;
	struct space_map map;
	struct source_key key;
};

/*
 * h: a whole record of h->size bytes, 8-byte aligned, of events opened as rings.c does. What is cut
 * short or unknown is RECORD_OTHER.
 */
void record_parse(const struct perf_event_header *h, struct record *ret);

struct record_batch {
	struct queued_record *queued;
	size_t n, capacity;
	char *bytes;
	size_t n_bytes, byte_capacity;
};

/* Records of all CPUs. Zero-initialise. */
struct record_queue {
	struct record_batch batch[2]; /* the first is in use; the other's memory comes next */
	uint64_t n_arrived;
	uint64_t n_lost; /* as the kernel tells, and what found no room here */
};

#define QUEUE_MAX_BYTES (256U << 20)

/* Keeps a copy. */
void queue_add(struct record_queue *q, const struct perf_event_header *h);

/*
 * Calls f with all records before end_mono_ns, by their time, as they came where it is the same,
 * and forgets them. Returns 0 or the first error of f.
 */
typedef int queue_fn(const struct record *r, void *arg);
int queue_take(struct record_queue *q, uint64_t end_mono_ns, queue_fn *f, void *arg);
void queue_free(struct record_queue *q);

#endif /* STACKS_RECORDS_H */
