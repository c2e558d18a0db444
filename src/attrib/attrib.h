/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attrib.h - splits each domain's energy over the tasks that ran on it. Pure: no I/O, no clock. */
#ifndef ATTRIB_ATTRIB_H
#define ATTRIB_ATTRIB_H

#include "types/energy.h"
#include "types/share.h"
#include "types/usage.h"

struct attrib;

/*
 * capacity: the most usage rows of one window (usage.capacity). m: how to divide; its weight is
 * each window's own. Returns 0, -ENOMEM, or -EINVAL for a corun_percent below 50 or above 100.
 */
int attrib_new(size_t capacity, const struct method *m, struct attrib **ret);
void attrib_free(struct attrib *a);

/*
 * One window: for each counted domain that is not missing, static energy by the idle policy, the
 * rest over u's rows by what their CPU time on the domain's package weighs (on all packages where
 * domain.package is -1; weight.h). Nothing ran: static energy is idle under any policy but
 * METHOD_RESERVED, the rest unattributed. A GPU goes to the processes that e->use names (uses.h),
 * what is left of it is unattributed. *ret points to memory of a, valid until the next call.
 *
 * Static power above the measured: all of the energy is static. Weights beyond 64 bits are halved
 * together until they fit. Windows are given in order of time: static power may be learnt of them.
 *
 * Σ rows + idle + unattributed = energy, exactly, for every domain.
 * Returns 0; -EOVERFLOW for more rows than a has room for; -EINVAL for a package that cannot be.
 * Source: docs/method.md.
 */
int attrib_run(struct attrib *a, const struct usage *u, const struct energy *e,
	       const struct shares **ret);

/*
 * Splits total_uj over n consumers in proportion to weight.
 *
 * total_uj  energy of one domain in one window, µJ
 * weight    [n] CPU time of each consumer in that window, ns, or what it weighs
 * ret_uj    [n] each consumer's share, µJ; sums to total_uj exactly; untouched on error; may be
 *           weight itself
 *
 * Returns 0; -ENODATA if all weights are zero (the caller books total_uj elsewhere); -EOVERFLOW if
 * the weights' sum does not fit 64 bits.
 * Source: docs/method.md, "Proportional split"; rounding by cumulative floors.
 */
int attrib_split(uint64_t total_uj, const uint64_t *weight, size_t n, uint64_t *ret_uj);

#endif /* ATTRIB_ATTRIB_H */
