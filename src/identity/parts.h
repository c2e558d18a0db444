/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.h - the inside of an identity, for the files of identity.h. */
#ifndef IDENTITY_PARTS_H
#define IDENTITY_PARTS_H

#include "identity/cgroups.h"
#include "identity/groups.h"
#include "identity/identity.h"
#include "identity/lookups.h"
#include "identity/processes.h"
#include "identity/strings.h"
#include "identity/users.h"

struct identity {
	struct cgroups *cgroups;
	struct groups *groups;
	struct groups *vms;	 /* the machines of identity_vm(); NULL = not asked for */
	struct lookups *lookups; /* NULL = nobody answers */
	struct processes *processes;
	struct users *users;
	struct strings strings; /* of the last tick */
	enum record_kind by;
	bool own_root;
	uint64_t n_forgotten; /* told so far */
};

static inline enum mounts_hierarchy identity_hierarchy(uint32_t flags)
{
	return flags & JT_CELL_V1_CGRP ? MOUNTS_V1_CPU : MOUNTS_V2;
}

/*
 * The row's virtual machine as a group of g: by the path of its cgroup, else by its process; slot:
 * where cgroups keep g's numbers. 0 = no memory.
 */
uint64_t identity_group_vm(struct identity *id, struct groups *g, enum cgroups_slot slot,
			   const struct usage_row *row);

#endif /* IDENTITY_PARTS_H */
