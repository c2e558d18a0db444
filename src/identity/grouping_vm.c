/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grouping_vm.c - which virtual machine a usage row belongs to, by its cgroup or its process. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/parts.h"
#include "identity/place.h"
#include "jouletrail/shared.h"

static uint64_t vm_class(struct groups *g, enum groups_class class)
{
	return groups_number(g, &(struct groups_new_group){ .class = class, .key = "" });
}

/* By what the path says; the key is as much of it as names the machine. */
static uint64_t vm_of_path(struct groups *g, const char *path)
{
	char key[PLACE_MAX_PATH];
	struct place place;
	const struct place_name *name = &place.name[PLACE_VM];

	place_parse(path, &place);
	if (!name->id[0])
		return vm_class(g, GROUPS_NONE);
	if (name->len >= sizeof(key))
		return vm_class(g, GROUPS_UNKNOWN);
	memcpy(key, path, name->len);
	key[name->len] = '\0';
	return groups_number(g, &(struct groups_new_group){
					.key = key, .id = name->id, .runtime = place.runtime });
}

static uint64_t vm_of_cgroup(struct identity *id, struct groups *g, enum cgroups_slot slot,
			     const struct usage_row *row)
{
	enum mounts_hierarchy h = identity_hierarchy(row->flags);
	const char *path = cgroups_path(id->cgroups, h, row->cgroup_id);
	uint64_t *known = cgroups_group(id->cgroups, h, row->cgroup_id);

	if (!path)
		return vm_class(g, GROUPS_UNKNOWN);
	if (!known)
		return vm_of_path(g, path);
	if (!known[slot] || !groups_touch(g, known[slot]))
		known[slot] = vm_of_path(g, path);
	return known[slot];
}

/* A machine that no cgroup stands for is its process. */
static uint64_t vm_of_process(struct groups *g, const struct process *p)
{
	const char *name = p->vm->name[0] ? p->vm->name : p->vm->uuid;
	char key[48], pid[24];

	snprintf(key, sizeof(key), "%" PRIu32 " %" PRIu64, p->tgid, p->start_boottime_ns);
	snprintf(pid, sizeof(pid), "pid-%" PRIu32, p->tgid);
	return groups_number(g, &(struct groups_new_group){ .key = key,
							    .id = name[0] ? name : pid,
							    .nameless = !name[0],
							    .runtime = "qemu" });
}

/* What only the process knows: what it calls itself, who runs it. */
static void learn(struct groups *g, uint64_t number, const struct process *p,
		  const struct usage_row *row)
{
	struct group *group = groups_at(g, number);

	if (!group || row->flags & JT_CELL_KTHREAD)
		return;
	group->tgid = row->tgid;
	group->start_boottime_ns = row->start_boottime_ns;
	group->uid = row->uid;
	if (!group->name && p->vm->name[0])
		group->name = strdup(p->vm->name);
}

uint64_t identity_group_vm(struct identity *id, struct groups *g, enum cgroups_slot slot,
			   const struct usage_row *row)
{
	uint64_t number = vm_of_cgroup(id, g, slot, row);
	const struct group *group = groups_get(g, number);
	const struct process *p = NULL;
	bool named = group && group->class == GROUPS_NAMED;

	if (!number)
		return 0;
	if (row->tgid && !(named && row->flags & JT_CELL_KTHREAD))
		p = processes_vm(id->processes, row->tgid, row->start_boottime_ns, row->flags);
	if (p && !named)
		number = vm_of_process(g, p);
	if (p && number)
		learn(g, number, p, row);
	/* In the root's cgroup, but not of those that were left there. */
	if (!p && !named && row->flags & JT_CELL_KTHREAD && group && group->class == GROUPS_NONE)
		return vm_class(g, GROUPS_KERNEL);
	return number;
}

uint64_t identity_vm(struct identity *id, const struct usage_row *row)
{
	uint64_t number = identity_group_vm(id, id->vms, CGROUPS_VM, row);
	const struct group *group = groups_get(id->vms, number);

	return group && group->class == GROUPS_NAMED ? number : 0;
}

/* Cgroups at the root of a hierarchy that only the machine's own managers make. */
static bool is_systems(const char *key)
{
	static const char *const top[] = { "/machine.slice/", "/machine/", "/qemu.slice/" };

	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++)
		if (!strncmp(key, top[i], strlen(top[i])))
			return true;
	return false;
}

bool identity_vm_get(struct identity *id, uint64_t number, struct identity_vm *ret)
{
	const struct group *group = groups_get(id->vms, number);

	if (!group)
		return false;
	*ret = (struct identity_vm){
		.id = group->id,
		.key = group->key,
		.nameless = group->nameless,
		.by_system = is_systems(group->key) || (group->tgid && group->uid == 0),
		.tgid = group->tgid,
		.start_boottime_ns = group->start_boottime_ns,
	};
	return true;
}

bool identity_vm_is_alive(struct identity *id, const struct identity_vm *vm)
{
	return vm->tgid && processes_is_alive(id->processes, vm->tgid, vm->start_boottime_ns);
}

int identity_vm_gid(struct identity *id, const struct identity_vm *vm, uint32_t *ret)
{
	return processes_gid(id->processes, vm->tgid, ret);
}
