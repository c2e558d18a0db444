/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - what a row's CPU time counts when energy is split. */
#ifndef ATTRIB_WEIGHT_H
#define ATTRIB_WEIGHT_H

#include "types/usage.h"

/*
 * What a second counts in which the sibling thread was busy, in percent of one that had the core
 * to itself: both together draw 1.1 times what one alone draws. HaPPy (Zhai et al., USENIX ATC
 * 2014) measured 1.1 on a Sandy Bridge Xeon; DEEP-mon takes it over.
 */
#define ATTRIB_CORUN_PERCENT 55

/*
 * Weight of the row on a package, or on all of them (package -1): ns of CPU time, with
 * JT_WEIGHT_SMT ns that had the core alone and 55 % of the others, else cycles. 0 = did not run.
 */
uint64_t attrib_weight(const struct usage *u, const struct usage_row *row, int package);

#endif /* ATTRIB_WEIGHT_H */
