/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lanes.h - sixteen bytes at a time, in the compiler's own vector types: SSE2, NEON, or plain words
 * where the machine has neither.
 */
#ifndef LEDGER_LANES_H
#define LEDGER_LANES_H

#include <stdint.h>
#include <string.h>

#define LANES_LEN 16

/* A comparison of two gives 0xff in the lanes where it holds. */
typedef uint8_t lanes __attribute__((vector_size(LANES_LEN)));
typedef uint16_t lanes_pairs __attribute__((vector_size(LANES_LEN)));
typedef uint8_t lanes_half __attribute__((vector_size(LANES_LEN / 2)));

/* The sixteen bytes from at on, at any alignment. */
static inline lanes lanes_at(const void *at)
{
	lanes v;

	memcpy(&v, at, sizeof(v));
	return v;
}

typedef int8_t lanes_signed __attribute__((vector_size(LANES_LEN)));

static inline lanes lanes_of(uint64_t first, uint64_t second)
{
	typedef uint64_t words __attribute__((vector_size(LANES_LEN)));

	return (lanes)(words){ first, second };
}

/* Of each two neighbours the first, and the second. */
static inline lanes_pairs lanes_first_of_pairs(lanes v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (lanes_pairs)v & 0xff;
#else
	return (lanes_pairs)v >> 8;
#endif
}

static inline lanes_pairs lanes_second_of_pairs(lanes v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (lanes_pairs)v >> 8;
#else
	return (lanes_pairs)v & 0xff;
#endif
}

/* Index of the first lane in which a comparison holds; LANES_LEN = in none. */
static inline unsigned int lanes_first(lanes holds)
{
	/* Four bits of each lane, in order, as one word. */
	lanes_half nibbles = __builtin_convertvector((lanes_pairs)holds >> 4, lanes_half);
	uint64_t word;

	memcpy(&word, &nibbles, sizeof(word));
	if (word == 0)
		return LANES_LEN;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned int)__builtin_ctzll(word) / 4;
#else
	return (unsigned int)__builtin_clzll(word) / 4;
#endif
}

#endif /* LEDGER_LANES_H */
