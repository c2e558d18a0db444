/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.h - how far defensible splits of one domain's energy differ from each other. */
#ifndef ATTRIB_SPREAD_H
#define ATTRIB_SPREAD_H

#include "types/energy.h"
#include "types/usage.h"

/*
 * s: relative standard deviation of a consumer's energy per weight against that of everything
 * else on the same domain. A consumer with energy e of the E
 * that was divided has sd s·e·(1 - e/E): nothing when it is alone, s·e when it is small, and
 * what it gains the others lose.
 *
 * threads_per_core: as the machine says; 0 (not known) counts as more than one.
 * Source: docs/method.md, "Uncertainty of the attribution".
 */
double attrib_spread(enum energy_domain_kind kind, unsigned int threads_per_core,
		     enum jt_weight weight);

/* sd of one consumer's share, µJ, which is that part of what was divided. */
static inline double attrib_spread_sd_uj(double spread, double share_uj, double part)
{
	return spread * share_uj * (1 - part);
}

#endif /* ATTRIB_SPREAD_H */
