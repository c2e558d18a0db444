/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.c - see tree.h. */
#include "view/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fnv.h"

#define TREE_MAX_DEPTH	   64
#define TREE_MAX_ANCESTORS 32

/* One "make(812)" of a process's ancestors. */
struct ancestor {
	const char *name;
	size_t len;
	uint32_t tgid;
};

/* A process of the rows, to be found by its id. */
struct process {
	uint32_t tgid;
	uint32_t node;
	uint64_t start;
};

static int tree_slots(struct tree *t, size_t room)
{
	size_t n_slots = 64;
	uint32_t *slot;

	while (n_slots < 2 * room)
		n_slots *= 2;
	slot = calloc(n_slots, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_slots; i++) {
		size_t at;

		if (!t->slot[i])
			continue;
		at = t->node[t->slot[i] - 1].id % n_slots;
		while (slot[at])
			at = (at + 1) % n_slots;
		slot[at] = t->slot[i];
	}
	free(t->slot);
	t->slot = slot;
	t->n_slots = n_slots;
	return 0;
}

static int tree_grow(struct tree *t, size_t room)
{
	struct tree_node *node = realloc(t->node, room * sizeof(*node));
	uint32_t *order;

	if (!node)
		return -ENOMEM;
	t->node = node;
	order = realloc(t->order, room * sizeof(*order));
	if (!order)
		return -ENOMEM;
	t->order = order;
	t->room = room;
	return tree_slots(t, room);
}

/* Empty, with a node for each row. */
static int tree_begin(struct tree *t, const struct rows *r, const uint32_t *row, size_t n)
{
	t->n = 0;
	if (t->n_slots)
		memset(t->slot, 0, t->n_slots * sizeof(*t->slot));
	if (n + 1 > t->room && tree_grow(t, n + n / 2 + 64))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct row *from = &r->row[row[i]];

		t->node[t->n++] =
			(struct tree_node){ .id = from->id,
					    .row = from,
					    .name = from->name,
					    .name_len = from->name ? strlen(from->name) : 0,
					    .tgid = from->tgid,
					    .parent = TREE_NONE,
					    .own = rows_now(r, from) };
	}
	return 0;
}

/* The slot of id, or the free one where it would be. */
static uint32_t *tree_slot(struct tree *t, uint64_t id)
{
	size_t at = id % t->n_slots;

	while (t->slot[at] && t->node[t->slot[at] - 1].id != id)
		at = (at + 1) % t->n_slots;
	return &t->slot[at];
}

/* A node without a row: the one there is, or this one. TREE_NONE: no memory. */
static uint32_t tree_branch(struct tree *t, const struct tree_node *node)
{
	uint32_t *slot;

	if (t->n == t->room && tree_grow(t, 2 * t->room))
		return TREE_NONE;
	slot = tree_slot(t, node->id);
	if (!*slot) {
		t->node[t->n++] = *node;
		*slot = (uint32_t)t->n;
	}
	return *slot - 1;
}

/* Below parent, if that makes no circle. */
static void tree_put(struct tree *t, uint32_t node, uint32_t parent)
{
	unsigned int steps = 0;

	for (uint32_t up = parent; up != TREE_NONE; up = t->node[up].parent)
		if (up == node || ++steps > TREE_MAX_DEPTH)
			return;
	t->node[node].parent = parent;
}

/* From the parent up. Names may hold anything, so that only "(digits)" before a blank counts. */
static size_t read_ancestors(const char *text, struct ancestor *ret)
{
	const char *begin = text;
	size_t n = 0;

	for (const char *s = text; s && *s && n < TREE_MAX_ANCESTORS; s++) {
		char *end;
		unsigned long tgid;

		if (*s != '(' || s[1] < '0' || s[1] > '9')
			continue;
		tgid = strtoul(s + 1, &end, 10);
		if (*end != ')' || (end[1] != ' ' && end[1]) || tgid > UINT32_MAX)
			continue;
		ret[n++] = (struct ancestor){ begin, (size_t)(s - begin), (uint32_t)tgid };
		begin = end[1] ? end + 2 : end + 1;
		s = end;
	}
	return n;
}

static int compare_processes(const void *left, const void *right)
{
	const struct process *a = left, *b = right;

	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

/* Of all that had this id the last one that had begun when its child did. */
static uint32_t find_process(const struct process *list, size_t n, uint32_t tgid, uint64_t start)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_processes(&list[middle], &(struct process){ tgid, 0, start }) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && list[low - 1].tgid == tgid ? list[low - 1].node : TREE_NONE;
}

/* Below its ancestors, from the oldest down; init is not worth a line around everything. */
static int put_process(struct tree *t, uint32_t node, const struct process *list, size_t n)
{
	struct ancestor up[TREE_MAX_ANCESTORS];
	const struct row *row = t->node[node].row;
	size_t n_up = read_ancestors(row->ancestors, up);
	uint32_t parent = TREE_NONE;

	while (n_up--) {
		const struct ancestor *a = &up[n_up];
		uint32_t known = find_process(list, n, a->tgid, row->key);

		if (a->tgid == 1)
			continue;
		if (known == TREE_NONE) {
			struct tree_node branch = {
				.id = fnv_add(FNV_BEGIN, (const char *)&a->tgid, sizeof(a->tgid)),
				.name = a->name,
				.name_len = a->len,
				.tgid = a->tgid,
				.parent = parent,
			};

			known = tree_branch(t, &branch);
			if (known == TREE_NONE)
				return -ENOMEM;
		}
		parent = known;
	}
	tree_put(t, node, parent);
	return 0;
}

