/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tiles.h - the tree's hashes on disk, so that a start or a proof need not hash the records again:
 * c2sp.org/tlog-tiles, height 8, in DIR/tile/.
 *
 * Derived from the records and never trusted: who reads them compares with a signed root, and
 * makes them anew where they do not fit. They are not synced.
 */
#ifndef LEDGER_TILES_H
#define LEDGER_TILES_H

#include "ledger/tree.h"

#define TILES_WIDTH    256
#define TILES_LEVELS   8
#define TILES_PATH_LEN 64

/*
 * The last, not yet full tile of every level. Level 0 holds leaves, level n + 1 the roots of the
 * full tiles of level n. Zero-initialise, with dir -1 for none on disk.
 */
struct tiles {
	int dir; /* tile/, borrowed; -1 = nothing is written */
	uint64_t size;
	struct hash entry[TILES_LEVELS][TILES_WIDTH];
};

/*
 * Adds a leaf. Full tiles are written; of the levels above 0 the partial ones too. What cannot be
 * written is made again at a later start. Returns 0 or -ENOMEM.
 */
int tiles_add(struct tiles *t, const struct hash *leaf);

/*
 * The state at a size that is a multiple of TILES_WIDTH, from disk; ret_tree is the tree of that
 * size. Returns 0; -ENOENT where tiles are missing or have another length; -ENOMEM.
 */
int tiles_load(struct tiles *t, uint64_t size, struct tree *ret_tree);

/*
 * The state at any size, where the tiles go beyond it. Returns 0; -ENOENT where they are missing.
 */
int tiles_load_any(struct tiles *t, uint64_t size);

/*
 * Hash of the full subtree of 2^level leaves with that number, which must lie within size leaves.
 * Returns 0; -ENOENT where a tile of it is missing or partial; -ENOMEM.
 */
int tiles_node(int dir, unsigned int level, uint64_t number, struct hash *ret);

/* "<level>/x001/x234/067" of the full tile with that number. */
void tiles_path(unsigned int level, uint64_t number, char ret[TILES_PATH_LEN]);

/* Removes all of dir/tile. Returns 0 or -errno. */
int tiles_remove(int dir);

#endif /* LEDGER_TILES_H */
