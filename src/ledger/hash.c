/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.c - see hash.h. */
/*
 * The old interface of SHA-256: EVP allocates a context for every digest, which on a line of 600
 * bytes takes as long as the hashing.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

int hash_bytes(int prefix, const void *data, size_t len, struct hash *ret)
{
	uint8_t first = (uint8_t)prefix;
	SHA256_CTX ctx;
	int ok;

	ok = SHA256_Init(&ctx) == 1 && (prefix < 0 || SHA256_Update(&ctx, &first, 1) == 1) &&
	     SHA256_Update(&ctx, data, len) == 1 && SHA256_Final(ret->byte, &ctx) == 1;
	return ok ? 0 : -ENOMEM;
}

int hash_hmac(const struct hash *key, const void *data, size_t len, struct hash *ret)
{
	struct hash h;

	if (!HMAC(EVP_sha256(), key->byte, HASH_LEN, data, len, h.byte, NULL))
		return -ENOMEM;
	*ret = h;
	return 0;
}

void hash_hex(const uint8_t *data, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[data[i] >> 4];
		ret[2 * i + 1] = digits[data[i] & 15];
	}
	ret[2 * len] = '\0';
}

#define HASH_LANES UINT64_C(0x0101010101010101)

/* Eight lower-case digits as four bytes, all lanes of a word at once. Returns 0 or -EINVAL. */
static int hash_from_digits(const char *text, uint8_t *ret)
{
	uint64_t x, v;

	memcpy(&x, text, sizeof(x));
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	v = (x & HASH_LANES * 0x0f) + (x >> 6 & HASH_LANES) * 9;
	/* The only character that has this value: 0x27 lies between the digits and the letters. */
	if (x != v + HASH_LANES * '0' + (((v + HASH_LANES * 6) >> 4) & HASH_LANES) * 0x27)
		return -EINVAL;
	v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	v |= v >> 16;
	for (int i = 0; i < 4; i++)
		ret[i] = (uint8_t)(v >> (8 * i));
	return 0;
}

int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len)
{
	uint8_t data[HASH_LEN];

	if (text_len != 2 * len || len % 4 != 0 || len > sizeof(data))
		return -EINVAL;
	for (size_t i = 0; i < len; i += 4)
		if (hash_from_digits(text + 2 * i, data + i))
			return -EINVAL;
	memcpy(ret, data, len);
	return 0;
}
