/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.c - see hash.h. */
/*
 * The old interface of SHA-256: EVP allocates a context for every digest, which on a line of 600
 * bytes takes as long as the hashing.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/hash.h"

#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#include "ledger/lanes.h"

int hash_bytes(int prefix, const void *data, size_t len, struct hash *ret)
{
	uint8_t first = (uint8_t)prefix;
	SHA256_CTX ctx;
	int ok;

	ok = SHA256_Init(&ctx) == 1 && (prefix < 0 || SHA256_Update(&ctx, &first, 1) == 1) &&
	     SHA256_Update(&ctx, data, len) == 1 && SHA256_Final(ret->byte, &ctx) == 1;
	return ok ? 0 : -ENOMEM;
}

/*
 * A processor that reads sixteen bytes which two stores have just written waits until both are in
 * the cache. Hence blocks are put together in sixteens, or long before they are hashed.
 */

/* One byte, and fifteen more. */
static inline lanes hash_shifted(uint8_t before, const uint8_t *data)
{
	uint64_t low, high;

	memcpy(&low, data, sizeof(low));
	memcpy(&high, data + 7, sizeof(high));
	return lanes_of(htole64(le64toh(low) << 8 | before), high);
}

static void hash_result(const SHA256_CTX *ctx, struct hash *ret)
{
	typedef uint32_t words __attribute__((vector_size(LANES_LEN)));

	for (int i = 0; i < 2; i++) {
		words w = (words)lanes_at(ctx->h + 4 * i);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		w = w << 24 | (w << 8 & 0xff0000) | (w >> 8 & 0xff00) | w >> 24;
#endif
		memcpy(ret->byte + LANES_LEN * i, &w, sizeof(w));
	}
}

void hash_pair(uint8_t prefix, const struct hash *left, const struct hash *right, struct hash *ret)
{
	const uint8_t *a = left->byte, *b = right->byte;
	const lanes block[8] = {
		hash_shifted(prefix, a),
		hash_shifted(a[15], a + 16),
		hash_shifted(a[31], b),
		hash_shifted(b[15], b + 16),
		lanes_of(htole64(0x8000 | b[31]), 0),
		lanes_of(0, 0),
		lanes_of(0, 0),
		lanes_of(0, htobe64(8 * (1 + 2 * HASH_LEN))),
	};
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	SHA256_Update(&ctx, block, sizeof(block));
	hash_result(&ctx, ret);
}

/* With the padding of FIPS 180-4, 5.1.1. */
void hash_begin(struct hash_run *r, uint8_t prefix, const void *data, size_t len)
{
	size_t n_message = len + 1, rest = n_message % SHA256_CBLOCK;
	uint64_t n_bits = htobe64(8 * (uint64_t)n_message);

	SHA256_Init(&r->ctx);
	r->data = data;
	r->done = 0;
	r->next = SIZE_MAX;
	memset(r->last, 0, sizeof(r->last));
	if (n_message >= SHA256_CBLOCK) {
		r->next = SHA256_CBLOCK - 1;
		r->whole = len - rest;
		r->first[0] = hash_shifted(prefix, data);
		for (int i = 1; i < 4; i++)
			r->first[i] = lanes_at(r->data + LANES_LEN * i - 1);
		memcpy(r->last, r->data + r->whole, rest);
	} else {
		r->last[0] = prefix;
		memcpy(r->last + 1, data, len);
	}
	r->last[rest] = 0x80;
	r->n_last = rest + 1 + sizeof(n_bits) <= SHA256_CBLOCK ? 1 : 2;
	memcpy(r->last + r->n_last * SHA256_CBLOCK - sizeof(n_bits), &n_bits, sizeof(n_bits));
}

void hash_block(struct hash_run *r)
{
	const uint8_t *block = r->done ? r->data + r->done : (const uint8_t *)r->first;

	SHA256_Transform(&r->ctx, block);
	r->done = r->next;
	r->next = r->done == r->whole ? SIZE_MAX : r->done + SHA256_CBLOCK;
}

void hash_end(struct hash_run *r, struct hash *ret)
{
	while (r->next != SIZE_MAX)
		hash_block(r);
	for (size_t i = 0; i < r->n_last; i++)
		SHA256_Transform(&r->ctx, r->last + i * SHA256_CBLOCK);
	hash_result(&r->ctx, ret);
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

/* Sixteen lower-case digits as eight bytes; *bad: the lanes in which there was none. */
static inline void hash_from_digits(const char *text, uint8_t *ret, lanes *bad)
{
	lanes v = lanes_at(text), digit = v - '0', letter = v - 'a';
	lanes is_digit = (lanes)(digit <= 9);
	lanes value = (digit & is_digit) | ((letter + 10) & ~is_digit);
	lanes_half bytes = __builtin_convertvector(
		lanes_first_of_pairs(value) << 4 | lanes_second_of_pairs(value), lanes_half);

	*bad |= (lanes)(letter > 5) & ~is_digit;
	memcpy(ret, &bytes, sizeof(bytes));
}

int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len)
{
	uint8_t data[HASH_LEN];
	char last[LANES_LEN];
	lanes bad = { 0 };

	if (text_len != 2 * len || len > sizeof(data))
		return -EINVAL;
	for (size_t i = 0; i < len; i += LANES_LEN / 2) {
		const char *at = text + 2 * i;

		if (len - i < LANES_LEN / 2) {
			memset(last, '0', sizeof(last));
			at = memcpy(last, at, 2 * (len - i));
		}
		hash_from_digits(at, data + i, &bad);
	}
	if (lanes_first(bad) < LANES_LEN)
		return -EINVAL;
	memcpy(ret, data, len);
	return 0;
}
