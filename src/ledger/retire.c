/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* retire.c - see retire.h. */
#include "ledger/retire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/base.h"
#include "ledger/disk.h"
#include "ledger/proof.h"
#include "ledger/rollup.h"
#include "ledger/seals.h"
#include "ledger/walk.h"

#define RETIRE_NS_PER_DAY (UINT64_C(86400) * JT_NS_PER_S)
/* A chunk costs as much as so many bytes, however few it has. */
#define RETIRE_CHUNK_COST 1024
#define RETIRE_US_PER_DAY (INT64_C(86400) * 1000000)

/* Records from l->base to before `to`, as they are being checked and summed up. */
struct retire {
	uint64_t to;
	struct walk walk;
	struct walk_chunk chunk;
	struct member_inflater inflater;
	struct scan_shapes shapes;
	struct check check;
	struct tree tree;
	struct rollup *sums;
};

void retire_end(struct ledger *l)
{
	struct retire *r = l->retire;

	if (!r)
		return;
	walk_end(&r->walk);
	walk_chunk_free(&r->chunk);
	member_inflater_end(&r->inflater);
	rollup_free(r->sums);
	free(r);
	l->retire = NULL;
}

void retire_more(struct ledger *l)
{
	l->retire_idle = false;
}

/* What was written before this moment may go: whole days, where a day or more is kept. */
static int64_t retire_cut_us(const struct ledger *l)
{
	uint64_t mono_ns;
	int64_t cut_us;

	ledger_now(l, &mono_ns, &cut_us);
	cut_us -= (int64_t)(l->retain_ns / JT_NS_PER_US);
	if (l->retain_ns >= RETIRE_NS_PER_DAY)
		cut_us -= cut_us % RETIRE_US_PER_DAY;
	return cut_us;
}

static int retire_first_line(uint64_t index, const char *line, size_t len, void *arg)
{
	struct scan_value object = { line, len }, v;
	const char *what;
	size_t at;

	(void)index;
	if (scan_line(line, len, &what, &at) || scan_member(object, "t", &v) || scan_i64(v, arg))
		return -EBADMSG;
	return 1;
}

