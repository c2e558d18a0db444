/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tar.h - a few small files as one: POSIX ustar, and gzip around it. */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include <stdint.h>

#include "base/buf.h"

/*
 * Appends a file, mode 0644 and owned by root: nobody's name is in it. Returns 0; -ENAMETOOLONG
 * beyond 99 bytes of name; or what out has as its error.
 */
int tar_add(struct buf *out, const char *name, const struct buf *data, int64_t mtime_s);

/* The two empty blocks at the end. */
void tar_end(struct buf *out);

/* All of plain, appended to out by gzip, whose head names no file. Returns 0 or -ENOMEM. */
int tar_gzip(const struct buf *plain, struct buf *out);

#endif /* BASE_TAR_H */
