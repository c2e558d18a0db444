/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* prefixes.h - which of many paths lie below which directory. */
#ifndef BASE_PREFIXES_H
#define BASE_PREFIXES_H

#include <stddef.h>

/*
 * The directory path[0 … len) and which of the paths are it or lie below it: index[0 … n). All are
 * valid during the call. A return other than 0 ends the calls.
 */
typedef int prefixes_fn(const char *path, size_t len, const size_t *index, size_t n, void *arg);

/*
 * Calls f for every directory that is above at least one of path[0 … n), in the order of their
 * bytes, the root ("/") first. NULL and what does not begin with "/" are passed over. A directory
 * that is one of the paths counts itself too.
 *
 * Returns 0, what f returned, or -ENOMEM.
 */
int prefixes_each(const char *const *path, size_t n, prefixes_fn *f, void *arg);

#endif /* BASE_PREFIXES_H */
