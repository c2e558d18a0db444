/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* resolve.h - the two ways from a cgroup id to its path: the kernel's handle, or a walk. */
#ifndef IDENTITY_RESOLVE_H
#define IDENTITY_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "identity/mounts.h"

/*
 * Opens the cgroup by its id, which on 64-bit kernels since 5.5 is a whole file handle of its
 * filesystem (FILEID_KERNFS in the kernel's linux/exportfs.h), v1 and v2 alike.
 *
 * mount_fd  the open mount point m->point
 *
 * Returns 0 (*ret is the caller's, for free(); "/" is the root); -ESTALE when there is no such
 * cgroup (any more) or it lies outside the mounted subtree; -EPERM without CAP_DAC_READ_SEARCH;
 * -EOPNOTSUPP where the filesystem has no handles; -errno.
 */
int resolve_handle(int mount_fd, const struct mounts_entry *m, uint64_t id, char **ret);

/* Returns whether the walk goes on. path is valid during the call only. */
typedef bool resolve_found_fn(uint64_t id, const char *path, void *arg);

/*
 * Calls f with every directory below the mount point, itself included; the id is the inode number.
 * Directories that vanish or cannot be read on the way are passed over.
 */
void resolve_walk(int mount_fd, const struct mounts_entry *m, resolve_found_fn *f, void *arg);

#endif /* IDENTITY_RESOLVE_H */
