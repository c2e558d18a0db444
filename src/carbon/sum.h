/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sum.h - several samples of a tick as one consumer, with correctly combined intervals. */
#ifndef CARBON_SUM_H
#define CARBON_SUM_H

#include "types/record.h"

struct sum {
	struct sample sample;
	size_t n;
	double attribution_sd_uj; /* Σ of what does not simply add */
	double random_sd_uj;
};

void sum_begin(struct sum *s, enum record_kind kind);
void sum_add(struct sum *s, const struct sample *one);

/* Rows of one window: factors are the window's. random_sd_uj adds, as of samples. */
void sum_add_row(struct sum *s, const struct shares_row *row, uint64_t cpu_ns);

/*
 * How far the split could have given something else to all of it together, 1 σ in µJ:
 * docs/method.md, "Sums". attributed_uj: of all consumers, in the same windows.
 */
double sum_split_sd_uj(const struct sum *s, uint64_t attributed_uj);

/* The intervals of what was added; t is the tick that all of it is of. */
void sum_end(struct sum *s, const struct tick *t);

#endif /* CARBON_SUM_H */
