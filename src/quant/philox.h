/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* philox.h - random numbers by their place: draw n of stream s is the same in any order. */
#ifndef QUANT_PHILOX_H
#define QUANT_PHILOX_H

#include <stdint.h>

/*
 * Philox4x32-10: a keyed bijection of 128 bits whose outputs for successive counters pass as
 * random. Not secret.
 * Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011; its
 * authors' known answers are in the tests.
 */
void philox_4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4]);

/* Two uniform numbers in (0, 1), never an end: those of that place in that stream of that seed. */
void philox_uniform2(uint64_t seed, uint64_t stream, uint64_t place, double ret[2]);

#endif /* QUANT_PHILOX_H */
