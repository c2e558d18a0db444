/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tally.h - the samples of one tick, found by consumer. */
#ifndef CARBON_TALLY_H
#define CARBON_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/record.h"

/*
 * Who a sample is. A process: tgid and start_boottime_ns, whatever cgroups it passed through; a
 * thread: its pid too. A cgroup, and the overflow rows of one (tgid 0): cgroup_id with the
 * hierarchy it is of. A group: its number. Of both, what the command's lineage had is a sample of
 * its own.
 */
struct tally_key {
	uint32_t tgid;
	uint32_t pid;  /* of a thread; else 0 */
	uint32_t kind; /* JT_CELL_V1_CGRP, JT_CELL_LINEAGE, USAGE_ROW_IRQ; 0 for a process */
	uint32_t reserved;
	uint64_t id; /* start_boottime_ns of a process, cgroup_id, or the group's number */
};

/* A sample's place in the order of tally_sort(): its energy beside, as samples are large. */
struct tally_order {
	uint64_t energy_uj;
	uint32_t index;
};

/* Zero-initialise. */
struct tally {
	size_t n;
	size_t capacity;
	struct sample *sample; /* [n] in order of arrival */
	size_t n_slots;	       /* a power of two, at least twice the capacity */
	uint32_t *slot;	       /* index + 1 into sample; 0 = empty */
	size_t n_sorted;
	struct tally_order *order; /* [n_sorted] of tally_sort(), which needs 2 x capacity */
	size_t sorted_capacity;
	struct sample *sorted; /* [n_sorted] by tally_take(); nobody's but the reader's */
};

struct tally_key tally_key_of_row(enum record_kind by, const struct usage_row *row);
struct tally_key tally_key_of_sample(const struct sample *s);

/* Room for n more, so that tally_get() cannot fail. Returns 0, -ENOMEM, -EOVERFLOW. */
int tally_reserve(struct tally *t, size_t n);

/* The consumer's sample, a zeroed one with its identity filled where it is new. */
struct sample *tally_get(struct tally *t, enum record_kind by, const struct tally_key *key);

/*
 * Puts samples with CPU time or energy in order: by energy, then CPU time, then identity. Returns
 * 0, or -ENOMEM with the last order kept.
 */
int tally_sort(struct tally *t);

/*
 * Copies the i-th of that order to sorted[i], which it returns; for i from 0 on. What is copied is
 * valid until the next tally_sort(), whatever is added meanwhile.
 */
struct sample *tally_take(struct tally *t, size_t i);

/* The inside of tally_sort(): see order.c. */
void tally_order_samples(struct tally *t);

/* Empties it; keeps the memory, and what was copied. */
void tally_reset(struct tally *t);

void tally_free(struct tally *t);

#endif /* CARBON_TALLY_H */
