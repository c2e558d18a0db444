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

/* Value of a lower-case digit; with a bit above 15 for anything else. */
static unsigned int hash_digit(char c)
{
	unsigned int decimal = (unsigned char)c - (unsigned int)'0';
	unsigned int letter = (unsigned char)c - (unsigned int)'a';

	if (decimal < 10)
		return decimal;
	return letter < 6 ? letter + 10 : 0x100;
}

int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len)
{
	unsigned int all = 0;

	if (text_len != 2 * len)
		return -EINVAL;
	for (size_t i = 0; i < text_len; i++)
		all |= hash_digit(text[i]);
	if (all & 0x100)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)(hash_digit(text[2 * i]) << 4 | hash_digit(text[2 * i + 1]));
	return 0;
}
