/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* index.c - see index.h. Open addressing, at most half full. */
#include "stacks/index.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 256

struct index_slot {
	uint64_t hash;
	uint32_t item; /* INDEX_NONE = free */
};

/* FNV's low bits alone are poor: the middle of a product is not. */
static size_t first_slot(uint64_t hash, size_t n_slots)
{
	return (hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (n_slots - 1);
}

uint32_t index_find(const struct index *ix, uint64_t hash, index_same_fn *same, const void *owner,
		    const void *key)
{
	if (!ix->n_slots)
		return INDEX_NONE;
	for (size_t i = first_slot(hash, ix->n_slots);; i = (i + 1) & (ix->n_slots - 1)) {
		const struct index_slot *s = &ix->slot[i];

		if (s->item == INDEX_NONE)
			return INDEX_NONE;
		if (s->hash == hash && same(owner, s->item, key))
			return s->item;
	}
}

static void index_put(struct index_slot *slot, size_t n_slots, struct index_slot s)
{
	size_t i = first_slot(s.hash, n_slots);

	while (slot[i].item != INDEX_NONE)
		i = (i + 1) & (n_slots - 1);
	slot[i] = s;
}

int index_add(struct index *ix, uint64_t hash, uint32_t item)
{
	if (2 * (ix->n + 1) > ix->n_slots) {
		size_t n_slots = ix->n_slots ? 2 * ix->n_slots : FIRST_SLOTS;
		struct index_slot *slot = malloc(n_slots * sizeof(*slot));

		if (!slot)
			return -ENOMEM;
		for (size_t i = 0; i < n_slots; i++)
			slot[i].item = INDEX_NONE;
		for (size_t i = 0; i < ix->n_slots; i++)
			if (ix->slot[i].item != INDEX_NONE)
				index_put(slot, n_slots, ix->slot[i]);
		free(ix->slot);
		ix->slot = slot;
		ix->n_slots = n_slots;
	}
	index_put(ix->slot, ix->n_slots, (struct index_slot){ hash, item });
	ix->n++;
	return 0;
}

void index_free(struct index *ix)
{
	free(ix->slot);
	*ix = (struct index){ 0 };
}

uint64_t index_hash(uint64_t seed, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		seed = (seed ^ at[i]) * UINT64_C(1099511628211);
	return seed;
}

int index_grow(void *array, size_t *capacity, size_t n, size_t size)
{
	size_t want = *capacity ? 2 * *capacity : 64;
	void *now;

	if (n < *capacity)
		return 0;
	now = reallocarray(*(void **)array, want, size);
	if (!now)
		return -ENOMEM;
	*(void **)array = now;
	*capacity = want;
	return 0;
}
