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

#endif /* CLI_EXPLAIN_H */
