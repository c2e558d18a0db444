/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* order.c - the order of the samples of a tally: a radix sort by energy, ties by comparison. */
#include <stdlib.h>
#include <string.h>

#include "carbon/tally.h"

#define DIGIT_BITS 11
#define N_DIGITS   (1U << DIGIT_BITS)

/* One pass of a radix sort from `from` to `to`, largest first. */
static void sort_by_digit(const struct tally_order *from, struct tally_order *to, size_t n,
			  unsigned int shift)
{
	uint32_t end[N_DIGITS] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		end[N_DIGITS - 1 - (from[i].energy_uj >> shift) % N_DIGITS]++;
	for (size_t d = 0; d < N_DIGITS; d++) {
		uint32_t count = end[d];

		end[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[end[N_DIGITS - 1 - (from[i].energy_uj >> shift) % N_DIGITS]++] = from[i];
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

/* Runs of equal energy, by what else there is. */
static void sort_ties(struct tally_order *order, size_t n, struct sample *sample)
{
	size_t first = 0;

	for (size_t i = 1; i <= n; i++) {
		if (i < n && order[i].energy_uj == order[first].energy_uj)
			continue;
		if (i - first > 1)
			qsort_r(&order[first], i - first, sizeof(*order), compare_ties, sample);
		first = i;
	}
}

void tally_order_samples(struct tally *t)
{
	struct tally_order *order = t->order, *other = t->order + t->capacity;
	uint64_t digits = 0;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t energy_uj = t->sample[i].energy_uj;

		if (energy_uj == 0 && t->sample[i].cpu_ns == 0)
			continue;
		order[n++] = (struct tally_order){ energy_uj, (uint32_t)i };
		digits |= energy_uj;
	}
	for (unsigned int shift = 0; shift < 64 && digits >> shift; shift += DIGIT_BITS) {
		struct tally_order *swap = order;

		sort_by_digit(order, other, n, shift);
		order = other;
		other = swap;
	}
	sort_ties(order, n, t->sample);
	if (order != t->order)
		memcpy(t->order, order, n * sizeof(*order));
	t->n_sorted = n;
}
