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

/* A sample's place while they are sorted: its energy beside, as samples are large. */
struct tally_order {
	uint64_t energy_uj;
	uint32_t index;
};

/* Zero-initialise. sample[0 … n) in order of arrival, or of the last tally_sort(). */
struct tally {
	size_t n;
	size_t capacity;
	struct sample *sample;
	size_t n_slots; /* a power of two, at least twice the capacity */
	uint32_t *slot; /* index + 1 into sample; 0 = empty */
	bool moved; /* samples are not where the slots say: the next tally_reserve() mends that */
	struct tally_order *order; /* [2 x capacity], of tally_sort() */
};

struct tally_key tally_key_of_row(enum record_kind by, const struct usage_row *row);
struct tally_key tally_key_of_sample(const struct sample *s);

/* Room for n more, so that tally_get() cannot fail. Returns 0, -ENOMEM, -EOVERFLOW. */
int tally_reserve(struct tally *t, size_t n);

/* The consumer's sample, a zeroed one with its identity filled where it is new. */
struct sample *tally_get(struct tally *t, enum record_kind by, const struct tally_key *key);

/*
 * Drops samples without CPU time and energy; the rest by energy, then CPU time, then identity.
 * Before the next tally_get() comes a tally_reserve().
 */
void tally_sort(struct tally *t);

/* The inside of tally_sort(): see order.c. */
void tally_order_samples(struct tally *t);

/* Empties it; keeps the memory. */
void tally_reset(struct tally *t);

void tally_free(struct tally *t);

#endif /* CARBON_TALLY_H */
