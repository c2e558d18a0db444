/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* split.c - divides an integer in proportion to weights, to the last unit. */
#include "attrib/attrib.h"

#include <errno.h>

__extension__ typedef unsigned __int128 wide;

/* floor(total * part / whole), part <= whole. The 128-bit division is slow: only where needed. */
static uint64_t proportion(uint64_t total, uint64_t part, uint64_t whole)
{
	uint64_t product;

	if (!__builtin_mul_overflow(total, part, &product))
		return product / whole;
	return (uint64_t)((wide)total * part / whole);
}

int attrib_split(uint64_t total_uj, const uint64_t *weight, size_t n, uint64_t *ret_uj)
{
	uint64_t sum = 0;
	uint64_t passed = 0;
	uint64_t given = 0;

	for (size_t i = 0; i < n; i++)
		if (__builtin_add_overflow(sum, weight[i], &sum))
			return -EOVERFLOW;
	if (sum == 0)
		return -ENODATA;

	for (size_t i = 0; i < n; i++) {
		uint64_t upto;

		if (weight[i] == 0) {
			ret_uj[i] = 0;
			continue;
		}
		passed += weight[i];
		upto = proportion(total_uj, passed, sum);
		ret_uj[i] = upto - given;
		given = upto;
	}
	return 0;
}
