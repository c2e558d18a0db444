/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.c - see table.h. */
#include "stacks/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stacks/index.h"

struct frame {
	struct stack_place place;
	uint64_t order;
};

/* A stack's frames are part of one array for all. */
struct stack_entry {
	size_t begin;
	size_t n;
	uint64_t order;
};

struct stacks_table {
	struct index sources_by_key;
	struct index frames_by_place;
	struct index stacks_by_frames;
	struct source *source;
	struct frame *frame;
	struct stack_entry *stack;
	uint32_t *part; /* frames of the stacks */
	size_t n_sources, n_frames, n_stacks, n_parts;
	size_t source_capacity, frame_capacity, stack_capacity, part_capacity;
};

int table_new(struct stacks_table **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void table_free(struct stacks_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_sources; i++) {
		cleanup_close(&t->source[i].fd);
		free((char *)t->source[i].key.text);
	}
	index_free(&t->sources_by_key);
	index_free(&t->frames_by_place);
	index_free(&t->stacks_by_frames);
	free(t->source);
	free(t->frame);
	free(t->stack);
	free(t->part);
	free(t);
}

static uint64_t key_hash(const struct source_key *k)
{
	uint64_t kind = k->kind, h = index_hash(INDEX_SEED, &kind, sizeof(kind));

	h = index_hash(h, k->text, strlen(k->text) + 1);
	h = index_hash(h, k->id, sizeof(k->id));
	return index_hash(h, &k->inode, sizeof(k->inode));
}

static bool key_is(const void *owner, uint32_t item, const void *key)
{
	const struct stacks_table *t = owner;
	const struct source_key *a = &t->source[item].key, *b = key;

	return a->kind == b->kind && a->inode == b->inode && a->id_len == b->id_len &&
	       !memcmp(a->id, b->id, sizeof(a->id)) && !strcmp(a->text, b->text);
}

int table_source(struct stacks_table *t, const struct source_key *k, uint32_t *ret)
{
	uint64_t hash = key_hash(k);
	uint32_t found = index_find(&t->sources_by_key, hash, key_is, t, k);
	struct source *s;
	char *text;

	if (found != INDEX_NONE) {
		*ret = found;
		return 0;
	}
	text = strdup(k->text);
	if (!text || index_grow(&t->source, &t->source_capacity, t->n_sources, sizeof(*s)) ||
	    index_add(&t->sources_by_key, hash, (uint32_t)t->n_sources)) {
		free(text);
		return -ENOMEM;
	}
	s = &t->source[t->n_sources];
	*s = (struct source){ .key = *k, .fd = -1, .order = hash };
	s->key.text = text;
	*ret = (uint32_t)t->n_sources++;
	return 0;
}

static bool place_is(const void *owner, uint32_t item, const void *key)
{
	const struct stacks_table *t = owner;
	const struct stack_place *a = &t->frame[item].place, *b = key;

	return a->source == b->source && a->at == b->at;
}

int table_frame(struct stacks_table *t, struct stack_place place, uint32_t *ret)
{
	uint64_t order = index_hash(t->source[place.source].order, &place.at, sizeof(place.at));
	uint32_t found = index_find(&t->frames_by_place, order, place_is, t, &place);

	if (found == INDEX_NONE) {
		if (index_grow(&t->frame, &t->frame_capacity, t->n_frames, sizeof(*t->frame)) ||
		    index_add(&t->frames_by_place, order, (uint32_t)t->n_frames))
			return -ENOMEM;
		t->frame[t->n_frames] = (struct frame){ place, order };
		found = (uint32_t)t->n_frames++;
	}
	*ret = found;
	return 0;
}

struct stack_key {
	const uint32_t *frame;
	size_t n;
};

static bool stack_is(const void *owner, uint32_t item, const void *key)
{
	const struct stacks_table *t = owner;
	const struct stack_entry *a = &t->stack[item];
	const struct stack_key *b = key;

	return a->n == b->n && !memcmp(&t->part[a->begin], b->frame, b->n * sizeof(*b->frame));
}

int table_stack(struct stacks_table *t, const uint32_t *frame, size_t n, uint32_t *ret)
{
	struct stack_key key = { frame, n };
	uint64_t order = INDEX_SEED;
	uint32_t found;

	for (size_t i = 0; i < n; i++)
		order = index_hash(order, &t->frame[frame[i]].order, sizeof(order));
	found = index_find(&t->stacks_by_frames, order, stack_is, t, &key);
	if (found != INDEX_NONE) {
		*ret = found;
		return 0;
	}
	while (t->n_parts + n > t->part_capacity)
		if (index_grow(&t->part, &t->part_capacity, t->part_capacity, sizeof(*t->part)))
			return -ENOMEM;
	if (index_grow(&t->stack, &t->stack_capacity, t->n_stacks, sizeof(*t->stack)) ||
	    index_add(&t->stacks_by_frames, order, (uint32_t)t->n_stacks))
		return -ENOMEM;
	memcpy(&t->part[t->n_parts], frame, n * sizeof(*frame));
	t->stack[t->n_stacks] = (struct stack_entry){ t->n_parts, n, order };
	t->n_parts += n;
	*ret = (uint32_t)t->n_stacks++;
	return 0;
}

int table_text(struct stacks_table *t, enum stack_kind kind, const char *text, uint32_t *ret)
{
	struct source_key k = { .kind = SOURCE_TEXT, .text = text[0] ? text : "[no name]" };
	struct stack_place place = { .at = kind };
	int err = table_source(t, &k, &place.source);

	return err ? err : table_frame(t, place, ret);
}

size_t table_n_sources(const struct stacks_table *t)
{
	return t->n_sources;
}

size_t table_n_frames(const struct stacks_table *t)
{
	return t->n_frames;
}

size_t table_n_stacks(const struct stacks_table *t)
{
	return t->n_stacks;
}

struct source *table_get_source(struct stacks_table *t, uint32_t source)
{
	return &t->source[source];
}

struct stack_place table_place(const struct stacks_table *t, uint32_t frame)
{
	return t->frame[frame].place;
}

const uint32_t *table_frames(const struct stacks_table *t, uint32_t stack, size_t *ret_n)
{
	*ret_n = t->stack[stack].n;
	return &t->part[t->stack[stack].begin];
}

uint64_t table_order(const struct stacks_table *t, uint32_t stack)
{
	return t->stack[stack].order;
}
