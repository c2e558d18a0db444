/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* index.h - finds numbered items by their content: a hash table of numbers. */
#ifndef STACKS_INDEX_H
#define STACKS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX

/* Zero-initialise. */
struct index {
	struct index_slot *slot;
	size_t n_slots; /* a power of two, or 0 */
	size_t n;
};

/* Whether item is the one that key describes. */
typedef bool index_same_fn(const void *owner, uint32_t item, const void *key);

/* The item of that hash and key, or INDEX_NONE. */
uint32_t index_find(const struct index *ix, uint64_t hash, index_same_fn *same, const void *owner,
		    const void *key);

/* Adds an item that is not there. Returns 0 or -ENOMEM. */
int index_add(struct index *ix, uint64_t hash, uint32_t item);
void index_free(struct index *ix);

/* FNV-1a of the bytes, going on from seed. */
#define INDEX_SEED UINT64_C(14695981039346656037)
uint64_t index_hash(uint64_t seed, const void *bytes, size_t len);

/*
 * Room for one more element of size bytes behind n of them, *capacity of which fit: grows *array
 * (whose address is given), doubling it. Returns 0 or -ENOMEM, with nothing changed.
 */
int index_grow(void *array, size_t *capacity, size_t n, size_t size);

#endif /* STACKS_INDEX_H */
