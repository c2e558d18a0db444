/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* processes_vm.c - which process is a virtual machine, and which works for one: processes_vm(). */
#include <stdlib.h>
#include <string.h>

#include "identity/processes_parts.h"
#include "identity/procfs.h"

/* Of a program that runs a virtual machine its arguments say which. */
void processes_take_vm(struct process *e, const char *args, size_t len)
{
	if (!e->exe || !vm_is_monitor(e->exe))
		return;
	if (!e->vm)
		e->vm = malloc(sizeof(*e->vm));
	if (!e->vm)
		return;
	vm_parse_arguments(args, len, e->vm);
	e->vm_tgid = e->tgid;
	e->vm_start_ns = e->start_boottime_ns;
	e->vm_known = true;
}

void processes_forget_vm(struct process *e)
{
	free(e->vm);
	e->vm = NULL;
	e->vm_tgid = 0;
	e->vm_known = false;
}

/* The process of that thread, the one of this id that was seen or is there now; NULL = none. */
static struct process *process_of_thread(struct processes *p, uint32_t tid)
{
	struct procfs_process found;
	struct process *e = NULL;
	uint32_t tgid;

	if (procfs_read_tgid(p->root, tid, &tgid) || procfs_read(p->root, tgid, false, &found))
		return NULL;
	for (size_t i = processes_hash(tgid); !e && p->entry[i & (p->capacity - 1)].tgid; i++) {
		struct process *seen = &p->entry[i & (p->capacity - 1)];

		if (seen->tgid == tgid && procfs_is_started_at(&found, seen->start_boottime_ns))
			e = seen;
	}
	procfs_release(&found);
	return e;
}

/* Where nothing was told of a process, /proc is asked for what it executes, and how. */
static void ask_vm(struct processes *p, struct process *e)
{
	struct procfs_process found;

	if (!e->exe && !e->asked)
		processes_ask(p, e);
	if (!e->exe || !vm_is_monitor(e->exe))
		return;
	if (procfs_read(p->root, e->tgid, true, &found)) {
		processes_take_vm(e, "", 0);
		return;
	}
	if (procfs_is_started_at(&found, e->start_boottime_ns))
		processes_take_vm(e, found.cmdline ? found.cmdline : "", found.cmdline_len);
	else
		processes_take_vm(e, "", 0);
	procfs_release(&found);
}

/* Whom it works for: a kernel thread by its name, a fork that runs on as its parent does. */
static struct process *find_owner(struct processes *p, const struct process *e, uint32_t flags)
{
	struct process *parent;
	uint32_t tid;

	if (flags & JT_CELL_KTHREAD) {
		tid = vm_worker_of(e->comm);
		return tid ? process_of_thread(p, tid) : NULL;
	}
	parent = e->executed ? NULL : processes_parent_of(p, e);
	return parent && parent->vm_tgid && !strcmp(e->comm, parent->comm) ? parent : NULL;
}

static void find_vm(struct processes *p, struct process *e, uint32_t flags)
{
	struct process *owner = find_owner(p, e, flags);

	if (owner && !owner->vm_known)
		ask_vm(p, owner);
	if (owner) {
		e->vm_tgid = owner->vm_tgid;
		e->vm_start_ns = owner->vm_start_ns;
	} else if (!(flags & JT_CELL_KTHREAD)) {
		ask_vm(p, e);
	}
	/* Of one that works for a process that has not run yet more is known later. */
	e->vm_known = owner || !(flags & JT_CELL_KTHREAD) || !vm_worker_of(e->comm);
}

const struct process *processes_vm(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns,
				   uint32_t flags)
{
	struct process *e = processes_take(p, tgid, start_boottime_ns), *vm;

	if (!e)
		return NULL;
	if (!e->vm_known)
		find_vm(p, e, flags);
	if (!e->vm_tgid)
		return NULL;
	vm = processes_slot(p, e->vm_tgid, e->vm_start_ns);
	if (!vm->tgid || !vm->vm) {
		/* It was forgotten, or is another program by now: who is left is asked again. */
		e->vm_tgid = 0;
		e->vm_known = false;
		return NULL;
	}
	vm->used = p->tick;
	return vm;
}

bool processes_is_alive(const struct processes *p, uint32_t tgid, uint64_t start_boottime_ns)
{
	struct procfs_process found;
	bool alive;

	if (procfs_read(p->root, tgid, false, &found))
		return false;
	alive = procfs_is_started_at(&found, start_boottime_ns);
	procfs_release(&found);
	return alive;
}

int processes_gid(const struct processes *p, uint32_t tgid, uint32_t *ret)
{
	return procfs_read_gid(p->root, tgid, ret);
}
