/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* split.c - is an integer divided exactly, in proportion, whatever the sizes? */
#include <criterion/criterion.h>
#include <errno.h>

#include "../random.h"
#include "attrib/attrib.h"

__extension__ typedef unsigned __int128 wide;

#define MAX_N 64

Test(split, known_case)
{
	const uint64_t weight[] = { 1, 1, 1, 0 };
	uint64_t share[4];

	cr_assert_eq(attrib_split(100, weight, 4, share), 0);
	cr_assert_eq(share[0], 33);
	cr_assert_eq(share[1], 33);
	cr_assert_eq(share[2], 34);
	cr_assert_eq(share[3], 0);
}

Test(split, nobody_ran)
{
	const uint64_t weight[] = { 0, 0 };
	uint64_t share[2] = { 7, 8 };

	cr_assert_eq(attrib_split(100, weight, 2, share), -ENODATA);
	cr_assert_eq(attrib_split(100, weight, 0, share), -ENODATA);
	cr_assert(share[0] == 7 && share[1] == 8, "touched on error");
}

Test(split, weights_beyond_64_bits)
{
	const uint64_t weight[] = { UINT64_MAX, 1 };
	uint64_t share[2] = { 7, 8 };

	cr_assert_eq(attrib_split(100, weight, 2, share), -EOVERFLOW);
	cr_assert(share[0] == 7 && share[1] == 8, "touched on error");
}

Test(split, the_largest_of_all)
{
	const uint64_t weight[] = { UINT64_MAX - 1, 1 };
	uint64_t share[2];

	cr_assert_eq(attrib_split(UINT64_MAX, weight, 2, share), 0);
	cr_assert_eq(share[0], UINT64_MAX - 1);
	cr_assert_eq(share[1], 1);
}

/* Σ shares = total; each within 1 of the real share; the sum of any first k too. */
static void check(uint64_t total, const uint64_t *weight, size_t n, int index)
{
	uint64_t share[MAX_N];
	wide weights = 0;
	wide passed = 0;
	wide given = 0;

	for (size_t i = 0; i < n; i++)
		weights += weight[i];
	cr_assert_eq(attrib_split(total, weight, n, share), 0, "case %d", index);
	for (size_t i = 0; i < n; i++) {
		wide exact = (wide)total * weight[i] / (uint64_t)weights;

		passed += weight[i];
		given += share[i];
		cr_assert(share[i] >= exact && share[i] <= exact + 1,
			  "case %d: share %zu of %lu is %lu", index, i, total, share[i]);
		cr_assert(given == (wide)total * passed / weights, "case %d: first %zu", index, i);
		cr_assert(weight[i] || !share[i], "case %d: %zu got energy without time", index, i);
	}
	cr_assert(given == total, "case %d: sum", index);
}

Test(split, sums_exactly_in_any_case)
{
	struct random_source r = { .seed = 10 };

	for (int i = 0; i < 20000; i++) {
		size_t n = 1 + random_below(&r, MAX_N);
		uint64_t total = random_any_size(&r);
		uint64_t weight[MAX_N];
		uint64_t left = UINT64_MAX;

		for (size_t k = 0; k < n; k++) {
			weight[k] = random_any_size(&r) % left;
			if (random_below(&r, 4) == 0)
				weight[k] = 0;
			left -= weight[k];
		}
		if (left == UINT64_MAX)
			weight[0] = 1;
		check(total, weight, n, i);
	}
}

Test(split, more_weight_never_gets_less)
{
	struct random_source r = { .seed = 11 };

	for (int i = 0; i < 20000; i++) {
		uint64_t weight[3] = { random_below(&r, 1000), random_below(&r, 1000), 1 };
		uint64_t more[3] = { weight[0] + 1 + random_below(&r, 1000), weight[1], 1 };
		uint64_t total = random_any_size(&r);
		uint64_t a[3];
		uint64_t b[3];

		cr_assert_eq(attrib_split(total, weight, 3, a), 0);
		cr_assert_eq(attrib_split(total, more, 3, b), 0);
		cr_assert(b[0] >= a[0], "case %d: %lu of %lu, then %lu", i, a[0], total, b[0]);
	}
}
