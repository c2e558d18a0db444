/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hash.h - SHA-256 as the ledger uses it, and its hexadecimal form. */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_LEN     32
#define HASH_HEX_LEN (2 * HASH_LEN)

struct hash {
	uint8_t byte[HASH_LEN];
};

/* SHA-256(prefix ‖ data); prefix < 0 means none. Returns 0 or -ENOMEM. */
int hash_bytes(int prefix, const void *data, size_t len, struct hash *ret);

/* HMAC-SHA-256. Returns 0 or -ENOMEM. */
int hash_hmac(const struct hash *key, const void *data, size_t len, struct hash *ret);

/* Lower-case hexadecimal of len bytes, NUL-terminated: ret has room for 2 * len + 1. */
void hash_hex(const uint8_t *data, size_t len, char *ret);

/* Exactly 2 * len lower-case digits; len 4, 8 … HASH_LEN. Returns 0 or -EINVAL, ret untouched. */
int hash_from_hex(const char *text, size_t text_len, uint8_t *ret, size_t len);

#endif /* LEDGER_HASH_H */
