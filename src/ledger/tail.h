/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tail.h - the last lines of a plain segment, read from its end. */
#ifndef LEDGER_TAIL_H
#define LEDGER_TAIL_H

#include "base/buf.h"

/* No more is read, whatever n: the caller reads forwards then. */
#define TAIL_MAX_BYTES ((size_t)4 << 20)

/*
 * The last n lines of the segment that begins with index first, each with its LF, into ret;
 * *ret_size is the file's length. Returns 0; -ENOENT where there is no such plain segment; -EBADMSG
 * where it does not end as n whole lines within TAIL_MAX_BYTES; -ENOMEM; -errno.
 */
int tail_read(int seg_dir, uint64_t first, uint64_t n, struct buf *ret, uint64_t *ret_size);

#endif /* LEDGER_TAIL_H */
