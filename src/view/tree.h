/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.h - consumers below one another: processes by parents, cgroups by paths; for list.c. */
#ifndef VIEW_TREE_H
#define VIEW_TREE_H

#include "view/list.h"

#define TREE_NONE UINT32_MAX

struct tree_node {
	uint64_t id;
	const struct row *row; /* NULL: only known by what is below it */
	const char *name;      /* [name_len], in the tree's rows */
	size_t name_len;
	uint32_t tgid;
	uint32_t parent; /* index; TREE_NONE = at the root */
	uint32_t first;	 /* child, once tree_link() was called */
	uint32_t next;	 /* of the same parent */
	unsigned int depth;
	bool is_dropped; /* by tree_shorten(): no part of the tree */
	bool shown;	 /* it or one below matches the filter */
	struct rows_figures own;
	struct rows_figures sum; /* with all below */
};

/* Zero-initialise; nodes are owned by it. */
struct tree {
	size_t n;
	size_t room;
	struct tree_node *node;
	uint32_t first; /* at the root */
	uint32_t *slot; /* index + 1 by id, of nodes without a row */
	size_t n_slots;
	size_t n_order;
	uint32_t *order; /* [n_order] by tree_walk(): each before all that is below it */
};

/*
 * Nodes of these rows, then of what they are below, each with its parent. Nobody is below himself,
 * whatever names say. Returns 0 or -ENOMEM.
 */
int tree_of_processes(struct tree *t, const struct rows *r, const uint32_t *row, size_t n);
int tree_of_cgroups(struct tree *t, const struct rows *r, const uint32_t *row, size_t n);

/* first and next of all, children in the order of `by` (indices into node, [n]). */
void tree_link(struct tree *t, const uint32_t *by);
/* Fills order and depth, from first and next. */
void tree_walk(struct tree *t);
/* An only child takes the place of a node without a row. Between tree_walk() and tree_link(). */
void tree_shorten(struct tree *t);
void tree_free(struct tree *t);

#endif /* VIEW_TREE_H */
