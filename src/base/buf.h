/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buf.h - a growing byte buffer whose error is sticky, so that writers check once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; data is NUL-terminated after every successful append and owned by the buf. */
struct buf {
	char *data;
	size_t len;
	size_t capacity;
	int err; /* 0, or the first -errno; appends after it do nothing */
};

void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Decimal digits of v, without printf's cost. */
void buf_put_u64(struct buf *b, uint64_t v);

/* Empties it and clears err; keeps the memory. */
void buf_reset(struct buf *b);

/* Releases the memory; the buf may be used again. */
void buf_free(struct buf *b);

#endif /* BASE_BUF_H */
