/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * carbon.h - shares x intensity -> records: adds windows up into ticks, by consumer, with carbon
 * and coverage intervals. Pure: no I/O, no clock.
 */
#ifndef CARBON_CARBON_H
#define CARBON_CARBON_H

#include <stdbool.h>

#include "types/record.h"

struct carbon;

struct carbon_options {
	enum record_kind by;
	bool keep_total; /* also add up everything since the start, for carbon_total() */
};

int carbon_new(const struct carbon_options *o, struct carbon **ret);
void carbon_free(struct carbon *c);

/* Adds one window to the open tick. Returns 0, -ENOMEM, -EOVERFLOW. */
int carbon_run(struct carbon *c, const struct usage *u, const struct energy *e,
	       const struct shares *s, const struct intensity *i);

/*
 * Closes the open tick: computes co2e, intervals, budget and conservation, sorts the samples and
 * gives it out. Valid until the next carbon_close(). -ENODATA if no window was added.
 */
int carbon_close(struct carbon *c, struct tick **ret);

/*
 * Everything since carbon_new() as one tick (closed ticks only); needs keep_total. Valid until the
 * next carbon_close() or carbon_total().
 */
int carbon_total(struct carbon *c, struct tick **ret);

/*
 * Sums those samples of t that have all of flags (JT_CELL_LINEAGE …) into one, with its own
 * correctly combined intervals, for command totals; n_ret (may be NULL) counts them.
 */
void carbon_sum(const struct tick *t, uint32_t flags, struct sample *ret, size_t *ret_n);

#endif /* CARBON_CARBON_H */
