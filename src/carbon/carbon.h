/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * carbon.h - shares x intensity -> records: adds windows up into ticks, by consumer, with carbon
 * and coverage intervals. Pure: no I/O, no clock.
 */
#ifndef CARBON_CARBON_H
#define CARBON_CARBON_H

#include <stdbool.h>

#include "quant/value.h"
#include "types/record.h"

struct carbon;

struct carbon_options {
	enum record_kind by;
	bool keep_total; /* also add up everything since the start, for carbon_total() */
	bool montecarlo; /* intervals by Monte Carlo, not in closed form: milliseconds per figure */
	unsigned int n_threads; /* for these; 0 and 1: the caller's alone */
};

/* Returns 0, -ENOMEM, or why a thread could not be had. */
int carbon_new(const struct carbon_options *o, struct carbon **ret);
void carbon_free(struct carbon *c);

/*
 * Adds one window to the open tick. Returns 0; -ENOMEM; -EOVERFLOW; -EINVAL for parts that do not
 * belong together or an intensity without 0 < low <= central <= high (all zero is allowed).
 * On error nothing was added.
 */
int carbon_run(struct carbon *c, const struct usage *u, const struct energy *e,
	       const struct shares *s, const struct intensity *i);

/*
 * Closes the open tick: computes co2e, intervals, budget and conservation, sorts the samples and
 * gives it out. Valid until the next carbon_close(). -ENODATA if no window was added; -ENOMEM; or
 * -EOVERFLOW where the total cannot take it (the tick stays open).
 */
int carbon_close(struct carbon *c, struct tick **ret);

/*
 * Everything since carbon_new() as one tick (closed ticks only); needs keep_total. Valid until the
 * next carbon_close() or carbon_total(). Its samples have no name and no cgroup: identity/ fills
 * them as for any tick. -EINVAL without keep_total; -ENODATA before the first close; -ENOMEM.
 */
int carbon_total(struct carbon *c, struct tick **ret);

/*
 * Sums those samples of t that have all of flags (JT_CELL_LINEAGE …) into one, with its own
 * correctly combined intervals, for command totals; n_ret (may be NULL) counts them.
 */
void carbon_sum(const struct tick *t, uint32_t flags, struct sample *ret, size_t *ret_n);

/* The same of those in that cgroup and below it, once they are named; "/a/b", "/" for all. */
void carbon_sum_below(const struct tick *t, const char *cgroup, struct sample *ret, size_t *ret_n);
bool carbon_is_below(const struct sample *s, const char *cgroup);

/*
 * Energy (µJ) and co2e (µg) of a sample or a sum as values. Those of ticks of one run add up and
 * compare: what has one id is one draw, but for the error of the split, which each consumer has
 * for itself.
 */
#define CARBON_PART_SPLIT SHARES_MAX_FACTORS
void carbon_values(const struct tick *t, const struct sample *s, struct quant_value *ret_energy,
		   struct quant_value *ret_co2e);

/*
 * Fills t->branch from the samples' cgroups, once they are named: every cgroup with others below
 * it, with all of them. Owned by c, valid until the next call. Returns 0 or -ENOMEM.
 */
int carbon_branches(struct carbon *c, struct tick *t);

/*
 * Uncertainty budget of the co2e of one sample of t (or of a carbon_sum() over t): the tick's own
 * budget with this sample's parts, and its attribution. ret has room for RECORD_MAX_BUDGET.
 * Returns how many it filled; they point into t.
 */
size_t carbon_budget(const struct tick *t, const struct sample *s, struct record_budget *ret);

#endif /* CARBON_CARBON_H */
