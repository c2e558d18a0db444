/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* identity.c - see identity.h: the parts that know names, and what goes to which. */
#include "identity/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity/parts.h"
#include "jouletrail/shared.h"

int identity_new(const struct identity_options *o, struct identity **ret)
{
	bool own_root = !o->root || !*o->root || !strcmp(o->root, "/");
	const char *root = own_root ? NULL : o->root;
	struct identity *id = calloc(1, sizeof(*id));
	struct mounts *mounts = calloc(1, sizeof(*mounts));
	int err = id && mounts ? 0 : -ENOMEM;

	if (!err)
		err = mounts_find(root, mounts);
	if (!err)
		err = cgroups_new(mounts, own_root, o->keep, &id->cgroups);
	if (!err)
		err = groups_new(o->keep, &id->groups);
	if (!err && o->vms)
		err = groups_new(true, &id->vms);
	if (!err)
		err = processes_new(root, o->keep, o->cmdlines, &id->processes);
	if (!err)
		err = users_new(root, &id->users);
	if (!err && o->lookups)
		err = lookups_new(o->keep, &id->lookups);
	free(mounts);
	if (err) {
		identity_free(id);
		return err;
	}
	id->by = o->by;
	id->own_root = own_root;
	*ret = id;
	return 0;
}

void identity_free(struct identity *id)
{
	if (!id)
		return;
	cgroups_free(id->cgroups);
	groups_free(id->groups);
	groups_free(id->vms);
	processes_free(id->processes);
	users_free(id->users);
	lookups_free(id->lookups);
	strings_free(&id->strings);
	free(id);
}

void identity_seed(struct identity *id)
{
	cgroups_seed(id->cgroups);
	if (record_kind_is_task(id->by) || id->by == RECORD_VM || id->vms)
		processes_seed(id->processes);
}

void identity_hear(const struct jt_name *n, const char *text, void *arg)
{
	struct identity *id = arg;
	enum mounts_hierarchy h = identity_hierarchy(n->flags);

	/* Another root's cgroups and processes are not this kernel's. */
	if (!id->own_root)
		return;
	switch (n->kind) {
	case JT_NAME_CGROUP:
		cgroups_made(id->cgroups, h, n, text);
		break;
	case JT_NAME_CGROUP_RENAMED:
		cgroups_renamed(id->cgroups, h, n, text);
		break;
	case JT_NAME_CGROUP_REMOVED:
		cgroups_removed(id->cgroups, h, n->id);
		break;
	case JT_NAME_EXEC:
	case JT_NAME_CMDLINE:
		processes_hear(id->processes, n, text);
		break;
	}
}

int identity_open_cgroup(struct identity *id, uint64_t cgroup_id, uint32_t v1)
{
	return cgroups_open(id->cgroups, identity_hierarchy(v1), cgroup_id);
}

bool identity_next_question(struct identity *id, struct lookup_question *ret)
{
	return id->lookups && lookups_next(id->lookups, ret);
}

void identity_answer(struct identity *id, const struct lookup_answer *a)
{
	if (id->lookups)
		lookups_answer(id->lookups, a);
}

uint64_t identity_take_forgotten(struct identity *id)
{
	uint64_t n = cgroups_stats(id->cgroups).n_forgotten + groups_n_forgotten(id->groups) +
		     processes_n_forgotten(id->processes);
	uint64_t fresh = n - id->n_forgotten;

	id->n_forgotten = n;
	return fresh;
}
