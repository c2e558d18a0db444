/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* processes.c - see processes.h: the table, by process id, and what its entries learn. */
#include "identity/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/processes_parts.h"
#include "identity/procfs.h"

#define KEPT_TICKS    2
#define MAX_ANCESTORS 8

DEFINE_CLEANUP(struct processes *, processes_free)

static void release(struct process *e)
{
	free(e->exe);
	free(e->cmdline);
	free(e->vm);
}

void processes_free(struct processes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->capacity; i++)
		release(&p->entry[i]);
	processes_free_seeds(p);
	free(p->entry);
	free(p->root);
	free(p);
}

int processes_new(const char *root, bool keep, bool cmdlines, struct processes **ret)
{
	CLEANUP(processes_free_ptr) struct processes *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->keep = keep;
	p->cmdlines = cmdlines;
	p->root = root ? strdup(root) : NULL;
	p->entry = calloc(256, sizeof(*p->entry));
	if (!p->entry || (root && !p->root))
		return -ENOMEM;
	p->capacity = 256;
	*ret = TAKE_PTR(p);
	return 0;
}

struct process *processes_slot(const struct processes *p, uint32_t tgid, uint64_t start_ns)
{
	for (size_t i = processes_hash(tgid);; i++) {
		struct process *e = &p->entry[i & (p->capacity - 1)];

		if (!e->tgid || (e->tgid == tgid && e->start_boottime_ns == start_ns))
			return e;
	}
}

struct process *processes_parent_of(const struct processes *p, const struct process *child)
{
	struct process *best = NULL;

	if (!child->parent_tgid)
		return NULL;
	for (size_t i = processes_hash(child->parent_tgid);; i++) {
		struct process *e = &p->entry[i & (p->capacity - 1)];

		if (!e->tgid)
			return best;
		if (e->tgid == child->parent_tgid &&
		    e->start_boottime_ns <= child->start_boottime_ns &&
		    (!best || e->start_boottime_ns > best->start_boottime_ns))
			best = e;
	}
}

/* Moves what stays into a table of that capacity. Returns 0 or -ENOMEM, with nothing changed. */
static int rebuild(struct processes *p, size_t capacity, bool forget)
{
	struct process *old = p->entry, *fresh = calloc(capacity, sizeof(*fresh));
	size_t old_capacity = p->capacity;

	if (!fresh)
		return -ENOMEM;
	p->entry = fresh;
	p->capacity = capacity;
	p->n = 0;
	for (size_t i = 0; i < old_capacity; i++) {
		if (!old[i].tgid)
			continue;
		if (forget && old[i].used + KEPT_TICKS < p->tick) {
			p->n_forgotten += p->keep;
			release(&old[i]);
			continue;
		}
		*processes_slot(p, old[i].tgid, old[i].start_boottime_ns) = old[i];
		p->n++;
	}
	free(old);
	return 0;
}

void processes_begin(struct processes *p)
{
	p->tick++;
	if (p->n > (p->keep ? PROCESSES_MAX : PROCESSES_KEPT))
		rebuild(p, p->capacity, true);
}

struct process *processes_take(struct processes *p, uint32_t tgid, uint64_t start_ns)
{
	struct process *e;

	if (!tgid || (2 * (p->n + 1) > p->capacity && rebuild(p, 2 * p->capacity, false)))
		return NULL;
	e = processes_slot(p, tgid, start_ns);
	if (!e->tgid) {
		*e = (struct process){ .tgid = tgid, .start_boottime_ns = start_ns };
		p->n++;
	}
	e->used = p->tick;
	return e;
}

void processes_see(struct processes *p, const struct usage_row *row)
{
	struct process *e = processes_take(p, row->tgid, row->start_boottime_ns);

	if (!e)
		return;
	if (row->pid == row->tgid || !e->comm[0]) {
		memcpy(e->comm, row->comm, sizeof(e->comm));
		e->comm[JT_COMM_LEN - 1] = '\0';
	}
	/* The first one seen: orphans are given to another. */
	if (!e->parent_tgid && row->parent_tgid != row->tgid)
		e->parent_tgid = row->parent_tgid;
}

