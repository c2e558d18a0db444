/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.h - a tick while it is being added up, and the steps that make it one. */
#ifndef CARBON_ACCOUNT_H
#define CARBON_ACCOUNT_H

#include "carbon/tally.h"
#include "types/record.h"

/*
 * Zero-initialise and set tick.by, and tick.montecarlo where there is one. Sums of the intensity
 * are weighted by the host's energy.
 */
struct account {
	struct tick tick;
	struct tally tally;
	jt_product annual;	/* of the host's product, with an annual mean */
	jt_product low_product; /* Σ energy x low, and x high, of the intensity */
	jt_product high_product;
	double intensity_minus; /* Σ product x σ of the intensity: one draw, so it adds linearly */
	double intensity_plus;
};

/* Adds one window. Returns 0, or -EINVAL, -ENOMEM, -EOVERFLOW with nothing added. */
int account_add_window(struct account *a, const struct usage *u, const struct energy *e,
		       const struct shares *s, const struct intensity *i);

/* Adds a finished tick to a longer one. Same errors. */
int account_merge(struct account *to, const struct account *from);

/*
 * Samples in order, co2e, intervals, budget. May be repeated after more was added. tick.sample is
 * then tally.sorted. Returns 0 or -ENOMEM.
 */
int account_finish(struct account *a);

/*
 * Makes `a` the tick after the finished `last`, with that index: empty, of the same grouping. The
 * tally's memory goes over to it; what was finished stays as it is until `a` is.
 */
void account_follow(struct account *a, struct account *last, uint64_t index);

void account_free(struct account *a);

/* Steps shared by the two ways of adding. */
void account_add_gap(struct tick *t, const struct energy_gap *g);
size_t account_factor(struct tick *t, const struct shares_factor *f);

#endif /* CARBON_ACCOUNT_H */
