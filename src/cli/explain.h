/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* explain.h - what an uncertainty is made of, by size, and what would shrink each part. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "base/buf.h"
#include "types/record.h"

/*
 * A table for people, behind title: each source's share of the variance of the co2e and of the
 * energy, in ln space, what it does to the figure by itself, and its remedy; no_zone: see
 * export_remedy().
 */
void explain_write(struct buf *out, const char *title, const struct record_budget *list, size_t n,
		   bool no_zone);

/* A source's variance, the mean of both sides in ln space; and that of all, or the energy's. */
double explain_variance(const struct record_budget *b);
double explain_sum(const struct record_budget *list, size_t n, bool energy);

/* "-44 %", "x3": the end of the 95 % interval that the source alone would give; sign is ±1. */
void explain_put_end(struct buf *out, const struct record_budget *b, int sign);

/* A share of the variance that would be shown as 0.0 %. */
#define EXPLAIN_LEAST 0.0005

#endif /* CLI_EXPLAIN_H */