/* Arguments as ps(1) shows them. */
static char *join_arguments(const char *text, size_t len)
{
	char *joined;

	while (len && !text[len - 1])
		len--;
	joined = len ? malloc(len + 1) : NULL;
	if (!joined)
		return NULL;
	for (size_t i = 0; i < len; i++)
		joined[i] = text[i] ? text[i] : ' ';
	joined[len] = '\0';
	return joined;
}

static void put(char **to, char *value)
{
	if (!value)
		return;
	free(*to);
	*to = value;
}

void processes_hear(struct processes *p, const struct jt_name *n, const char *text)
{
	struct process *e = processes_take(p, n->tgid, n->id);

	if (!e)
		return;
	if (n->kind == JT_NAME_EXEC) {
		put(&e->exe, n->len ? strndup(text, n->len) : NULL);
		/* Of the program before. */
		free(e->cmdline);
		e->cmdline = NULL;
		e->executed = true;
		processes_forget_vm(e);
	} else if (n->kind == JT_NAME_CMDLINE) {
		if (p->cmdlines)
			put(&e->cmdline, join_arguments(text, n->len));
		processes_take_vm(e, text, n->len);
	}
}

/* A child that has not called exec does what its parent does; with another comm it may have. */
static void inherit(struct process *e, const struct process *parent)
{
	if (e->executed || strcmp(e->comm, parent->comm) != 0)
		return;
	if (!e->exe && parent->exe)
		e->exe = strdup(parent->exe);
	if (!e->cmdline && parent->cmdline)
		e->cmdline = strdup(parent->cmdline);
}

void processes_ask(struct processes *p, struct process *e)
{
	struct procfs_process found;

	e->asked = true;
	if (procfs_read(p->root, e->tgid, p->cmdlines, &found))
		return;
	/* Another process of the same id by now? /proc counts in ticks of 10 ms. */
	if (procfs_is_started_at(&found, e->start_boottime_ns)) {
		if (!found.exe)
			found.exe = processes_take_seed(p, e->tgid, found.start_boottime_ns);
		if (!e->exe)
			e->exe = TAKE_PTR(found.exe);
		if (!e->cmdline)
			e->cmdline = join_arguments(found.cmdline, found.cmdline_len);
		if (!e->comm[0])
			memcpy(e->comm, found.comm, sizeof(e->comm));
		if (!e->parent_tgid)
			e->parent_tgid = found.parent_tgid;
		e->ns_pid = found.ns_pid;
	}
	procfs_release(&found);
}

static void fill(struct processes *p, struct process *e)
{
	struct process *parent;

	e->used = p->tick;
	if (!e->asked)
		processes_ask(p, e);
	parent = processes_parent_of(p, e);
	if (parent)
		inherit(e, parent);
}

const struct process *processes_get(struct processes *p, uint32_t tgid, uint64_t start_boottime_ns)
{
	struct process *e = processes_take(p, tgid, start_boottime_ns);

	if (e)
		fill(p, e);
	return e;
}

/* A parent that was never seen to run: of those that live /proc knows, when it is the same. */
static struct process *find_parent(struct processes *p, const struct process *child)
{
	struct process *parent = processes_parent_of(p, child);
	struct procfs_process found;

	if (parent || !child->parent_tgid ||
	    procfs_read(p->root, child->parent_tgid, false, &found))
		return parent;
	if (found.start_boottime_ns <= child->start_boottime_ns) {
		parent = processes_take(p, child->parent_tgid, found.start_boottime_ns);
		if (parent) {
			memcpy(parent->comm, found.comm, sizeof(parent->comm));
			parent->parent_tgid = found.parent_tgid;
		}
	}
	procfs_release(&found);
	return parent;
}

void processes_put_ancestors(struct processes *p, const struct process *of, struct buf *out)
{
	struct process child = *of, *parent;

	for (int i = 0; i < MAX_ANCESTORS; i++) {
		parent = find_parent(p, &child);
		if (!parent)
			return;
		parent->used = p->tick;
		buf_printf(out, "%s%s(%u)", i ? " " : "", parent->comm, parent->tgid);
		child = *parent;
	}
}

uint64_t processes_n_forgotten(const struct processes *p)
{
	return p->n_forgotten;
}

size_t processes_n(const struct processes *p)
{
	return p->n;
}
