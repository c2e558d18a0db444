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
/* The intervals of what was added; t is the tick that all of it is of. */
void sum_end(struct sum *s, const struct tick *t);

#endif /* CARBON_SUM_H */
