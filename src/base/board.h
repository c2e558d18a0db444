/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * board.h - a text that one process puts up and another one reads, whole, whenever it likes.
 *
 * Shared memory with two halves: the writer fills the one that is not shown and never waits, never
 * reads what is there; a reader that was overtaken takes the newer text. Pages that no text needed
 * take no memory.
 */
#ifndef BASE_BOARD_H
#define BASE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct board;

/* Room for texts of up to size bytes. Returns 0 (*ret for board_free()) or -errno. */
int board_new(size_t size, struct board **ret);

/* A descriptor of it that can only be read, the caller's; or -errno. */
int board_open_reader(const struct board *b);

/* Replaces the text. Returns 0; -EFBIG where it has no room: what was shown stays. */
int board_put(struct board *b, const char *text, size_t len);

/* The reader's side: fd stays the caller's. Returns 0; -EINVAL for what is no board; -errno. */
int board_attach(int fd, struct board **ret);

/*
 * Appends the text to out where it is another than number *seen, which it then sets. Returns 1; 0:
 * nothing new; -EAGAIN where the writer was faster time and again; -ENOMEM. From a reader only.
 */
int board_read(const struct board *b, uint64_t *seen, struct buf *out);

/* NULL is fine. */
void board_free(struct board *b);

#endif /* BASE_BOARD_H */
