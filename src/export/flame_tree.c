/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame_tree.c - see flame_tree.h: sorted stacks, each beginning where the last one parted. */
#include "export/flame_tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* For sorting. */
struct stack_ref {
	const struct stack *stack;
};

static int compare_frames(const struct stack_frame *a, const struct stack_frame *b)
{
	int order = strcmp(a->name, b->name);

	return order ? order : (int)a->kind - (int)b->kind;
}

static int compare_stacks(const void *pa, const void *pb)
{
	const struct stack *a = ((const struct stack_ref *)pa)->stack;
	const struct stack *b = ((const struct stack_ref *)pb)->stack;

	for (size_t i = 0; i < a->n_frames && i < b->n_frames; i++) {
		int order = compare_frames(&a->frame[i], &b->frame[i]);

		if (order)
			return order;
	}
	return a->n_frames < b->n_frames ? -1 : a->n_frames > b->n_frames;
}

/* Puts s in; path[d] is the node of depth d of the stack before, depth its deepest. */
static size_t tree_add(struct flame_tree *t, const struct stack *s, size_t *path, size_t depth)
{
	size_t common = 0;

	while (common < depth && common < s->n_frames &&
	       compare_frames(t->node[path[common + 1]].frame, &s->frame[common]) == 0)
		common++;
	for (size_t d = common; d < s->n_frames; d++) {
		t->node[t->n] = (struct flame_node){ .frame = &s->frame[d],
						     .parent = path[d],
						     .depth = d + 1 };
		path[d + 1] = t->n++;
	}
	for (size_t d = 0; d <= s->n_frames; d++) {
		t->node[path[d]].energy_uj += s->energy_uj;
		t->node[path[d]].n_samples += s->n_samples;
	}
	t->node[path[s->n_frames]].self_uj += s->energy_uj;
	t->node[path[s->n_frames]].n_self_samples += s->n_samples;
	if (s->n_frames > t->depth)
		t->depth = s->n_frames;
	return s->n_frames;
}

int flame_tree_build(const struct stack *stack, size_t n, struct flame_tree *ret)
{
	CLEANUP(cleanup_free) struct stack_ref *sorted = calloc(n + 1, sizeof(*sorted));
	size_t path[STACK_MAX_FRAMES + 1] = { 0 }, n_sorted = 0, n_nodes = 1, depth = 0;
	struct flame_tree t = { .n = 1 };

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (stack[i].n_frames && stack[i].n_frames <= STACK_MAX_FRAMES &&
		    (stack[i].energy_uj || stack[i].n_samples)) {
			sorted[n_sorted++].stack = &stack[i];
			n_nodes += stack[i].n_frames;
		}
	qsort(sorted, n_sorted, sizeof(*sorted), compare_stacks);
	t.node = calloc(n_nodes, sizeof(*t.node));
	if (!t.node)
		return -ENOMEM;
	t.node[0].parent = FLAME_NONE;
	for (size_t i = 0; i < n_sorted; i++)
		depth = tree_add(&t, sorted[i].stack, path, depth);
	*ret = t;
	return 0;
}

void flame_tree_free(struct flame_tree *t)
{
	free(t->node);
	*t = (struct flame_tree){ 0 };
}

size_t flame_tree_path(const struct flame_tree *t, size_t node, size_t *ret)
{
	size_t n = t->node[node].depth;

	for (size_t d = n; d > 0; d--) {
		ret[d - 1] = node;
		node = t->node[node].parent;
	}
	return n;
}
