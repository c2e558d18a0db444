/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * proof.c - the making half of proof.h: out of the tiles, and out of the records where there are
 * none. What was made is checked against the signed root before it is given away.
 */
#include "ledger/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/base64.h"
#include "ledger/disk.h"
#include "ledger/proof_text.h"
#include "ledger/seals.h"
#include "ledger/tiles.h"
#include "ledger/walk.h"

struct prover {
	int dir;
	int seg_dir;
	int tile_dir;	   /* -1 = do without */
	struct sealed now; /* what is proven against */
	struct proof proof;
	char *line; /* of the record */
	size_t line_len;
	uint64_t wanted;
};

static void prover_end(struct prover *p)
{
	const int fds[] = { p->dir, p->seg_dir, p->tile_dir };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(p->line);
	free(p);
}

DEFINE_CLEANUP(struct prover *, prover_end)

/* The checkpoint of that size: the last one (size 0), or a kept one. */
static int prover_checkpoint(struct prover *p, const char *dir, uint64_t size, struct why *why)
{
	const char *what;
	char name[40];
	int err = sealed_read(p->dir, "checkpoint", &p->now, &what);

	if (!err && size && p->now.checkpoint.size != size) {
		snprintf(name, sizeof(name), "checkpoints/%" PRIu64, size);
		err = sealed_read(p->dir, name, &p->now, &what);
	}
	if (err == -ENOENT && size)
		return why_set(why, err,
			       "ledger %s has no checkpoint of %" PRIu64
			       " records; those kept: ls %s/checkpoints",
			       dir, size, dir);
	if (err)
		return why_set(why, err, "ledger %s: checkpoint: %s", dir,
			       err == -EBADMSG ? what : strerror(-err));
	return 0;
}

