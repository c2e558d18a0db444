/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* base64.h - RFC 4648 base64 with one form only: padded, standard alphabet, no stray bits. */
#ifndef LEDGER_BASE64_H
#define LEDGER_BASE64_H

#include <stddef.h>
#include <stdint.h>

#define BASE64_LEN(n) (4 * (((n) + 2) / 3))

/* NUL-terminated; ret has room for BASE64_LEN(len) + 1. */
void base64_encode(const uint8_t *data, size_t len, char *ret);

/* Exactly the text that base64_encode() makes. Returns 0, -EINVAL, or -ENOSPC beyond size bytes. */
int base64_decode(const char *text, size_t text_len, uint8_t *ret, size_t size, size_t *ret_len);

#endif /* LEDGER_BASE64_H */
