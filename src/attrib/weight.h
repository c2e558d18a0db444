/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - what a row's CPU time counts when energy is split. */
#ifndef ATTRIB_WEIGHT_H
#define ATTRIB_WEIGHT_H

#include <stddef.h>

#include "types/method.h"
#include "types/usage.h"

/*
 * Weight of the row on a package, or on all of them (package -1), by m->weight: ns of CPU time,
 * with JT_WEIGHT_SMT ns that had the core alone and m->corun_percent of the others, else cycles.
 * 0 = did not run. A sum beyond 64 bits is UINT64_MAX.
 */
uint64_t attrib_weight(const struct method *m, const struct usage_row *row, int package);

/*
 * Makes n weights whose sum is beyond 64 bits fit, by halving all of them as often as it takes:
 * each ratio is kept to 2^-39 of the sum, as there are fewer than 2^24 rows.
 */
void attrib_weight_fit(uint64_t *weight, size_t n);

#endif /* ATTRIB_WEIGHT_H */
