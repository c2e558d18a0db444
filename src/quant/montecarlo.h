/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * montecarlo.h - the distribution of a quantity by drawing it: the validator of the closed forms.
 *
 * The adaptive procedure of JCGM 101:2008, 7.9: blocks of 10^4 trials until twice the standard
 * error of the mean, of the standard deviation and of both end points is below the tolerance. The
 * interval is that of the quantity; it does not shrink with the number of trials.
 *
 * Every number comes from its place (philox.h), blocks are decided on in order: the result is the
 * same, to the last bit, for any number of threads.
 */
#ifndef QUANT_MONTECARLO_H
#define QUANT_MONTECARLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quant/interval.h"
#include "quant/shape.h"

#define MONTECARLO_BLOCK      10000
#define MONTECARLO_MAX_INPUTS 40

struct montecarlo_options {
	uint64_t seed;
	unsigned int n_threads;	 /* 0 and 1: the caller's alone */
	unsigned int n_digits;	 /* of the standard deviation that must be right: 1 or 2 (0 = 2) */
	unsigned int max_blocks; /* 0 = 100, a million trials */
	bool validates;		 /* another method: on to a fifth of the tolerance (8.2) */
};

/* Inputs with the same stream get the same draws in every problem of one seed: one quantity. */
struct montecarlo_input {
	struct shape shape;
	uint64_t stream;
};

/* One trial: the quantity, given a draw of each input. Called by several threads at once. */
typedef double montecarlo_model(const double *input, const void *arg);

struct montecarlo_problem {
	size_t n_inputs; /* <= MONTECARLO_MAX_INPUTS */
	const struct montecarlo_input *input;
	montecarlo_model *model;
	const void *arg;
	double threshold; /* for below_threshold */
};

struct montecarlo_result {
	struct quant_moments moments;
	struct quant_interval interval; /* median; 2.5 % and 97.5 % of the trials are outside */
	double tolerance;		/* δ = ½·10^l, sd = c·10^l with c of n_digits digits */
	double error;			/* twice the largest standard error of the four figures */
	double below_threshold;		/* share of the trials below it */
	uint64_t n_trials;
	bool converged; /* false: max_blocks came first, and error is above what it should be */
};

struct montecarlo;

/* Starts the threads. Returns 0; -ENOMEM; -EINVAL; or why a thread could not be had. */
int montecarlo_new(const struct montecarlo_options *o, struct montecarlo **ret);
void montecarlo_free(struct montecarlo *mc);

/*
 * A trial that is NaN counts as infinite: at the upper end, where it widens.
 * Returns 0; -EINVAL for too many inputs.
 */
int montecarlo_run(struct montecarlo *mc, const struct montecarlo_problem *p,
		   struct montecarlo_result *ret);

#endif /* QUANT_MONTECARLO_H */
