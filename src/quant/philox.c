/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* philox.c - random numbers by their place: draw n of stream s is the same in any order. */
#include "quant/philox.h"

#define N_ROUNDS 10

/* Multipliers and Weyl increments of the paper. */
#define MULTIPLY_0 UINT32_C(0xD2511F53)
#define MULTIPLY_1 UINT32_C(0xCD9E8D57)
#define WEYL_0	   UINT32_C(0x9E3779B9)
#define WEYL_1	   UINT32_C(0xBB67AE85)

void philox_4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4])
{
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	uint32_t k0 = key[0], k1 = key[1];

	for (int i = 0; i < N_ROUNDS; i++) {
		uint64_t p0 = (uint64_t)MULTIPLY_0 * c0;
		uint64_t p1 = (uint64_t)MULTIPLY_1 * c2;

		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += WEYL_0;
		k1 += WEYL_1;
	}
	ret[0] = c0;
	ret[1] = c1;
	ret[2] = c2;
	ret[3] = c3;
}

/* The upper 52 bits, in the middle of their interval: with 53 the last would round to 1. */
static double unit(uint32_t low, uint32_t high)
{
	return ((double)(((uint64_t)high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

void philox_uniform2(uint64_t seed, uint64_t stream, uint64_t place, double ret[2])
{
	const uint32_t counter[4] = { (uint32_t)place, (uint32_t)(place >> 32), (uint32_t)stream,
				      (uint32_t)(stream >> 32) };
	const uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };
	uint32_t word[4];

	philox_4x32(counter, key, word);
	ret[0] = unit(word[0], word[1]);
	ret[1] = unit(word[2], word[3]);
}
