/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroups.h - cgroup id -> path, remembered.
 *
 * The kernel resolves an id itself (a cgroupfs file handle is the id) where CAP_DAC_READ_SEARCH
 * allows it; else the hierarchy is walked, at most once per cgroups_begin(). Both answers are kept,
 * "gone" too: ids are never used twice while the machine runs, so an id asked for again costs one
 * look into a hash. A v1 group that is renamed keeps its first name here.
 */
#ifndef IDENTITY_CGROUPS_H
#define IDENTITY_CGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity/mounts.h"

/* Ids kept; beyond it the next cgroups_begin() starts anew. Some 100 bytes each. */
#define CGROUPS_MAX_KEPT 65536

struct cgroups;

struct cgroups_stats {
	uint64_t n_handles; /* ids asked of the kernel */
	uint64_t n_walks;   /* walks over a whole hierarchy */
	size_t n_kept;
};

/*
 * mounts is copied. use_handles: ask the kernel first; off for a fixture tree, whose ids are inode
 * numbers. Returns 0 (*ret is the caller's, for cgroups_free()) or -ENOMEM.
 */
int cgroups_new(const struct mounts *mounts, bool use_handles, struct cgroups **ret);
void cgroups_free(struct cgroups *c);

/* Allows one more walk of each hierarchy and, when too much is kept, forgets it all. */
void cgroups_begin(struct cgroups *c);

/*
 * Path within the hierarchy, "/" for its root; NULL when the id is gone or not to be seen from
 * here. Owned by c, valid until the next cgroups_begin().
 */
const char *cgroups_path(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

/*
 * Opens the directory. Returns the caller's file descriptor; -ENOENT (gone, not to be seen from
 * here); -EISDIR for the hierarchy's root; -errno.
 */
int cgroups_open(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

struct cgroups_stats cgroups_stats(const struct cgroups *c);

#endif /* IDENTITY_CGROUPS_H */
