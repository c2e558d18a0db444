/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* naming.c - what the samples of a tick are called: identity_run(). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "identity/parts.h"
#include "identity/place.h"
#include "jouletrail/shared.h"

static const char *keep(struct identity *id, const char *s)
{
	return s && *s ? strings_copy(&id->strings, s, strlen(s)) : NULL;
}

static const char *keep_comm(struct identity *id, const struct sample *s)
{
	size_t len = strnlen(s->comm, JT_COMM_LEN - 1);

	return len ? strings_copy(&id->strings, s->comm, len) : NULL;
}

/* What the runtime says, if that is known by now. */
static void name_known(struct identity *id, struct sample *s, const struct group_known *known)
{
	struct sample_labels *to = &s->labels;

	if (!known)
		return;
	to->container_name = keep(id, known->name);
	to->image = keep(id, known->image);
	to->namespace = keep(id, known->namespace);
	to->pod_name = keep(id, known->pod_name);
	to->tags = keep(id, known->labels);
}

static void name_lookup(struct identity *id, struct sample *s, const char *path,
			const struct place *p)
{
	if (!id->lookups)
		return;
	if (s->kind != RECORD_CONTAINER)
		name_known(id, s, lookups_get(id->lookups, path, p, PLACE_POD));
	if (s->kind != RECORD_POD && p->name[PLACE_CONTAINER].id[0])
		name_known(id, s, lookups_get(id->lookups, path, p, PLACE_CONTAINER));
}

/* What the cgroup's path says. */
static void name_place(struct identity *id, struct sample *s)
{
	struct place p;

	if (!s->cgroup)
		return;
	place_parse(s->cgroup, &p);
	s->labels.container = keep(id, p.name[PLACE_CONTAINER].id);
	s->labels.pod = keep(id, p.name[PLACE_POD].id);
	s->labels.unit = keep(id, p.name[PLACE_UNIT].id);
	s->labels.vm = keep(id, p.name[PLACE_VM].id);
	s->labels.qos = p.qos;
	s->labels.runtime = p.runtime;
	name_lookup(id, s, s->cgroup, &p);
}

static void name_process(struct identity *id, struct sample *s)
{
	const struct process *vm =
		processes_vm(id->processes, s->tgid, s->start_boottime_ns, s->flags);
	const char *vm_name = vm && !s->labels.vm ? keep(id, vm->vm->name) : NULL;
	const struct process *known =
		s->flags & JT_CELL_KTHREAD
			? NULL
			: processes_get(id->processes, s->tgid, s->start_boottime_ns);
	struct buf ancestors = { 0 };
	char pid[16];

	s->labels.user = keep(id, users_name(id->users, s->uid));
	if (vm_name)
		s->labels.vm = vm_name;
	if (!known)
		return;
	s->labels.exe = keep(id, known->exe);
	s->labels.cmdline = keep(id, known->cmdline);
	if (known->ns_pid) {
		snprintf(pid, sizeof(pid), "%" PRIu32, known->ns_pid);
		s->labels.ns_pid = keep(id, pid);
	}
	processes_put_ancestors(id->processes, known, &ancestors);
	if (!ancestors.err)
		s->labels.ancestors = keep(id, ancestors.data);
	buf_free(&ancestors);
}

/* A cgroup's overflow cell belongs to that cgroup; only the global one belongs to nobody known. */
static void name_task(struct identity *id, struct sample *s)
{
	if (s->flags & JT_CELL_OVERFLOW) {
		s->name = "(overflow)";
		return;
	}
	s->name = s->flags & USAGE_ROW_RESERVED ? "(reserved)" : keep_comm(id, s);
	name_place(id, s);
	if (s->tgid)
		name_process(id, s);
}

/* A container or pod is called what its owner calls it. */
static void name_inside(struct identity *id, struct sample *s, const struct group *g)
{
	const char *own;
	struct place p;

	place_parse(g->key, &p);
	name_lookup(id, s, g->key, &p);
	own = s->kind == RECORD_POD ? s->labels.pod_name : s->labels.container_name;
	if (own)
		s->name = own;
}

static void name_group(struct identity *id, struct sample *s)
{
	static const char *const class_names[] = {
		[GROUPS_NONE] = "(none)",	[GROUPS_KERNEL] = "(kernel)",
		[GROUPS_UNKNOWN] = "(unknown)", [GROUPS_OVERFLOW] = "(overflow)",
		[GROUPS_IRQ] = "(interrupts)",	[GROUPS_RESERVED] = "(reserved)"
	};
	const struct group *g = groups_get(id->groups, s->group);

	if (!g)
		return;
	if (g->class != GROUPS_NAMED) {
		s->name = class_names[g->class];
		return;
	}
	s->id = keep(id, g->id);
	s->name = s->id;
	s->labels.runtime = g->runtime;
	s->labels.qos = g->qos;
	s->labels.pod = keep(id, g->pod);
	if (s->kind == RECORD_USER) {
		s->labels.user = keep(id, users_name_of(id->users, g->id));
		s->name = s->labels.user ? s->labels.user : s->id;
	} else if (s->kind == RECORD_VM) {
		s->name = keep(id, g->name) ?: s->id;
		/* The key of one that is a process is no path. */
		s->cgroup = g->key[0] == '/' ? keep(id, g->key) : NULL;
	} else if (s->kind != RECORD_COMM) {
		s->cgroup = g->key[0] ? keep(id, g->key) : "/";
	}
	if (s->kind == RECORD_CONTAINER || s->kind == RECORD_POD)
		name_inside(id, s, g);
}

static void name_sample(struct identity *id, struct sample *s)
{
	s->id = s->name = s->cgroup = NULL;
	s->labels = (struct sample_labels){ .user = NULL };
	if (record_kind_is_group(s->kind)) {
		name_group(id, s);
		return;
	}
	if (s->flags & USAGE_ROW_IRQ) {
		s->name = "(interrupts)";
		return;
	}
	s->cgroup = cgroups_path(id->cgroups, identity_hierarchy(s->flags), s->cgroup_id);
	if (record_kind_is_task(s->kind)) {
		name_task(id, s);
		return;
	}
	s->name = s->cgroup_id == 0 && s->flags & JT_CELL_OVERFLOW ? "(overflow)" : s->cgroup;
	name_place(id, s);
}

int identity_run(struct identity *id, struct tick *t)
{
	strings_reset(&id->strings);
	cgroups_begin(id->cgroups);
	groups_begin(id->groups);
	if (id->lookups)
		lookups_begin(id->lookups);
	processes_begin(id->processes);
	users_refresh(id->users);
	for (size_t i = 0; i < t->n_samples; i++)
		name_sample(id, &t->sample[i]);
	return 0;
}
