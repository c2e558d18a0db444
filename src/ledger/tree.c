/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.c - see tree.h. */
#include "ledger/tree.h"

#include <errno.h>
#include <string.h>

/* RFC 6962, 2.1: the prefixes keep a leaf from passing for a node. */
#define TREE_LEAF_PREFIX 0x00
#define TREE_NODE_PREFIX 0x01

#define TREE_SUBTREE_MAX 256

int tree_node(const struct hash *left, const struct hash *right, struct hash *ret)
{
	uint8_t both[2 * HASH_LEN];

	memcpy(both, left->byte, HASH_LEN);
	memcpy(both + HASH_LEN, right->byte, HASH_LEN);
	return hash_bytes(TREE_NODE_PREFIX, both, sizeof(both), ret);
}

int tree_leaf(const char *line, size_t len, struct hash *ret)
{
	return hash_bytes(TREE_LEAF_PREFIX, line, len, ret);
}

int tree_add(struct tree *t, const struct hash *leaf)
{
	struct hash node = *leaf;
	unsigned int b = 0;
	int err;

	/* Like a carry of 1: every full subtree on the way merges into the next. */
	for (; t->size >> b & 1; b++) {
		err = tree_node(&t->peak[b], &node, &node);
		if (err)
			return err;
	}
	t->peak[b] = node;
	t->size++;
	return 0;
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
