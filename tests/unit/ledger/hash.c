/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.c - are the quick ways to a hash, and to its bytes, the same as the plain ones? */
#include "ledger/hash.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "unit/ledger/guarded.h"
#include "unit/random.h"

static struct random_source source = { .seed = 5 };

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)random_u64(&source);
}

/* Block by block, in steps of any size: of every length, at every alignment, before a guard. */
Test(hash, run_is_hash_bytes)
{
	uint8_t data[GUARDED_MAX];

	for (size_t len = 0; len <= 700; len++) {
		uint8_t prefix = (uint8_t)random_below(&source, 3);
		struct hash_run run;
		struct hash expected, got;
		const char *at;

		fill(data, len);
		at = guarded(data, len);
		cr_assert(hash_bytes(prefix, data, len, &expected) == 0);
		hash_begin(&run, prefix, at, len);
		for (size_t n = 0; n < len; n += random_below(&source, 150))
			hash_upto(&run, n);
		if (len % 2)
			hash_upto(&run, len);
		hash_end(&run, &got);
		cr_assert(memcmp(&got, &expected, sizeof(got)) == 0, "%zu bytes", len);
	}
}

Test(hash, pair_is_hash_bytes)
{
	for (int i = 0; i < 1000; i++) {
		struct hash *both = (struct hash *)(guarded_end() - 2 * sizeof(*both)), expected;
		uint8_t prefix = (uint8_t)i;

		fill(both[0].byte, 2 * HASH_LEN);
		cr_assert(hash_bytes(prefix, both, 2 * HASH_LEN, &expected) == 0);
		/* Over one of its arguments too, as trees do. */
		hash_pair(prefix, &both[0], &both[1], &both[1]);
		cr_assert(memcmp(&both[1], &expected, sizeof(expected)) == 0);
	}
}

Test(hash, hexadecimal_both_ways)
{
	for (size_t len = 0; len <= HASH_LEN; len++) {
		uint8_t data[HASH_LEN], got[HASH_LEN];
		char text[HASH_HEX_LEN + 1];

		fill(data, len);
		hash_hex(data, len, text);
		cr_assert(strlen(text) == 2 * len);
		cr_assert(hash_from_hex(guarded(text, 2 * len), 2 * len, got, len) == 0);
		cr_assert(memcmp(got, data, len) == 0, "%zu bytes", len);
		cr_assert(hash_from_hex(text, 2 * len + 1, got, len) == -EINVAL);
	}
	cr_assert(hash_from_hex("", 2 * HASH_LEN + 2, NULL, HASH_LEN + 1) == -EINVAL);
}

/* Every byte in every place: a digit with its value, or refused and nothing written. */
Test(hash, hexadecimal_digits)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t at = 0; at < HASH_HEX_LEN; at++) {
		for (int c = 0; c < 256; c++) {
			const char *digit = c ? strchr(digits, c) : NULL;
			uint8_t got[HASH_LEN];
			char text[HASH_HEX_LEN];

			memset(text, '7', sizeof(text));
			memset(got, 0xaa, sizeof(got));
			text[at] = (char)c;
			if (hash_from_hex(text, sizeof(text), got, sizeof(got)) == 0) {
				int value = at % 2 ? got[at / 2] & 15 : got[at / 2] >> 4;

				cr_assert(digit && value == digit - digits, "%d", c);
				cr_assert((at % 2 ? got[at / 2] >> 4 : got[at / 2] & 15) == 7);
			} else {
				cr_assert(!digit && got[at / 2] == 0xaa, "%d", c);
			}
		}
	}
}
