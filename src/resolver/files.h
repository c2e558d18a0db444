/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * files.h - state files of runtimes, read below a root directory; what they are is somebody else's
 * choice: a link out of the root, a FIFO, a device or 10 GB is no state file.
 */
#ifndef RESOLVER_FILES_H
#define RESOLVER_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Containers of a machine, with what Podman's storage says of each: some 500 bytes. */
#define FILES_MAX_BYTES (8U << 20)
/* Entries of a directory that are looked at. */
#define FILES_MAX_ENTRIES 65536

/*
 * A directory as the root of all paths: links are followed, but never out of it.
 * Returns the caller's descriptor or -errno.
 */
int files_open_root(const char *root);

/*
 * A regular file as a whole, NUL-terminated, the caller's to free; path is relative.
 *
 * own_links: links on the way are followed. Not below a directory of which a user is the owner, who
 * might point to what he may not read himself.
 *
 * Returns 0; -EFBIG beyond FILES_MAX_BYTES; -EINVAL for what is no regular file; -errno.
 */
int files_read(int root_fd, const char *path, bool own_links, char **ret, size_t *ret_len);

/* Whether to go on. */
typedef bool files_entry_fn(const char *name, void *arg);

/* Calls f with every entry of a directory but "." and "..". Returns 0 or -errno. */
int files_list(int root_fd, const char *path, files_entry_fn *f, void *arg);

#endif /* RESOLVER_FILES_H */