/* Below the process, which has the name of its first thread. */
static int put_thread(struct tree *t, uint32_t node)
{
	const struct row *row = t->node[node].row;
	uint64_t h = fnv_add(FNV_BEGIN, (const char *)&row->tgid, sizeof(row->tgid));
	struct tree_node branch = {
		.id = fnv_add(h, (const char *)&row->key, sizeof(row->key)),
		.name = "process",
		.name_len = strlen("process"),
		.tgid = row->tgid,
		.parent = TREE_NONE,
	};
	uint32_t parent = tree_branch(t, &branch);

	if (parent == TREE_NONE)
		return -ENOMEM;
	if (row->pid == row->tgid && row->name) {
		t->node[parent].name = row->name;
		t->node[parent].name_len = strlen(row->name);
	}
	tree_put(t, node, parent);
	return 0;
}

int tree_of_processes(struct tree *t, const struct rows *r, const uint32_t *row, size_t n)
{
	CLEANUP(cleanup_free) struct process *list = malloc((n + 1) * sizeof(*list));
	int err = list ? tree_begin(t, r, row, n) : -ENOMEM;
	size_t n_list = 0;

	for (size_t i = 0; !err && i < n; i++)
		if (t->node[i].tgid)
			list[n_list++] = (struct process){ t->node[i].tgid, (uint32_t)i,
							   t->node[i].row->key };
	if (!err)
		qsort(list, n_list, sizeof(*list), compare_processes);
	for (size_t i = 0; !err && i < n; i++) {
		if (!t->node[i].tgid)
			continue;
		err = t->node[i].row->kind == RECORD_THREAD
			      ? put_thread(t, (uint32_t)i)
			      : put_process(t, (uint32_t)i, list, n_list);
	}
	return err;
}

static uint64_t path_id(const char *path, size_t len)
{
	return fnv_add(FNV_BEGIN, path, len);
}

/* Below the longest path that there is, with all between as branches. */
static int put_cgroup(struct tree *t, uint32_t node)
{
	const char *path = t->node[node].row->cgroup;
	uint32_t parent = TREE_NONE;

	for (const char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		struct tree_node branch = { .id = path_id(path, (size_t)(s - path)),
					    .name = path,
					    .name_len = (size_t)(s - path),
					    .parent = parent };

		parent = tree_branch(t, &branch);
		if (parent == TREE_NONE)
			return -ENOMEM;
	}
	tree_put(t, node, parent);
	return 0;
}

static bool has_path(const struct row *row)
{
	return row->cgroup && row->cgroup[0] == '/' && row->cgroup[1];
}

int tree_of_cgroups(struct tree *t, const struct rows *r, const uint32_t *row, size_t n)
{
	int err = tree_begin(t, r, row, n);

	/* By path, whether they have a row or not. */
	for (size_t i = 0; !err && i < n; i++) {
		struct tree_node *node = &t->node[i];
		uint32_t *slot;

		if (!has_path(node->row))
			continue;
		node->name = node->row->cgroup;
		node->name_len = strlen(node->name);
		node->id = path_id(node->name, node->name_len);
		slot = tree_slot(t, node->id);
		if (!*slot)
			*slot = (uint32_t)i + 1;
	}
	for (size_t i = 0; !err && i < n; i++)
		if (has_path(t->node[i].row))
			err = put_cgroup(t, (uint32_t)i);
	return err;
}

void tree_link(struct tree *t, const uint32_t *by)
{
	t->first = TREE_NONE;
	for (size_t i = 0; i < t->n; i++)
		t->node[i].first = t->node[i].next = TREE_NONE;
	for (size_t i = t->n; i--;) {
		struct tree_node *node = &t->node[by[i]];
		uint32_t *list =
			node->parent == TREE_NONE ? &t->first : &t->node[node->parent].first;

		if (node->is_dropped)
			continue;
		node->next = *list;
		*list = by[i];
	}
}

void tree_walk(struct tree *t)
{
	uint32_t at = t->first;
	unsigned int depth = 0;

	t->n_order = 0;
	while (at != TREE_NONE) {
		struct tree_node *node = &t->node[at];

		node->depth = depth;
		t->order[t->n_order++] = at;
		if (node->first != TREE_NONE) {
			at = node->first;
			depth++;
			continue;
		}
		while (at != TREE_NONE && t->node[at].next == TREE_NONE) {
			at = t->node[at].parent;
			depth -= depth > 0;
		}
		at = at == TREE_NONE ? TREE_NONE : t->node[at].next;
	}
}

void tree_shorten(struct tree *t)
{
	for (size_t i = t->n_order; i--;) {
		uint32_t at = t->order[i];
		struct tree_node *node = &t->node[at];
		struct tree_node *child = node->first == TREE_NONE ? NULL : &t->node[node->first];

		if (node->row || !child || child->next != TREE_NONE)
			continue;
		node->is_dropped = true;
		child->parent = node->parent;
		/* An only child's only child. */
		if (node->parent != TREE_NONE && t->node[node->parent].first == at &&
		    node->next == TREE_NONE)
			t->node[node->parent].first = node->first;
	}
}

void tree_free(struct tree *t)
{
	free(t->node);
	free(t->slot);
	free(t->order);
	*t = (struct tree){ 0 };
}
