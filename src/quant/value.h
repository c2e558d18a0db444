/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.h - an uncertain figure: its central value and what its uncertainty is made of. */
#ifndef QUANT_VALUE_H
#define QUANT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quant/spread.h"

/*
 * How a part behaves in a sum is decided by its id: one draw per id, whatever the record, so that
 * it adds linearly. Parts of one group say where the value comes from (meters, grids) and together
 * are its whole or less; the groups multiply. So
 *
 *   X = value·Π_g [1 - Σ p_i + Σ p_i·e^(Y_i)] + N(0, random_var),   p_i = amount_i / value
 *
 * with i over the parts of group g, Y_i two-piece normal around 0, cut below at 0.
 */
struct quant_part {
	uint32_t id;
	uint16_t group;
	bool temporal;		   /* an annual mean for a moment: for the budget only */
	double amount;		   /* how much of the value hangs on it, in the value's unit */
	struct quant_sides linear; /* Σ amount·σ over what was added */
};

/* Of more zones or factors than this the rest is in the last part, which adds linearly. */
#define QUANT_MAX_PARTS 16

/* Zero-initialise. */
struct quant_value {
	double value;
	double random_var; /* variances add: counters, rounding */
	size_t n;
	struct quant_part part[QUANT_MAX_PARTS];
};

/*
 * Says that amount of the value hangs on part->id with those sides (part->linear is not looked at).
 * Does not change the value: quant_value_add() and the caller do.
 */
void quant_value_hang(struct quant_value *v, const struct quant_part *part,
		      const struct quant_sides *sides);

/* Sum: over time, over consumers. What has the same id errs together, the random parts do not. */
void quant_value_add(struct quant_value *to, const struct quant_value *from);

/* Product with a certain factor >= 0. */
void quant_value_scale(struct quant_value *v, double by);

/* Product with an uncertain factor: by, and one more part that all of the value hangs on. */
void quant_value_multiply(struct quant_value *v, double by, const struct quant_part *part,
			  const struct quant_sides *sides);

/* Relative sides of a part: its share of the value times σ; 0 for a value that is not > 0. */
struct quant_sides quant_value_part_sides(const struct quant_value *v, const struct quant_part *p);

/*
 * The distribution of ln(X/value), of a value > 0, without the random part. Within a group
 * logarithms are expanded to the second order; exact where all of the value hangs on one part.
 */
void quant_value_spread(const struct quant_value *v, struct quant_spread *ret);

/* The same of b/a: what has the same id in both cancels as far as it is the same share of them. */
void quant_ratio_spread(const struct quant_value *b, const struct quant_value *a,
			struct quant_spread *ret);

/* 95 %, in closed form; [0, z·√random_var] around a value of 0. */
struct quant_interval quant_value_interval(const struct quant_value *v);

/*
 * Rows of less than a thousandth of their total are not simulated, whatever the method: there may
 * be thousands of them, at milliseconds each.
 */
#define QUANT_SIMULATED_PART 1000

static inline bool quant_is_simulated(uint64_t part, uint64_t total)
{
	return part >= total / QUANT_SIMULATED_PART;
}

/* By Monte Carlo; needs quant/montecarlo.h. Returns 0 or -ENOMEM. */
struct montecarlo;
struct montecarlo_result;
int quant_value_simulate(const struct quant_value *v, struct montecarlo *mc,
			 struct montecarlo_result *ret);

/* 95 %: by Monte Carlo where it has the memory, in closed form otherwise and with mc = NULL. */
struct quant_interval quant_value_estimate(const struct quant_value *v, struct montecarlo *mc);

/* b/a, both > 0 (-EINVAL). The share of trials below 1 is in ret->below_threshold. */
int quant_ratio_simulate(const struct quant_value *b, const struct quant_value *a,
			 struct montecarlo *mc, struct montecarlo_result *ret);

/*
 * How intervals are made, as records name it: "analytical_truncated" (closed form, nothing below
 * 0) and "monte_carlo"; parsed from the options' words, "analytical" and "montecarlo", or these.
 * quant_method_parse() returns 0 or -EINVAL.
 */
const char *quant_method_name(bool montecarlo);
int quant_method_parse(const char *word, bool *ret_montecarlo);

#endif /* QUANT_VALUE_H */