/* Is there a checkpoint of exactly that size, by which the records before it can be judged? */
static bool retire_has_seal(const struct ledger *l, uint64_t size)
{
	char name[24];

	snprintf(name, sizeof(name), "%" PRIu64, size);
	return faccessat(l->kept_dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Are all leaves of the records before that one in full tiles? What is dropped is provable by its
 * tiles alone.
 */
static bool retire_has_tiles(const struct ledger *l, uint64_t size)
{
	return (size + TILES_WIDTH - 1) / TILES_WIDTH <= l->tree.size / TILES_WIDTH;
}

/*
 * The last beginning of a segment before which all is old enough; 0 where there is none. The open
 * segment always stays.
 */
static int retire_find(const struct ledger *l, const struct walk *w, uint64_t *ret)
{
	int64_t cut_us = retire_cut_us(l), t = INT64_MAX;

	*ret = 0;
	for (size_t i = w->next + 1; i < w->n && w->first[i] <= l->seg_first; i++) {
		int err = walk_lines(l->seg_dir, w->first[i], retire_first_line, &t);

		if (err != 1)
			return err < 0 ? err : -EBADMSG;
		if (t >= cut_us)
			break;
		if (retire_has_tiles(l, w->first[i]) && retire_has_seal(l, w->first[i]))
			*ret = w->first[i];
	}
	return 0;
}

/* How things stood at l->base: by DIR/base, if that is what was signed. */
static int retire_begin_at(struct ledger *l, struct retire *r, struct why *why)
{
	CLEANUP(cleanup_free) struct base *b = malloc(sizeof(*b));
	CLEANUP(buf_free) struct buf proof = { 0 };
	struct proof_said said;
	const char *what;
	int err;

	memcpy(r->check.origin, l->origin, sizeof(r->check.origin));
	if (l->base == 0)
		return 0;
	err = b ? base_read(l->dir, BASE_FILE, b, &what) : -ENOMEM;
	if (!err)
		err = proof_inclusion_at(l->dir, l->path, b->index, &proof, why);
	if (!err)
		err = proof_verify(proof.data, proof.len, &l->verifier, &said, why);
	if (!err && (said.line_len != b->len || memcmp(said.line, b->line, b->len) != 0))
		err = -EBADMSG;
	if (err)
		return err;
	base_begin(b, l->origin, &r->check);
	r->tree = b->tree;
	return 0;
}

static int retire_begin(struct ledger *l, struct why *why)
{
	struct retire *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	l->retire = r;
	r->walk.fd = -1;
	err = walk_begin(&r->walk, l->seg_dir, l->base);
	if (!err)
		err = retire_find(l, &r->walk, &r->to);
	if (!err && r->to)
		err = retire_begin_at(l, r, why);
	if (!err && r->to)
		err = walk_chunk_new(&r->chunk);
	if (!err && r->to)
		err = rollup_new(l->base, &r->sums);
	return err;
}

/* The lines of the next chunk. Returns 0 or -errno. */
static int retire_chunk(struct retire *r, struct why *why)
{
	int err = walk_next(&r->walk, &r->chunk);
	const char *at, *end;

	if (err > 0)
		err = walk_unpack(&r->chunk, &r->inflater);
	else if (err == 0)
		err = -EBADMSG;
	if (err)
		return err;
	if (r->chunk.step != WALK_LINES)
		return -EBADMSG;
	if (r->chunk.begins && r->chunk.first != r->check.n)
		return -EBADMSG;
	at = r->chunk.data;
	end = at + r->chunk.len;
	while (!err && at < end && r->check.n < r->to) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		struct check_facts f = { 0 };

		check_facts(&r->shapes, at, (size_t)(lf - at), &f);
		err = check_take(&r->check, &f, why);
		if (!err)
			err = tree_add(&r->tree, &f.leaf);
		if (!err)
			err = rollup_add(r->sums, &f);
		at = lf + 1;
	}
	return err;
}

/* Were they signed so, when they were written? By the kept checkpoint of that size. */
static int retire_judge(const struct ledger *l, struct retire *r, struct why *why)
{
	CLEANUP(cleanup_free) struct sealed *s = malloc(sizeof(*s));
	const char *what;
	char name[24];
	struct hash root;
	int err = check_complete(&r->check, why);

	snprintf(name, sizeof(name), "%" PRIu64, r->to);
	if (!err)
		err = s ? sealed_read(l->kept_dir, name, s, &what) : -ENOMEM;
	if (!err)
		err = tree_root(&r->tree, &root);
	if (err)
		return err;
	if (s->checkpoint.size != r->to || strcmp(s->checkpoint.origin, l->origin) != 0 ||
	    memcmp(&s->checkpoint.root, &root, sizeof(root)) != 0 ||
	    note_verify(s->note, s->len, s->text_len, &l->verifier))
		return why_set(why, -EBADMSG, "they are not what checkpoints/%s signed", name);
	return 0;
}

/* The rollups and their rows into the batch. The last rollup's line goes to *ret_line. */
static int retire_batch(struct ledger *l, const struct retire *r, struct buf *ret_line)
{
	struct rollup_range range = { .check = &r->check, .tree = &r->tree, .from = l->base };
	struct batch *b = &l->batch;
	char vkey[NOTE_VKEY_LEN];
	struct format_head h;
	int err = note_vkey_format(&l->verifier, vkey);

	if (err)
		return err;
	range.vkey = vkey;
	batch_begin(l);
	for (size_t i = 0; i < r->sums->n_spans && !b->err; i++) {
		const struct rollup_span *s = &r->sums->span[i];
		uint64_t index = b->tree.size;
		size_t from = b->lines.len;

		batch_head(l, &h);
		rollup_line(&b->lines, &h, r->sums, i, &range);
		batch_seal(l, from);
		buf_reset(ret_line);
		buf_append(ret_line, b->lines.data + from, b->lines.len - from);
		for (size_t j = 0; j < s->n_rows && !b->err; j++) {
			from = b->lines.len;
			batch_head(l, &h);
			rollup_sample_line(&b->lines, &h, s, r->sums->row[s->first_row + j], index);
			batch_seal(l, from);
		}
	}
	return b->err ? b->err : ret_line->err;
}

/* Removes the segments before l->base. */
static int retire_drop(struct ledger *l)
{
	char name[WALK_NAME_LEN];
	struct walk w;
	int err = walk_begin(&w, l->seg_dir, 0);

	for (size_t i = 0; !err && i < w.n && w.first[i] < l->base; i++) {
		for (int packed = 0; packed <= 1 && !err; packed++) {
			walk_segment_name(w.first[i], packed, name);
			if (unlinkat(l->seg_dir, name, 0) && errno != ENOENT)
				err = -errno;
		}
	}
	walk_end(&w);
	return err || fsync(l->seg_dir) ? (err ? err : -errno) : 0;
}

/* The rollup is committed: from now on the ledger begins with record `to`. */
static int retire_carry_out(struct ledger *l, uint64_t to)
{
	if (renameat(l->dir, BASE_PENDING, l->dir, BASE_FILE) || fsync(l->dir))
		return -errno;
	l->base = to;
	return retire_drop(l);
}

static int retire_finish(struct ledger *l, struct why *why)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	struct retire *r = l->retire;
	uint64_t n_before = l->tree.size;
	int err = retire_judge(l, r, why);

	if (!err)
		err = rollup_finish(r->sums);
	if (!err)
		err = retire_batch(l, r, &line);
	if (!err)
		err = disk_replace(l->dir, BASE_PENDING, line.data, line.len);
	if (err && err != -ESTALE)
		return err;
	err = commit_run(l, why);
	if (l->tree.size == n_before) {
		unlinkat(l->dir, BASE_PENDING, 0);
		return err;
	}
	return retire_carry_out(l, r->to);
}

