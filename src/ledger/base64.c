/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* base64.c - see base64.h; EVP_DecodeBlock() would let white space and stray bits pass. */
#include "ledger/base64.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const uint8_t *data, size_t len, char *ret)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t group = (uint32_t)data[i] << 16;

		if (left > 1)
			group |= (uint32_t)data[i + 1] << 8;
		if (left > 2)
			group |= data[i + 2];
		*ret++ = alphabet[group >> 18];
		*ret++ = alphabet[group >> 12 & 63];
		*ret++ = '=';
		*ret++ = '=';
		if (left > 1)
			ret[-2] = alphabet[group >> 6 & 63];
		if (left > 2)
			ret[-1] = alphabet[group & 63];
	}
	*ret = '\0';
}

int base64_decode(const char *text, size_t text_len, uint8_t *ret, size_t size, size_t *ret_len)
{
	size_t n_pad = 0, n = 0;
	uint32_t bits = 0;

	if (text_len % 4)
		return -EINVAL;
	while (n_pad < 2 && n_pad < text_len && text[text_len - 1 - n_pad] == '=')
		n_pad++;
	if (text_len / 4 * 3 - n_pad > size)
		return -ENOSPC;
	for (size_t i = 0; i < text_len - n_pad; i++) {
		const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (!at)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (i % 4 == 0)
			continue;
		/* After 2, 3 and 4 characters one more byte is whole. */
		ret[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
		bits &= (1u << (6 - 2 * (i % 4))) - 1;
	}
	if (bits)
		return -EINVAL;
	*ret_len = n;
	return 0;
}
