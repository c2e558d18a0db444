/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroups.h - cgroup id -> path, remembered.
 *
 * The kernel side tells of each cgroup that comes, is renamed or goes, so that one that lived for a
 * moment has its path. For what was there before, or was not told of, the kernel resolves an id
 * itself (a cgroupfs file handle is the id) where CAP_DAC_READ_SEARCH allows it; else the hierarchy
 * is walked, at most once per cgroups_begin(). All answers are kept, "gone" too: ids are never used
 * twice while the machine runs, so an id asked for again costs one look into a hash.
 */
#ifndef IDENTITY_CGROUPS_H
#define IDENTITY_CGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity/mounts.h"
#include "jouletrail/names.h"

/* Ids kept; beyond it the next cgroups_begin() gives up what is not in use. Some 200 bytes each. */
#define CGROUPS_MAX_KEPT 65536

/* What stands for the path to a cgroup that is out of sight from here. */
#define CGROUPS_UNSEEN "(unseen)"

struct cgroups;

struct cgroups_stats {
	uint64_t n_handles;   /* ids asked of the kernel */
	uint64_t n_walks;     /* walks over a whole hierarchy */
	uint64_t n_forgotten; /* removed ones that should have been kept, and found no room */
	size_t n_kept;
};

/*
 * mounts is copied. keep: removed cgroups are remembered as long as there is room, else until two
 * ticks did not ask for them. use_handles: ask the kernel first; off for a fixture tree, whose ids
 * are inode numbers. Returns 0 (*ret is the caller's, for cgroups_free()) or -ENOMEM.
 */
int cgroups_new(const struct mounts *mounts, bool use_handles, bool keep, struct cgroups **ret);
void cgroups_free(struct cgroups *c);

/* A tick begins: allows one more walk of each hierarchy, and forgets what is over. */
void cgroups_begin(struct cgroups *c);

/* Walks all that is mounted, so that what goes before it is asked for has a path. */
void cgroups_seed(struct cgroups *c);

/* What the kernel side tells: name[0 … len) is the directory's own. */
void cgroups_made(struct cgroups *c, enum mounts_hierarchy h, const struct jt_name *n,
		  const char *name);
void cgroups_renamed(struct cgroups *c, enum mounts_hierarchy h, const struct jt_name *n,
		     const char *name);
void cgroups_removed(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

/* Groupings whose numbers a cgroup keeps: the --by option's, and by virtual machine beside it. */
enum cgroups_slot { CGROUPS_BY = 0, CGROUPS_VM, CGROUPS_N_SLOTS };

/*
 * Where the caller keeps the numbers of the cgroup's groups, [CGROUPS_N_SLOTS]: 0 at first, and
 * after a rename. NULL for an id that was not asked for by cgroups_path().
 */
uint64_t *cgroups_group(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

/*
 * Path within the hierarchy, "/" for its root; NULL when the id is gone or not to be seen from
 * here. Owned by c, valid until the next cgroups_begin() or cgroups_renamed().
 */
const char *cgroups_path(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

/*
 * Opens the directory. Returns the caller's file descriptor; -ENOENT (gone, not to be seen from
 * here); -EISDIR for the hierarchy's root; -errno.
 */
int cgroups_open(struct cgroups *c, enum mounts_hierarchy h, uint64_t id);

/*
 * Opens the directory of an absolute path within the hierarchy, without "." and ".." (-EINVAL).
 * Returns the caller's file descriptor or -errno.
 */
int cgroups_open_path(const struct cgroups *c, enum mounts_hierarchy h, const char *path);

struct cgroups_stats cgroups_stats(const struct cgroups *c);

#endif /* IDENTITY_CGROUPS_H */