/* at  the directory, where it is open already; else -1 */
static int prover_open(int at, const char *dir, uint64_t size, struct prover **ret, struct why *why)
{
	CLEANUP(prover_end_ptr) struct prover *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->seg_dir = p->tile_dir = -1;
	p->dir = at < 0 ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			: fcntl(at, F_DUPFD_CLOEXEC, 0);
	if (p->dir < 0)
		return why_set(why, -errno, "ledger %s: %s", dir, strerror(errno));
	p->seg_dir = openat(p->dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->seg_dir < 0)
		return why_set(why, -errno, "%s is not a ledger: seg/: %s", dir, strerror(errno));
	p->tile_dir = openat(p->dir, "tile", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	err = prover_checkpoint(p, dir, size, why);
	if (!err)
		*ret = TAKE_PTR(p);
	return err;
}

/* Leaves from one index to another, as a tree of their own. */
struct leaves {
	uint64_t end;
	struct tree tree;
};

static int proof_leaf(uint64_t index, const char *line, size_t len, void *arg)
{
	struct leaves *l = arg;
	struct hash leaf;
	int err = tree_leaf(line, len, &leaf);

	if (!err)
		err = tree_add(&l->tree, &leaf);
	return err ? err : index + 1 == l->end;
}

/* Root over the 2^level leaves with that number. */
static int proof_node(const struct prover *p, unsigned int level, uint64_t number, struct hash *ret)
{
	struct leaves l = { .end = (number + 1) << level };
	int err = p->tile_dir >= 0 ? tiles_node(p->tile_dir, level, number, ret) : -ENOENT;

	if (err != -ENOENT || p->seg_dir < 0)
		return err;
	err = walk_lines(p->seg_dir, number << level, proof_leaf, &l);
	if (err < 0)
		return err;
	return l.tree.size == UINT64_C(1) << level ? tree_root(&l.tree, ret) : -EBADMSG;
}

static uint64_t proof_split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Merkle tree hash of n leaves from `from` on; n > 0. As deep as the tree is high. */
static int proof_range(const struct prover *p, uint64_t from, uint64_t n, struct hash *ret)
{
	struct hash left, right;
	uint64_t k;
	int err;

	if ((n & (n - 1)) == 0) {
		unsigned int level = (unsigned int)__builtin_ctzll(n);

		return proof_node(p, level, from >> level, ret);
	}
	k = proof_split(n);
	err = proof_range(p, from, k, &left);
	if (!err)
		err = proof_range(p, from + k, n - k, &right);
	return err ? err : tree_node(&left, &right, ret);
}

static int proof_push(struct prover *p, uint64_t from, uint64_t n)
{
	if (p->proof.n == PROOF_MAX_HASHES)
		return -EOVERFLOW;
	return proof_range(p, from, n, &p->proof.hash[p->proof.n++]);
}

/* RFC 6962, 2.1.1. */
static int proof_path(struct prover *p, uint64_t index, uint64_t from, uint64_t n)
{
	uint64_t k;
	int err;

	if (n == 1)
		return 0;
	k = proof_split(n);
	if (index < from + k) {
		err = proof_path(p, index, from, k);
		return err ? err : proof_push(p, from + k, n - k);
	}
	err = proof_path(p, index, from + k, n - k);
	return err ? err : proof_push(p, from, k);
}

/* RFC 6962, 2.1.2: old leaves of n from `from` on; whole: the verifier knows their root. */
static int proof_sub(struct prover *p, uint64_t old, uint64_t from, uint64_t n, bool whole)
{
	uint64_t k;
	int err;

	if (old == n)
		return whole ? 0 : proof_push(p, from, n);
	k = proof_split(n);
	if (old <= k) {
		err = proof_sub(p, old, from, k, whole);
		return err ? err : proof_push(p, from + k, n - k);
	}
	err = proof_sub(p, old - k, from + k, n - k, false);
	return err ? err : proof_push(p, from, k);
}

static void proof_put_hash(const struct hash *h, struct buf *out)
{
	char b64[BASE64_LEN(HASH_LEN) + 1];

	base64_encode(h->byte, HASH_LEN, b64);
	buf_puts(out, b64);
	buf_putc(out, '\n');
}

/* Hashes, a blank line, the checkpoint. */
static void proof_put_end(const struct prover *p, struct buf *out)
{
	for (size_t i = 0; i < p->proof.n; i++)
		proof_put_hash(&p->proof.hash[i], out);
	buf_putc(out, '\n');
	buf_append(out, p->now.note, p->now.len);
}

static int proof_damaged(int err, const char *dir, struct why *why)
{
	if (err == -EBADMSG)
		return why_set(why, err,
			       "ledger %s is not what was signed; see jouletrail verify %s", dir,
			       dir);
	return why_set(why, err, "ledger %s: %s", dir, strerror(-err));
}

static int proof_take_line(uint64_t index, const char *line, size_t len, void *arg)
{
	struct prover *p = arg;

	if (index != p->wanted)
		return -ENOENT;
	p->line = malloc(len + 1);
	if (!p->line)
		return -ENOMEM;
	memcpy(p->line, line, len);
	p->line[len] = '\0';
	p->line_len = len;
	return 1;
}

static int proof_try_inclusion(struct prover *p, uint64_t index)
{
	const struct checkpoint *c = &p->now.checkpoint;
	struct hash leaf;
	int err = tree_leaf(p->line, p->line_len, &leaf);

	p->proof.n = 0;
	if (!err)
		err = proof_path(p, index, 0, c->size);
	return err ? err : proof_check_inclusion(&p->proof, index, c->size, &leaf, &c->root);
}

/* Tiles are only a copy: where they do not lead to the root, the records may. */
static void prover_without_tiles(struct prover *p)
{
	if (p->tile_dir >= 0)
		close(p->tile_dir);
	p->tile_dir = -1;
}

int proof_inclusion(const char *dir, uint64_t index, struct buf *out, struct why *why)
{
	return proof_inclusion_at(-1, dir, index, out, why);
}

int proof_inclusion_at(int at, const char *dir, uint64_t index, struct buf *out, struct why *why)
{
	CLEANUP(prover_end_ptr) struct prover *p = NULL;
	int err = prover_open(at, dir, 0, &p, why);

	if (err)
		return err;
	if (index >= p->now.checkpoint.size)
		return why_set(why, -ENOENT,
			       "ledger %s: its checkpoint covers records 0 to %" PRIi64, dir,
			       (int64_t)p->now.checkpoint.size - 1);
	p->wanted = index;
	err = walk_lines(p->seg_dir, index, proof_take_line, p);
	if (err == -ENOENT)
		return why_set(why, err,
			       "ledger %s: record %" PRIu64
			       " is not there any more; was it retired? ls %s/seg",
			       dir, index, dir);
	err = err == 1 ? 0 : err ? err : -EBADMSG;
	if (!err)
		err = proof_try_inclusion(p, index);
	if (err == -EBADMSG && p->tile_dir >= 0 && p->line) {
		prover_without_tiles(p);
		err = proof_try_inclusion(p, index);
	}
	if (err)
		return proof_damaged(err, dir, why);
	buf_append(out, p->line, p->line_len);
	buf_printf(out, "\n" PROOF_INCLUSION "\nindex %" PRIu64 "\n", index);
	proof_put_end(p, out);
	return out->err;
}

static int proof_try_consistency(struct prover *p, uint64_t from, struct hash *ret_root)
{
	const struct checkpoint *c = &p->now.checkpoint;
	int err = proof_range(p, 0, from, ret_root);

	p->proof.n = 0;
	if (!err)
		err = proof_sub(p, from, 0, c->size, true);
	return err ? err : proof_check_consistency(&p->proof, from, ret_root, c->size, &c->root);
}

int proof_is_beginning(int dir, const struct checkpoint *c, uint64_t size, const struct hash *root)
{
	CLEANUP(prover_end_ptr) struct prover *p = calloc(1, sizeof(*p));
	struct hash old;
	int err;

	if (!p)
		return -ENOMEM;
	p->dir = p->seg_dir = -1;
	p->now.checkpoint = (struct checkpoint){ .size = size, .root = *root };
	p->tile_dir = openat(dir, "tile", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	err = proof_try_consistency(p, c->size, &old);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	return memcmp(&old, &c->root, sizeof(old)) == 0 ? 0 : -EBADMSG;
}

int proof_consistency(const char *dir, uint64_t from, uint64_t to, struct buf *out, struct why *why)
{
	CLEANUP(prover_end_ptr) struct prover *p = NULL;
	struct hash root;
	int err = prover_open(-1, dir, to, &p, why);

	if (err)
		return err;
	if (from == 0 || from > p->now.checkpoint.size)
		return why_set(why, -ENOENT, "from must lie between 1 and %" PRIu64,
			       p->now.checkpoint.size);
	err = proof_try_consistency(p, from, &root);
	if (err == -EBADMSG && p->tile_dir >= 0) {
		prover_without_tiles(p);
		err = proof_try_consistency(p, from, &root);
	}
	if (err)
		return proof_damaged(err, dir, why);
	buf_printf(out, PROOF_CONSISTENCY "\nfrom %" PRIu64 "\n", from);
	proof_put_hash(&root, out);
	proof_put_end(p, out);
	return out->err;
}
