/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.c - see tree.h. */
#include "ledger/tree.h"

#include <errno.h>
#include <string.h>

/* RFC 6962, 2.1: the prefixes keep a leaf from passing for a node. */
#define TREE_LEAF_PREFIX 0x00
#define TREE_NODE_PREFIX 0x01

int tree_node(const struct hash *left, const struct hash *right, struct hash *ret)
{
	hash_pair(TREE_NODE_PREFIX, left, right, ret);
	return 0;
}

int tree_leaf(const char *line, size_t len, struct hash *ret)
{
	return hash_bytes(TREE_LEAF_PREFIX, line, len, ret);
}

void tree_leaf_begin(struct hash_run *r, const char *line, size_t len)
{
	hash_begin(r, TREE_LEAF_PREFIX, line, len);
}

int tree_subtree(const struct hash *node, size_t n, struct hash *ret)
{
	struct hash level[TREE_SUBTREE_MAX / 2];

	if (n == 1) {
		*ret = *node;
		return 0;
	}
	for (; n > 1; n /= 2, node = level)
		for (size_t i = 0; i < n / 2; i++)
			if (tree_node(&node[2 * i], &node[2 * i + 1], &level[i]))
				return -ENOMEM;
	*ret = level[0];
	return 0;
}

/* A full subtree of 2^b leaves, which the size is a multiple of. */
static int tree_add_subtree(struct tree *t, const struct hash *subtree, unsigned int b)
{
	uint64_t n = UINT64_C(1) << b;
	struct hash node = *subtree;
	int err;

	/* Like a carry of 1: every full subtree on the way merges into the next. */
	for (; t->size >> b & 1; b++) {
		err = tree_node(&t->peak[b], &node, &node);
		if (err)
			return err;
	}
	t->peak[b] = node;
	t->size += n;
	return 0;
}

int tree_add(struct tree *t, const struct hash *leaf)
{
	return tree_add_subtree(t, leaf, 0);
}

int tree_add_all(struct tree *t, const struct hash *leaf, size_t n)
{
	struct hash node;
	int err = 0;

	while (!err && n > 0) {
		unsigned int b = 0;

		/* The largest subtree that begins here and is full. */
		while (2 << b <= TREE_SUBTREE_MAX && (size_t)2 << b <= n && !(t->size >> b & 1))
			b++;
		err = tree_subtree(leaf, (size_t)1 << b, &node);
		if (!err)
			err = tree_add_subtree(t, &node, b);
		leaf += (size_t)1 << b;
		n -= (size_t)1 << b;
	}
	return err;
}

int tree_push(struct tree *t, struct tree_queue *q, const struct hash *leaf)
{
	q->leaf[q->n++] = *leaf;
	return q->n < TREE_SUBTREE_MAX ? 0 : tree_flush(t, q);
}

int tree_flush(struct tree *t, struct tree_queue *q)
{
	size_t n = q->n;

	q->n = 0;
	return tree_add_all(t, q->leaf, n);
}

int tree_root(const struct tree *t, struct hash *ret)
{
	struct hash root;
	unsigned int b;
	int err;

	if (t->size == 0)
		return hash_bytes(-1, "", 0, ret);
	b = (unsigned int)__builtin_ctzll(t->size);
	root = t->peak[b];
	for (b++; b < 64; b++) {
		if (!(t->size >> b & 1))
			continue;
		err = tree_node(&t->peak[b], &root, &root);
		if (err)
			return err;
	}
	*ret = root;
	return 0;
}
