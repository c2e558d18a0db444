/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* philox.c - are the numbers those of the published generator, and uniform? */
#include "quant/philox.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Known answers of Random123, kat_vectors, "philox4x32 10". */
static const struct {
	uint32_t counter[4];
	uint32_t key[2];
	uint32_t want[4];
} known[] = {
	{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
	{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
	  { 0xffffffff, 0xffffffff },
	  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
	{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
	  { 0xa4093822, 0x299f31d0 },
	  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

Test(philox, known_answers)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint32_t got[4];

		philox_4x32(known[i].counter, known[i].key, got);
		cr_expect(!memcmp(got, known[i].want, sizeof(got)),
			  "vector %zu: %08x %08x %08x %08x", i, got[0], got[1], got[2], got[3]);
	}
}

Test(philox, uniform_and_by_place)
{
	double sum = 0, square = 0, product = 0, u[2], again[2];
	const int n = 100000;

	for (int i = 0; i < n; i++) {
		philox_uniform2(7, 3, (uint64_t)i, u);
		cr_assert(u[0] > 0 && u[0] < 1 && u[1] > 0 && u[1] < 1);
		sum += u[0] + u[1];
		square += u[0] * u[0] + u[1] * u[1];
		product += u[0] * u[1];
	}
	/* Six standard errors. */
	cr_expect(fabs(sum / (2 * n) - 0.5) < 6 * sqrt(1.0 / 12 / (2 * n)));
	cr_expect(fabs(square / (2 * n) - 1.0 / 3) < 6 * sqrt(4.0 / 45 / (2 * n)));
	cr_expect(fabs(product / n - 0.25) < 6 * sqrt(7.0 / 144 / n));
	philox_uniform2(7, 3, 5, u);
	philox_uniform2(7, 4, 5, again);
	cr_expect(u[0] != again[0]);
	philox_uniform2(8, 3, 5, again);
	cr_expect(u[0] != again[0]);
	philox_uniform2(7, 3, 5, again);
	cr_expect(u[0] == again[0] && u[1] == again[1]);
}
