/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fnv.h - FNV-1a, 64 bit, for tables of names (Fowler, Noll, Vo). */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)

/* h: FNV_BEGIN, or the hash of what stands before. The low bits are good for a table's index. */
static inline uint64_t fnv_add(uint64_t h, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

#endif /* BASE_FNV_H */
