/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * member.h - the pieces of a packed segment: gzip members (RFC 1952) of whole lines, each of which
 * says where it stands and can be checked and unpacked without the others.
 *
 * A packed segment is read by any gzip. What ours have beyond that is the extra field "JT": index
 * of the first line, number of lines, length and SHA-256 of the deflated bytes. With it every bit
 * of the file counts, those too that unpacking would not miss.
 */
#ifndef LEDGER_MEMBER_H
#define LEDGER_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "ledger/hash.h"

#define MEMBER_HEAD_LEN	 64
#define MEMBER_TAIL_LEN	 8
#define MEMBER_MAX_PLAIN ((size_t)128 << 10)
/* zlib's bound for incompressible input is 5 bytes per 16 kB and a few more. */
#define MEMBER_MAX_DEFLATED (MEMBER_MAX_PLAIN + 1024)

struct member_head {
	uint64_t first;	   /* index of its first line */
	uint32_t n_lines;  /* > 0 */
	uint32_t deflated; /* bytes between head and tail */
	struct hash sha256;
};

/* Returns 0, or -EBADMSG for what is not exactly such a head. */
int member_parse(const uint8_t head[MEMBER_HEAD_LEN], struct member_head *ret);

/* Zero-initialise; keeps its memory between members. One per thread. */
struct member_inflater {
	z_stream z;
	bool ready;
};

/*
 * Unpacks h->deflated bytes and the tail behind them into ret (MEMBER_MAX_PLAIN). Returns 0;
 * -EBADMSG where anything at all is not as h says; -ENOMEM.
 */
int member_inflate(struct member_inflater *f, const struct member_head *h, const uint8_t *deflated,
		   char *ret, size_t *ret_len);
void member_inflater_end(struct member_inflater *f);

/*
 * Packs whole lines (1 to MEMBER_MAX_PLAIN bytes, ending in LF), of which the first has index
 * first. ret has room for head, MEMBER_MAX_DEFLATED and tail. Returns 0, -ENOMEM, -EFBIG.
 */
int member_deflate(const char *lines, size_t len, uint64_t first, uint8_t *ret, size_t *ret_len);

#endif /* LEDGER_MEMBER_H */
