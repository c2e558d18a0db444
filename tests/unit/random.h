/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random.h - seeded numbers for property tests: the same on every machine and every run. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <math.h>
#include <stdint.h>

/* Counter-based (SplitMix64): draw n of a seed is the same whatever was drawn before. */
struct random_source {
	uint64_t seed;
	uint64_t n;
};

static inline uint64_t random_u64(struct random_source *r)
{
	uint64_t z = r->seed + ++r->n * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* In [0, n). */
static inline uint64_t random_below(struct random_source *r, uint64_t n)
{
	return random_u64(r) % n;
}

/* Any size equally likely: 1 bit to 64, so that small and huge values both come up. */
static inline uint64_t random_any_size(struct random_source *r)
{
	return random_u64(r) >> random_below(r, 64);
}

/* In (0, 1). */
static inline double random_unit(struct random_source *r)
{
	return ((double)(random_u64(r) >> 11) + 0.5) * 0x1p-53;
}

/* Standard normal (Box and Muller). */
static inline double random_normal(struct random_source *r)
{
	double radius = sqrt(-2 * log(random_unit(r)));

	return radius * cos(2 * M_PI * random_unit(r));
}

#endif /* TESTS_UNIT_RANDOM_H */
