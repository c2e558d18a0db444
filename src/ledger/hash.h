/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.h - SHA-256 as the ledger uses it, and its hexadecimal form. */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/lanes.h"

#define HASH_LEN     32
#define HASH_HEX_LEN (2 * HASH_LEN)

struct hash {
	uint8_t byte[HASH_LEN];
};

/* SHA-256(prefix ‖ data); prefix < 0 means none. Returns 0 or -ENOMEM. */
int hash_bytes(int prefix, const void *data, size_t len, struct hash *ret);

/* SHA-256(prefix ‖ left ‖ right). */
void hash_pair(uint8_t prefix, const struct hash *left, const struct hash *right, struct hash *ret);

/*
 * SHA-256(prefix ‖ data) block by block, for who goes through the data anyway: the rounds of a
 * block wait for one another, and meanwhile a processor does what comes after them, as far as it
 * sees. hash_begin(), hash_upto() as often as one likes, hash_end().
 */
struct hash_run {
	SHA256_CTX ctx;
	const uint8_t *data;
	size_t done;   /* bytes of data in the blocks that were hashed */
	size_t next;   /* the same after the next block; SIZE_MAX: only the last ones are left */
	size_t whole;  /* the same before the last ones */
	size_t n_last; /* blocks with the rest and the padding: 1 or 2 */
	lanes first[4];
	uint8_t last[2 * SHA256_CBLOCK];
};

void hash_begin(struct hash_run *r, uint8_t prefix, const void *data, size_t len);
void hash_block(struct hash_run *r); /* the next one, while there is any before the last */
void hash_end(struct hash_run *r, struct hash *ret);

/* The blocks that end within the first n bytes of the data. */
static inline void hash_upto(struct hash_run *r, size_t n)
{
	while (n >= r->next)
		hash_block(r);
}

/* HMAC-SHA-256. Returns 0 or -ENOMEM. */
int hash_hmac(const struct hash *key, const void *data, size_t len, struct hash *ret);

/* Lower-case hexadecimal of len bytes, NUL-terminated: ret has room for 2 * len + 1. */
void hash_hex(const uint8_t *data, size_t len, char *ret);

/* Exactly 2 * len lower-case digits; len 4, 8 … HASH_LEN. Returns 0 or -EINVAL, ret untouched. */
int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len);

#endif /* LEDGER_HASH_H */
