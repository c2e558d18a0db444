/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.h - a tick while it is being added up, and the steps that make it one. */
#ifndef CARBON_ACCOUNT_H
#define CARBON_ACCOUNT_H

#include "carbon/tally.h"
#include "types/record.h"

/* Sums of the intensity over windows, weighted by the host's energy. Zero-initialise. */
struct account_grid {
	jt_product annual;	/* of the host's product, with an annual mean */
	jt_product low_product; /* Σ energy x low, and x high, of the intensity */
	jt_product high_product;
	double intensity_minus; /* Σ product x σ of the intensity: one draw, so it adds linearly */
	double intensity_plus;
};

/* Zero-initialise and set tick.by, and tick.montecarlo where there is one. */
struct account {
	struct tick tick;
	struct tally tally;
	struct account_grid grid;
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

/* Steps shared by the ways of adding. */
void account_add_gap(struct tick *t, const struct energy_gap *g);
/* The factor's index in a list of *n, added on first sight; see SHARES_MAX_FACTORS for overflow. */
size_t account_factor(struct shares_factor *list, size_t *n, const struct shares_factor *f);
/* -EINVAL for an intensity that is none: carbon_run(). */
int account_sides(const struct intensity *i, struct quant_sides *ret);
/* A window in which the host drew that much. */
void account_grid_add(struct account_grid *g, uint64_t host_uj, const struct intensity *i,
		      const struct quant_sides *sides);
/* The tick's mean intensity, its sides and its moment, out of the sums; host_product is there. */
void account_grid_finish(const struct account_grid *g, struct tick *t);

#endif /* CARBON_ACCOUNT_H */
