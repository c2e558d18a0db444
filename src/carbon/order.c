/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* order.c - sorts the samples of a tally: a radix sort by energy, ties by comparison. */
#include <stdlib.h>
#include <string.h>

#include "carbon/tally.h"

#define DIGIT_BITS 8
#define N_DIGITS   (1U << DIGIT_BITS)

/*
 * One pass of a radix sort from `from` to `to`, largest first. Returns false, nothing done, where
 * all have the same digit.
 */
static bool sort_by_digit(const struct tally_order *from, struct tally_order *to, size_t n,
			  unsigned int shift)
{
	uint32_t end[N_DIGITS] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		end[N_DIGITS - 1 - (from[i].energy_uj >> shift) % N_DIGITS]++;
	if (end[N_DIGITS - 1 - (from[0].energy_uj >> shift) % N_DIGITS] == n)
		return false;
	for (size_t d = 0; d < N_DIGITS; d++) {
		uint32_t count = end[d];

		end[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[end[N_DIGITS - 1 - (from[i].energy_uj >> shift) % N_DIGITS]++] = from[i];
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct sample *a = left;
	const struct sample *b = right;
	struct tally_key ka = tally_key_of_sample(a);
	struct tally_key kb = tally_key_of_sample(b);

	if (a->energy_uj != b->energy_uj)
		return a->energy_uj > b->energy_uj ? -1 : 1;
	if (a->cpu_ns != b->cpu_ns)
		return a->cpu_ns > b->cpu_ns ? -1 : 1;
	if (ka.tgid != kb.tgid)
		return ka.tgid < kb.tgid ? -1 : 1;
	if (ka.id != kb.id)
		return ka.id < kb.id ? -1 : 1;
	if (ka.pid != kb.pid)
		return ka.pid < kb.pid ? -1 : 1;
	return (ka.kind > kb.kind) - (ka.kind < kb.kind);
}

static int compare_ties(const void *left, const void *right, void *arg)
{
	const struct sample *sample = arg;

	return compare(&sample[((const struct tally_order *)left)->index],
		       &sample[((const struct tally_order *)right)->index]);
}

/* Where each sample goes, into t->order[0 … n). */
static void sort_order(struct tally *t)
{
	struct tally_order *order = t->order, *other = t->order + t->capacity;
	size_t first = 0;

	for (size_t i = 0; i < t->n; i++)
		order[i] = (struct tally_order){ t->sample[i].energy_uj, (uint32_t)i };
	for (unsigned int shift = 0; shift < 64; shift += DIGIT_BITS)
		if (sort_by_digit(order, other, t->n, shift)) {
			struct tally_order *swap = order;

			order = other;
			other = swap;
		}
	for (size_t i = 1; i <= t->n; i++) {
		if (i < t->n && order[i].energy_uj == order[first].energy_uj)
			continue;
		if (i - first > 1)
			qsort_r(&order[first], i - first, sizeof(*order), compare_ties, t->sample);
		first = i;
	}
	if (order != t->order)
		memcpy(t->order, order, t->n * sizeof(*order));
}

/* Moves each sample once, round after round of those that take each other's places. */
static void apply_order(struct tally *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct sample held = t->sample[i];
		size_t at = i;

		while (t->order[at].index != i) {
			size_t from = t->order[at].index;

			t->sample[at] = t->sample[from];
			t->order[at].index = (uint32_t)at;
			at = from;
		}
		if (at != i)
			t->sample[at] = held;
		t->order[at].index = (uint32_t)at;
	}
}

void tally_order_samples(struct tally *t)
{
	sort_order(t);
	apply_order(t);
}
