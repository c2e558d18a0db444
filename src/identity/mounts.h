/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mounts.h - where the cgroup hierarchies that jouletrail accounts by are mounted. */
#ifndef IDENTITY_MOUNTS_H
#define IDENTITY_MOUNTS_H

#include <stddef.h>

#include "base/fs.h"

/* v2, and on v1 and hybrid hosts the cpu controller's: see JT_CELL_V1_CGRP. */
enum mounts_hierarchy { MOUNTS_V2 = 0, MOUNTS_V1_CPU, MOUNTS_N_HIERARCHIES };

struct mounts_entry {
	char point[FS_PATH_LEN];  /* directory to open; "" = this hierarchy is not mounted */
	char prefix[FS_PATH_LEN]; /* path of the mounted subtree within the hierarchy; "" = all */
};

struct mounts {
	struct mounts_entry entry[MOUNTS_N_HIERARCHIES];
};

/*
 * Reads a mountinfo text (proc(5)). Where a hierarchy is mounted several times, the mount that
 * shows most of it is taken: its root before a subtree, then the first. Lines that are no cgroup
 * mount are passed over.
 */
void mounts_parse(const char *mountinfo, struct mounts *ret);

/*
 * root NULL: this process's own mounts. Else the usual places below root/sys/fs/cgroup, as a
 * fixture or another machine's tree has no mount table of its own: the directory itself or
 * unified/ if it has cgroup.controllers, and cpu/ or cpu,cpuacct/.
 *
 * Returns 0, also when no hierarchy is there; -errno if the mount table cannot be read.
 */
int mounts_find(const char *root, struct mounts *ret);

#endif /* IDENTITY_MOUNTS_H */
