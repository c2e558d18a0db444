/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - what a row's CPU time counts when energy is split. */
#ifndef ATTRIB_WEIGHT_H
#define ATTRIB_WEIGHT_H

#include <stddef.h>

#include "types/method.h"
#include "types/usage.h"

/* Rows that ran, and what they weigh. */
struct weighed {
	size_t *row;
	uint64_t *weight;
	uint64_t *plain; /* by CPU time alone */
};

/*
 * The rows of u that ran on a package, or on any (package -1), with what each weighs by m->weight:
 * ns of CPU time; with JT_WEIGHT_SMT ns that had the core alone and m->corun_percent of the others;
 * else cycles. A row's sum over packages beyond 64 bits is UINT64_MAX; the sum of all fits.
 *
 * ret's arrays have room for all rows. Returns how many there are.
 */
size_t attrib_weight_rows(const struct method *m, const struct usage *u, int package,
			  struct weighed *ret);

/*
 * Makes n weights whose sum is beyond 64 bits fit, by halving all of them as often as it takes:
 * each ratio is kept to 2^-39 of the sum, as there are fewer than 2^24 rows.
 */
void attrib_weight_fit(uint64_t *weight, size_t n);

#endif /* ATTRIB_WEIGHT_H */
