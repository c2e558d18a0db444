/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.h - the RFC 6962 Merkle tree over the lines, grown leaf by leaf in 2 kB. */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include "ledger/hash.h"

#define TREE_SUBTREE_MAX 256

/*
 * peak[b] is the root of a full subtree of 2^b leaves and valid where bit b of size is set: the
 * frontier of a tree of that size. Zero-initialised it is the empty tree; copying it is a snapshot.
 */
struct tree {
	uint64_t size;
	struct hash peak[64];
};

/* SHA-256(0x00 ‖ line without LF). Returns 0 or -ENOMEM. */
int tree_leaf(const char *line, size_t len, struct hash *ret);

/* The same to be hashed as it is scanned: hash_upto(), hash_end(). */
void tree_leaf_begin(struct hash_run *r, const char *line, size_t len);

/* Adds one leaf. Returns 0 or -ENOMEM (the tree is as before). */
int tree_add(struct tree *t, const struct hash *leaf);

/* Adds n leaves, whole subtrees at once: faster. Returns 0 or -ENOMEM (t is no longer usable). */
int tree_add_all(struct tree *t, const struct hash *leaf, size_t n);

/* Leaves that wait to be added together. Zero-initialise. Errors as of tree_add_all(). */
struct tree_queue {
	size_t n;
	struct hash leaf[TREE_SUBTREE_MAX];
};

int tree_push(struct tree *t, struct tree_queue *q, const struct hash *leaf);
int tree_flush(struct tree *t, struct tree_queue *q);

/* SHA-256(0x01 ‖ left ‖ right). Returns 0 or -ENOMEM. */
int tree_node(const struct hash *left, const struct hash *right, struct hash *ret);

/* Root of a full subtree over n nodes of one height, n a power of 2, at most TREE_SUBTREE_MAX. */
int tree_subtree(const struct hash *node, size_t n, struct hash *ret);

/* Merkle tree hash of all leaves (RFC 6962, 2.1); SHA-256 of nothing when empty. */
int tree_root(const struct tree *t, struct hash *ret);

#endif /* LEDGER_TREE_H */
