/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame_tree.h - stacks merged by the names of their frames; for export/ only. */
#ifndef EXPORT_FLAME_TREE_H
#define EXPORT_FLAME_TREE_H

#include "types/stack.h"

#define FLAME_NONE SIZE_MAX

/* frame is the stacks'. Children follow their parent at once, siblings are sorted by name. */
struct flame_node {
	const struct stack_frame *frame; /* NULL = the root of all */
	size_t parent;
	size_t depth;	    /* root: 0 */
	uint64_t energy_uj; /* with all above it */
	uint64_t self_uj;
	uint64_t n_samples; /* likewise both */
	uint64_t n_self_samples;
};

struct flame_tree {
	struct flame_node *node; /* the first is the root; parents before children */
	size_t n;
	size_t depth; /* of the deepest */
};

/* Stacks without energy and samples are left out. Returns 0 (ret: flame_tree_free()) or -ENOMEM. */
int flame_tree_build(const struct stack *stack, size_t n, struct flame_tree *ret);
void flame_tree_free(struct flame_tree *t);

/* The nodes from below the root to node, and how many; ret has room for STACK_MAX_FRAMES. */
size_t flame_tree_path(const struct flame_tree *t, size_t node, size_t *ret);

#endif /* EXPORT_FLAME_TREE_H */