int retire_step(struct ledger *l, uint64_t bytes, struct why *why)
{
	uint64_t done = 0;
	int err = 0;

	if (l->retire_idle || l->retain_ns == 0)
		return 0;
	if (!l->retire)
		err = retire_begin(l, why);
	while (!err && l->retire->check.n < l->retire->to && done < bytes) {
		err = retire_chunk(l->retire, why);
		done += l->retire->chunk.len + RETIRE_CHUNK_COST;
	}
	if (!err && l->retire->check.n < l->retire->to)
		return 0;
	if (!err && l->retire->to)
		err = retire_finish(l, why);
	if (err && !why->text[0])
		why_set(why, err, "%s",
			err == -EBADMSG ? "they are not what was signed" : strerror(-err));
	retire_end(l);
	l->retire_idle = true;
	return err;
}

static int retire_same_line(uint64_t index, const char *line, size_t len, void *arg)
{
	const struct base *b = arg;

	return index == b->index && len == b->len && memcmp(line, b->line, len) == 0 ? 1 : -ENOENT;
}

int retire_resume(struct ledger *l)
{
	CLEANUP(cleanup_free) struct base *b = malloc(sizeof(*b));
	const char *what;
	int err = b ? base_read(l->dir, BASE_PENDING, b, &what) : -ENOMEM;

	if (err == -ENOENT)
		return l->base ? retire_drop(l) : 0;
	if (err && err != -EBADMSG)
		return err;
	if (!err && b->index < l->tree.size &&
	    walk_lines(l->seg_dir, b->index, retire_same_line, b) == 1)
		return retire_carry_out(l, b->first);
	if (unlinkat(l->dir, BASE_PENDING, 0) && errno != ENOENT)
		return -errno;
	return l->base ? retire_drop(l) : 0;
}
