/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* records.c - see records.h. Layouts: include/uapi/linux/perf_event.h. */
#include "stacks/records.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stacks/index.h"

#define LEAST_BYTES 65536

struct queued_record {
	uint64_t mono_ns;
	uint64_t arrived;
	size_t at;
};

/* Ends every record but samples: sample_id_all with TID and TIME. */
struct sample_id {
	uint32_t tgid, pid;
	uint64_t mono_ns;
};

struct sample_record {
	struct perf_event_header h;
	uint32_t tgid, pid;
	uint64_t mono_ns;
	uint64_t n;
	uint64_t address[];
};

struct task_record {
	struct perf_event_header h;
	uint32_t tgid, parent_tgid;
	uint32_t pid, parent_pid;
	uint64_t mono_ns;
};

struct comm_record {
	struct perf_event_header h;
	uint32_t tgid, pid;
	char comm[];
};

struct mmap2_record {
	struct perf_event_header h;
	uint32_t tgid, pid;
	uint64_t begin, len, offset;
	union {
		struct {
			uint32_t major, minor;
			uint64_t inode, generation;
		};
		struct {
			uint8_t id_len, reserved[3];
			uint8_t id[20];
		};
	};
	uint32_t prot, flags;
	char path[];
};

struct lost_record {
	struct perf_event_header h;
	uint64_t id, n;
};

/* A text that ends before the sample_id does; NULL if it does not end. */
static const char *text_of(const struct perf_event_header *h, size_t from)
{
	size_t end = h->size - sizeof(struct sample_id);

	return from < end && memchr((const char *)h + from, 0, end - from) ? (const char *)h + from
									   : NULL;
}

static void parse_sample(const struct perf_event_header *h, struct record *r)
{
	const struct sample_record *s = (const void *)h;

	if (h->size < sizeof(*s) || s->n > (h->size - sizeof(*s)) / sizeof(*s->address))
		return;
	r->type = RECORD_SAMPLE;
	r->mono_ns = s->mono_ns;
	r->tgid = s->tgid;
	r->pid = s->pid;
	r->n = s->n;
	r->address = s->address;
}

static void parse_task(const struct perf_event_header *h, struct record *r)
{
	const struct task_record *t = (const void *)h;

	if (h->size < sizeof(*t))
		return;
	r->tgid = t->tgid;
	r->pid = t->pid;
	r->parent_tgid = t->parent_tgid;
	if (h->type == PERF_RECORD_FORK && t->tgid != t->parent_tgid)
		r->type = RECORD_FORK;
	if (h->type == PERF_RECORD_EXIT && t->tgid == t->pid)
		r->type = RECORD_EXIT;
}

static void parse_comm(const struct perf_event_header *h, struct record *r)
{
	const struct comm_record *c = (const void *)h;

	r->text = text_of(h, offsetof(struct comm_record, comm));
	if (!r->text)
		return;
	r->tgid = c->tgid;
	r->pid = c->pid;
	if (h->misc & PERF_RECORD_MISC_COMM_EXEC)
		r->type = RECORD_EXEC;
	else if (c->tgid == c->pid)
		r->type = RECORD_RENAME;
}

static void parse_map(const struct perf_event_header *h, struct record *r)
{
	const struct mmap2_record *m = (const void *)h;

	r->key.text = text_of(h, offsetof(struct mmap2_record, path));
	if (!r->key.text || m->len > UINT64_MAX - m->begin)
		return;
	r->type = RECORD_MAP;
	r->tgid = m->tgid;
	r->pid = m->pid;
	r->map.begin = m->begin;
	r->map.end = m->begin + m->len;
	r->map.offset = m->offset;
	if (!(h->misc & PERF_RECORD_MISC_MMAP_BUILD_ID)) {
		r->key.inode = m->inode;
		return;
	}
	r->key.id_len = m->id_len < SOURCE_ID_LEN ? m->id_len : SOURCE_ID_LEN;
	memcpy(r->key.id, m->id, r->key.id_len);
}

