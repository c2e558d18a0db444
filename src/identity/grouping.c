/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grouping.c - in which group a usage row is: identity_group(). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "identity/parts.h"
#include "identity/place.h"
#include "jouletrail/shared.h"

static uint64_t group_class(struct identity *id, enum groups_class class)
{
	return groups_number(id->groups, &(struct groups_new_group){ .class = class, .key = "" });
}

static uint64_t group_comm(struct identity *id, const struct usage_row *row)
{
	char comm[JT_COMM_LEN];
	struct groups_new_group n = { .key = comm, .id = comm };

	memcpy(comm, row->comm, sizeof(comm));
	comm[JT_COMM_LEN - 1] = '\0';
	return groups_number(id->groups, &n);
}

static uint64_t group_user(struct identity *id, const struct usage_row *row)
{
	char uid[16];
	struct groups_new_group n = { .key = uid, .id = uid };

	if (row->flags & JT_CELL_KTHREAD)
		return group_class(id, GROUPS_KERNEL);
	snprintf(uid, sizeof(uid), "%" PRIu32, row->uid);
	return groups_number(id->groups, &n);
}

static enum place_what place_of(enum record_kind by)
{
	switch (by) {
	case RECORD_POD:
		return PLACE_POD;
	case RECORD_UNIT:
		return PLACE_UNIT;
	case RECORD_SLICE:
		return PLACE_SLICE;
	case RECORD_SESSION:
		return PLACE_SESSION;
	default:
		return PLACE_CONTAINER;
	}
}

/* Asks of it in the first window in which it is seen. */
static void look_up(struct identity *id, const char *path, const struct place *place)
{
	if (!id->lookups)
		return;
	lookups_get(id->lookups, path, place, PLACE_CONTAINER);
	lookups_get(id->lookups, path, place, PLACE_POD);
}

/* By what the path says; the key is as much of it as names the group. */
static uint64_t group_path(struct identity *id, const char *path)
{
	enum place_what what = place_of(id->by);
	char key[PLACE_MAX_PATH];
	struct place place;
	const struct place_name *name = &place.name[what];
	struct groups_new_group n = { .key = key, .id = name->id };

	place_parse(path, &place);
	look_up(id, path, &place);
	if (!name->id[0])
		return group_class(id, GROUPS_NONE);
	if (name->len >= sizeof(key))
		return group_class(id, GROUPS_UNKNOWN);
	memcpy(key, path, name->len);
	key[name->len] = '\0';
	if (what == PLACE_CONTAINER)
		n.runtime = place.runtime;
	if (what == PLACE_POD)
		n.qos = place.qos;
	if (what == PLACE_CONTAINER && place.name[PLACE_POD].id[0]) {
		n.pod = place.name[PLACE_POD].id;
		n.qos = place.qos;
	}
	return groups_number(id->groups, &n);
}

static uint64_t group_cgroup(struct identity *id, const struct usage_row *row)
{
	enum mounts_hierarchy h = identity_hierarchy(row->flags);
	const char *path = cgroups_path(id->cgroups, h, row->cgroup_id);
	uint64_t *known = cgroups_group(id->cgroups, h, row->cgroup_id);
	uint64_t number = known ? known[CGROUPS_BY] : 0;

	if (!path)
		return group_class(id, GROUPS_UNKNOWN);
	if (!number || !groups_touch(id->groups, number))
		number = group_path(id, path);
	if (known)
		known[CGROUPS_BY] = number;
	/* In the root's cgroup, but not of those that were left there. */
	if (row->flags & JT_CELL_KTHREAD && number == group_class(id, GROUPS_NONE))
		return group_class(id, GROUPS_KERNEL);
	return number;
}

static uint64_t group_row(struct identity *id, const struct usage_row *row)
{
	bool by_task = id->by == RECORD_COMM || id->by == RECORD_USER;

	if (row->flags & USAGE_ROW_IRQ)
		return group_class(id, GROUPS_IRQ);
	if (row->flags & USAGE_ROW_RESERVED && by_task)
		return group_class(id, GROUPS_RESERVED);
	/* A cgroup's overflow cell is still the cgroup's; whose tasks they were is lost. */
	if (row->flags & JT_CELL_OVERFLOW && (by_task || !row->cgroup_id))
		return group_class(id, GROUPS_OVERFLOW);
	if (id->by == RECORD_COMM)
		return group_comm(id, row);
	if (id->by == RECORD_USER)
		return group_user(id, row);
	if (id->by == RECORD_VM)
		return identity_group_vm(id, id->groups, CGROUPS_BY, row);
	return group_cgroup(id, row);
}

/* Of rows that are no groups the cgroup is known by whether it was asked of. */
static void look_up_row(struct identity *id, const struct usage_row *row)
{
	enum mounts_hierarchy h = identity_hierarchy(row->flags);
	const char *path = cgroups_path(id->cgroups, h, row->cgroup_id);
	uint64_t *asked = path ? cgroups_group(id->cgroups, h, row->cgroup_id) : NULL;
	struct place place;

	if (!asked || asked[CGROUPS_BY])
		return;
	asked[CGROUPS_BY] = 1;
	place_parse(path, &place);
	look_up(id, path, &place);
}

int identity_group(struct identity *id, const struct usage *u)
{
	bool tasks = record_kind_is_task(id->by) || id->by == RECORD_VM || id->vms;

	/* All of them first: whom a kernel thread works for may come behind it. */
	for (size_t i = 0; tasks && i < u->n_rows; i++)
		if (u->rows[i].tgid)
			processes_see(id->processes, &u->rows[i]);
	if (!record_kind_is_group(id->by) && !id->lookups)
		return 0;
	for (size_t i = 0; i < u->n_rows; i++) {
		struct usage_row *row = &u->rows[i];

		if (!record_kind_is_group(id->by)) {
			look_up_row(id, row);
			continue;
		}
		row->group = group_row(id, row);
		if (!row->group)
			return -ENOMEM;
	}
	return 0;
}
