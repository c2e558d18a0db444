/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* identity.c - see identity.h: which name each kind of consumer gets. */
#include "identity/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity/cgroups.h"
#include "jouletrail/shared.h"

struct identity {
	struct cgroups *cgroups;
	char (*comm)[JT_COMM_LEN]; /* copies: a sample may move, its name must not */
	size_t capacity;
};

int identity_new(const char *root, struct identity **ret)
{
	bool own_root = !root || !*root || !strcmp(root, "/");
	struct identity *id = calloc(1, sizeof(*id));
	struct mounts *mounts = calloc(1, sizeof(*mounts));
	int err = id && mounts ? 0 : -ENOMEM;

	if (!err)
		err = mounts_find(own_root ? NULL : root, mounts);
	if (!err)
		err = cgroups_new(mounts, own_root, &id->cgroups);
	free(mounts);
	if (err) {
		identity_free(id);
		return err;
	}
	*ret = id;
	return 0;
}

void identity_free(struct identity *id)
{
	if (!id)
		return;
	cgroups_free(id->cgroups);
	free(id->comm);
	free(id);
}

static int identity_reserve(struct identity *id, size_t n)
{
	size_t capacity = id->capacity ? id->capacity : 256;
	void *comm;

	if (n <= id->capacity)
		return 0;
	while (capacity < n)
		capacity *= 2;
	comm = realloc(id->comm, capacity * sizeof(*id->comm));
	if (!comm)
		return -ENOMEM;
	id->comm = comm;
	id->capacity = capacity;
	return 0;
}

/* A cgroup's overflow cell belongs to that cgroup; only the global one belongs to nobody known. */
static const char *identity_name(const struct sample *s, char comm[JT_COMM_LEN])
{
	if (s->flags & USAGE_ROW_IRQ)
		return "(interrupts)";
	if (s->kind == RECORD_CGROUP)
		return s->cgroup_id == 0 && s->flags & JT_CELL_OVERFLOW ? "(overflow)" : s->cgroup;
	if (s->flags & JT_CELL_OVERFLOW)
		return "(overflow)";
	if (s->flags & USAGE_ROW_RESERVED)
		return "(reserved)";
	memcpy(comm, s->comm, JT_COMM_LEN);
	comm[JT_COMM_LEN - 1] = '\0';
	return comm[0] ? comm : NULL;
}

static enum mounts_hierarchy hierarchy_of(uint32_t flags)
{
	return flags & JT_CELL_V1_CGRP ? MOUNTS_V1_CPU : MOUNTS_V2;
}

int identity_open_cgroup(struct identity *id, uint64_t cgroup_id, uint32_t v1)
{
	return cgroups_open(id->cgroups, hierarchy_of(v1), cgroup_id);
}

int identity_run(struct identity *id, struct tick *t)
{
	int err = identity_reserve(id, t->n_samples);

	if (err)
		return err;
	cgroups_begin(id->cgroups);
	for (size_t i = 0; i < t->n_samples; i++) {
		struct sample *s = &t->sample[i];

		s->cgroup = cgroups_path(id->cgroups, hierarchy_of(s->flags), s->cgroup_id);
		s->name = identity_name(s, id->comm[i]);
	}
	return 0;
}