void record_parse(const struct perf_event_header *h, struct record *ret)
{
	*ret = (struct record){ .type = RECORD_OTHER };
	if (h->type == PERF_RECORD_SAMPLE) {
		parse_sample(h, ret);
		return;
	}
	if (h->size < sizeof(*h) + sizeof(struct sample_id))
		return;
	ret->mono_ns = ((const struct sample_id *)((const char *)h + h->size) - 1)->mono_ns;
	if (h->type == PERF_RECORD_FORK || h->type == PERF_RECORD_EXIT) {
		parse_task(h, ret);
	} else if (h->type == PERF_RECORD_COMM) {
		parse_comm(h, ret);
	} else if (h->type == PERF_RECORD_MMAP2) {
		parse_map(h, ret);
	} else if (h->type == PERF_RECORD_LOST && h->size >= sizeof(struct lost_record)) {
		ret->type = RECORD_LOST;
		ret->n = ((const struct lost_record *)h)->n;
	}
}

/* Room for len more bytes and one more record. */
static bool batch_grow(struct record_batch *b, size_t len)
{
	size_t want = b->byte_capacity ? b->byte_capacity : LEAST_BYTES;
	char *bytes;

	while (want < b->n_bytes + len)
		want *= 2;
	if (want > b->byte_capacity) {
		bytes = want <= QUEUE_MAX_BYTES ? realloc(b->bytes, want) : NULL;
		if (!bytes)
			return false;
		b->bytes = bytes;
		b->byte_capacity = want;
	}
	return index_grow(&b->queued, &b->capacity, b->n, sizeof(*b->queued)) == 0;
}

void queue_add(struct record_queue *q, const struct perf_event_header *h)
{
	struct record_batch *b = &q->batch[0];
	struct record r;

	record_parse(h, &r);
	if (r.type == RECORD_LOST)
		q->n_lost += r.n;
	if (r.type == RECORD_LOST || r.type == RECORD_OTHER)
		return;
	if (!batch_grow(b, h->size)) {
		q->n_lost++;
		return;
	}
	memcpy(b->bytes + b->n_bytes, h, h->size);
	b->queued[b->n++] = (struct queued_record){ r.mono_ns, q->n_arrived++, b->n_bytes };
	b->n_bytes += h->size;
}

static int compare_queued(const void *pa, const void *pb)
{
	const struct queued_record *a = pa, *b = pb;

	if (a->mono_ns != b->mono_ns)
		return a->mono_ns < b->mono_ns ? -1 : 1;
	return a->arrived < b->arrived ? -1 : a->arrived > b->arrived;
}

static const struct perf_event_header *batch_header(const struct record_batch *b, size_t i)
{
	return (const void *)(b->bytes + b->queued[i].at);
}

int queue_take(struct record_queue *q, uint64_t end_mono_ns, queue_fn *f, void *arg)
{
	struct record_batch taken = q->batch[0];
	struct record r;
	size_t n = 0;
	int err = 0;

	if (taken.n)
		qsort(taken.queued, taken.n, sizeof(*taken.queued), compare_queued);
	for (; n < taken.n && taken.queued[n].mono_ns < end_mono_ns && !err; n++) {
		record_parse(batch_header(&taken, n), &r);
		err = f(&r, arg);
	}
	/* What is later is queued anew, in the other batch. */
	q->batch[0] = q->batch[1];
	q->batch[0].n = 0;
	q->batch[0].n_bytes = 0;
	q->batch[1] = taken;
	for (; n < taken.n; n++)
		queue_add(q, batch_header(&taken, n));
	return err;
}

void queue_free(struct record_queue *q)
{
	for (size_t i = 0; i < 2; i++) {
		free(q->batch[i].queued);
		free(q->batch[i].bytes);
	}
	*q = (struct record_queue){ 0 };
}
