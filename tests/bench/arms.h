/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arms.h - the same load under several conditions in turn: nothing attached, this, that.
 *
 * All arms are measured once in each round, in an order that turns, and compared within the round:
 * what drifts over minutes is in all of them.
 */
#ifndef TESTS_BENCH_ARMS_H
#define TESTS_BENCH_ARMS_H

#include "bench/figure.h"
#include "bench/load.h"

#define ARMS_MAX_ROUNDS 256
/* From attaching to measuring: caches, and what the last arm left to be freed. */
#define ARMS_SETTLE_MS 20

struct arm {
	const char *name;
	void *(*attach)(void *arg); /* NULL = nothing is attached */
	void (*detach)(void *attached);
	void *arg;
	double cost
		[ARMS_MAX_ROUNDS]; /* what the load took, in the unit of the measuring function */
};

/* Measures each arm n_rounds times; measure(load) returns a cost. */
static inline void arms_run(struct arm *arm, size_t n_arms, size_t n_rounds,
			    double (*measure)(const void *load), const void *load)
{
	for (size_t round = 0; round < n_rounds; round++)
		for (size_t i = 0; i < n_arms; i++) {
			struct arm *a = &arm[(round + i) % n_arms];
			void *attached = a->attach ? a->attach(a->arg) : NULL;

			load_sleep_ms(ARMS_SETTLE_MS);
			a->cost[round] = measure(load);
			if (attached)
				a->detach(attached);
		}
}

/* A median over the rounds and half the width of its 95 % interval. */
struct arms_median {
	double value;
	double error;
};

/* What arm costs above base: in the load's unit. */
static inline struct arms_median arms_above(const struct arm *arm, const struct arm *base,
					    size_t n_rounds)
{
	double x[ARMS_MAX_ROUNDS], value;

	for (size_t i = 0; i < n_rounds; i++)
		x[i] = arm->cost[i] - base->cost[i];
	value = figure_median(x, n_rounds);
	return (struct arms_median){ value, figure_median_error(x, n_rounds) };
}

/* The same in percent of base. */
static inline struct arms_median arms_slowdown(const struct arm *arm, const struct arm *base,
					       size_t n_rounds)
{
	double x[ARMS_MAX_ROUNDS], value;

	for (size_t i = 0; i < n_rounds; i++)
		x[i] = (arm->cost[i] / base->cost[i] - 1) * 100;
	value = figure_median(x, n_rounds);
	return (struct arms_median){ value, figure_median_error(x, n_rounds) };
}

/* "NAME" and "NAME_error", for information. */
static inline void arms_info(const char *name, struct arms_median m, const char *unit)
{
	char line[96];

	figure_info(name, m.value, unit);
	snprintf(line, sizeof(line), "%s_error", name);
	figure_info(line, m.error, unit);
}

#endif /* TESTS_BENCH_ARMS_H */
