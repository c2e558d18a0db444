/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tally.c - the samples of one tick, found by consumer: open addressing, growth amortised. */
#include "carbon/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define TALLY_MIN_CAPACITY 64

/* Samples lie in memory as they came: what is taken next is asked for some of them ahead. */
#define TAKE_AHEAD 4
#define CACHE_LINE 64

/* What the command had is apart from what others had, in a cgroup or group that they share. */
#define GROUP_FLAGS  JT_CELL_LINEAGE
#define CGROUP_FLAGS (JT_CELL_LINEAGE | JT_CELL_V1_CGRP | USAGE_ROW_IRQ)

struct tally_key tally_key_of_row(enum record_kind by, const struct usage_row *row)
{
	if (record_kind_is_group(by))
		return (struct tally_key){ .kind = row->flags & GROUP_FLAGS, .id = row->group };
	if (record_kind_is_task(by) && row->tgid != 0)
		return (struct tally_key){ .tgid = row->tgid,
					   .pid = by == RECORD_THREAD ? row->pid : 0,
					   .id = row->start_boottime_ns };
	return (struct tally_key){ .kind = row->flags & CGROUP_FLAGS, .id = row->cgroup_id };
}

struct tally_key tally_key_of_sample(const struct sample *s)
{
	if (record_kind_is_group(s->kind))
		return (struct tally_key){ .kind = s->flags & GROUP_FLAGS, .id = s->group };
	if (s->tgid != 0)
		return (struct tally_key){ .tgid = s->tgid,
					   .pid = s->pid,
					   .id = s->start_boottime_ns };
	return (struct tally_key){ .kind = s->flags & CGROUP_FLAGS, .id = s->cgroup_id };
}

/* The finaliser of Austin Appleby's MurmurHash3, over both words. */
static uint64_t hash(const struct tally_key *k)
{
	uint64_t h = k->id ^
		     ((uint64_t)k->tgid << 32 | (k->pid ^ k->kind)) * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

/* The key's slot: of its sample, or the empty one where it goes. Half the slots stay empty. */
static uint32_t *find(const struct tally *t, const struct tally_key *k)
{
	for (size_t i = hash(k);; i++) {
		uint32_t *slot = &t->slot[i & (t->n_slots - 1)];
		struct tally_key other;

		if (*slot == 0)
			return slot;
		other = tally_key_of_sample(&t->sample[*slot - 1]);
		if (other.id == k->id && other.tgid == k->tgid && other.pid == k->pid &&
		    other.kind == k->kind)
			return slot;
	}
}

static void rebuild(struct tally *t)
{
	memset(t->slot, 0, t->n_slots * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++) {
		struct tally_key k = tally_key_of_sample(&t->sample[i]);

		*find(t, &k) = (uint32_t)(i + 1);
	}
}

int tally_reserve(struct tally *t, size_t n)
{
	CLEANUP(cleanup_free) uint32_t *slot = NULL;
	size_t capacity = t->capacity ? t->capacity : TALLY_MIN_CAPACITY;
	struct tally_order *order;
	struct sample *sample;

	if (n > UINT32_MAX / 4 || t->n > UINT32_MAX / 4)
		return -EOVERFLOW;
	if (t->n + n <= t->capacity)
		return 0;
	while (capacity < t->n + n)
		capacity *= 2;

	slot = calloc(capacity * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	sample = reallocarray(t->sample, capacity, sizeof(*sample));
	if (!sample)
		return -ENOMEM;
	t->sample = sample;
	order = reallocarray(t->order, 2 * capacity, sizeof(*order));
	if (!order)
		return -ENOMEM;
	t->order = order;
	t->capacity = capacity;
	free(t->slot);
	t->slot = TAKE_PTR(slot);
	t->n_slots = capacity * 2;
	rebuild(t);
	return 0;
}

struct sample *tally_get(struct tally *t, enum record_kind by, const struct tally_key *key)
{
	uint32_t *slot = find(t, key);
	struct sample *s;

	if (*slot)
		return &t->sample[*slot - 1];
	s = &t->sample[t->n++];
	*slot = (uint32_t)t->n;
	*s = (struct sample){
		.kind = by,
		.tgid = key->tgid,
		.pid = key->pid,
		.start_boottime_ns = key->tgid ? key->id : 0,
		.cgroup_id = key->tgid || record_kind_is_group(by) ? 0 : key->id,
		.group = record_kind_is_group(by) ? key->id : 0,
		.flags = key->kind,
		.quality = ENERGY_MEASURED,
	};
	return s;
}

int tally_sort(struct tally *t)
{
	struct sample *sorted;

	if (t->n > t->sorted_capacity) {
		/* All of it is written anew: nothing to keep. */
		sorted = reallocarray(NULL, t->n, sizeof(*sorted));
		if (!sorted)
			return -ENOMEM;
		free(t->sorted);
		t->sorted = sorted;
		t->sorted_capacity = t->n;
	}
	tally_order_samples(t);
	return 0;
}

struct sample *tally_take(struct tally *t, size_t i)
{
	if (i + TAKE_AHEAD < t->n_sorted) {
		const char *from = (const char *)&t->sample[t->order[i + TAKE_AHEAD].index];
		const char *to = (const char *)&t->sorted[i + TAKE_AHEAD];

		for (size_t at = 0; at < sizeof(struct sample); at += CACHE_LINE) {
			__builtin_prefetch(from + at);
			__builtin_prefetch(to + at, 1);
		}
	}
	t->sorted[i] = t->sample[t->order[i].index];
	return &t->sorted[i];
}

void tally_reset(struct tally *t)
{
	t->n = 0;
	if (t->slot)
		memset(t->slot, 0, t->n_slots * sizeof(*t->slot));
}

void tally_free(struct tally *t)
{
	free(t->sample);
	free(t->slot);
	free(t->order);
	free(t->sorted);
	*t = (struct tally){ 0 };
}
