/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.c - see hash.h. */
#include "ledger/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int hash_bytes(int prefix, const void *data, size_t len, struct hash *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t first = (uint8_t)prefix;
	struct hash h;
	int ok;

	ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	     (prefix < 0 || EVP_DigestUpdate(ctx, &first, 1) == 1) &&
	     EVP_DigestUpdate(ctx, data, len) == 1 && EVP_DigestFinal_ex(ctx, h.byte, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return -ENOMEM;
	*ret = h;
	return 0;
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

static int hash_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len)
{
	if (text_len != 2 * len)
		return -EINVAL;
	for (size_t i = 0; i < text_len; i++)
		if (hash_digit(text[i]) < 0)
			return -EINVAL;
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)(hash_digit(text[2 * i]) << 4 | hash_digit(text[2 * i + 1]));
	return 0;
}
