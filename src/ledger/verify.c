/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.c - see verify.h: one pass over the files, and the verdict. */
#include "ledger/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/lock.h"
#include "ledger/tree.h"
#include "ledger/trust.h"
#include "ledger/walk.h"

struct verify {
	const struct verify_options *o;
	struct verify_result *r;
	int dir;
	int seg_dir;
	struct trust trust;
	uint64_t n_segments; /* that the directory lists, and the highest of them */
	uint64_t last_segment;
	struct walk walk;
	struct check check;
	struct tree tree;
};

const char *verify_verdict_name(enum verify_verdict v)
{
	switch (v) {
	case VERIFY_SIGNED:
		return "SIGNED";
	case VERIFY_UNREADABLE:
		return "UNREADABLE";
	case VERIFY_UNSEALED:
		return "UNSEALED";
	case VERIFY_UNANCHORED:
		return "UNANCHORED";
	case VERIFY_SELF_SIGNED:
		return "SELF-SIGNED";
	case VERIFY_TAMPERED:
		return "TAMPERED";
	case VERIFY_TRUNCATED:
		return "TRUNCATED";
	case VERIFY_FORKED:
		return "FORKED";
	case VERIFY_ROLLED_BACK:
		return "ROLLED_BACK";
	case VERIFY_TORN:
		return "TORN";
	}
	return "UNREADABLE";
}

/* Settles the verdict. Returns 1: it is settled, nothing more is to be looked at. */
static int __attribute__((format(printf, 4, 5)))
verify_say(struct verify *v, enum verify_verdict verdict, uint64_t index, const char *fmt, ...)
{
	va_list ap;

	v->r->verdict = verdict;
	v->r->index = index;
	va_start(ap, fmt);
	vsnprintf(v->r->reason, sizeof(v->r->reason), fmt, ap);
	va_end(ap);
	return 1;
}

/* A step's error as a verdict: 1, or -ENOMEM. */
static int verify_error(struct verify *v, int err, const struct why *why)
{
	if (err == -ENOMEM)
		return err;
	if (err == -EBADMSG)
		return verify_say(v, VERIFY_TAMPERED, v->check.bad, "%s", why->text);
	return verify_say(v, VERIFY_UNREADABLE, v->check.n, "%s",
			  why->text[0] ? why->text : strerror(-err));
}

static int verify_open(struct verify *v)
{
	struct why why = { "" };
	int err;

	v->dir = open(v->o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->dir < 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s: %s", v->o->dir, strerror(errno));
	v->seg_dir = openat(v->dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (v->seg_dir < 0 && errno == ENOENT && faccessat(v->dir, "checkpoint", F_OK, 0) == 0)
		return verify_say(v, VERIFY_TRUNCATED, 0, "there is a checkpoint but no seg/");
	if (v->seg_dir < 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s is not a ledger: seg/: %s",
				  v->o->dir, strerror(errno));
	v->walk.seg_dir = v->seg_dir;
	err = trust_judge(v->o, v->dir, v->seg_dir, &v->trust, &why);
	if (!err)
		err = walk_list(v->seg_dir, &v->n_segments, &v->last_segment);
	if (err)
		return verify_error(v, err, &why);
	if (v->trust.has_checkpoint)
		snprintf(v->check.origin, sizeof(v->check.origin), "%s",
			 v->trust.checkpoint.origin);
	else if (v->n_segments == 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s holds no record", v->o->dir);
	return 0;
}

/* The remembered state of this log must be a beginning of what lies here. */
static int verify_seen(struct verify *v, const struct hash *root)
{
	const struct checkpoint *seen = &v->trust.seen;

	if (!v->trust.has_seen || seen->size != v->tree.size)
		return 0;
	if (memcmp(root, &seen->root, sizeof(*root)) != 0)
		return verify_say(v, VERIFY_FORKED, seen->size,
				  "the first %" PRIu64 " records are not those that this machine "
				  "remembers signing",
				  seen->size);
	return 0;
}

/* A covered line is missing: was the end cut off, or something in between? */
static int verify_short(struct verify *v, int step)
{
	uint64_t n = v->check.n;

	if (step == WALK_LONG)
		return verify_say(v, VERIFY_TAMPERED, n, "record %" PRIu64 ": longer than %d bytes",
				  n, SCAN_MAX_LINE);
	if (v->n_segments > 0 && v->last_segment > v->walk.first)
		return verify_say(v, VERIFY_TAMPERED, n,
				  "record %" PRIu64 " is missing although later segments are there",
				  n);
	if (v->n_segments > v->walk.n_segments)
		return verify_say(v, VERIFY_TAMPERED, n, "record %" PRIu64 " is missing", n);
	return verify_say(v, VERIFY_TRUNCATED, n,
			  "%s record %" PRIu64 "; the checkpoint covers %" PRIu64 " records",
			  step == WALK_TORN ? "cut inside" : "cut before", n,
			  v->trust.checkpoint.size);
}

/* One covered line. Returns 0, 1 (verdict) or -ENOMEM. */
static int verify_line(struct verify *v, const char *line, size_t len)
{
	struct why why = { "" };
	struct hash root;
	int err = check_line(&v->check, line, len, &why);

	if (!err)
		err = tree_add(&v->tree, &v->check.prev);
	if (!err && v->trust.has_seen && v->trust.seen.size == v->tree.size) {
		err = tree_root(&v->tree, &root);
		if (!err)
			return verify_seen(v, &root);
	}
	return err ? verify_error(v, err, &why) : 0;
}

/* Every record up to the checkpoint's size, and its root. */
static int verify_covered(struct verify *v)
{
	const struct checkpoint *c = &v->trust.checkpoint;
	struct why why = { "" };
	struct hash root;
	const char *line;
	size_t len;
	int step, err;

	while (v->check.n < c->size) {
		step = walk_next(&v->walk, v->check.n, &line, &len);
		if (step < 0)
			return verify_say(v, VERIFY_UNREADABLE, v->check.n,
					  "record %" PRIu64 ": %s", v->check.n, strerror(-step));
		if (step != WALK_LINE)
			return verify_short(v, step);
		err = verify_line(v, line, len);
		if (err)
			return err;
	}
	err = check_complete(&v->check, &why);
	if (!err)
		err = tree_root(&v->tree, &root);
	if (err)
		return verify_error(v, err, &why);
	if (memcmp(&root, &c->root, sizeof(root)) != 0)
		return verify_say(v, VERIFY_TAMPERED, 0,
				  "root: the records chain up, but are not those that were signed");
	if (v->trust.has_seen && v->trust.seen.size > c->size)
		return verify_say(v, VERIFY_ROLLED_BACK, c->size,
				  "this machine remembers signing %" PRIu64
				  " records; here are %" PRIu64,
				  v->trust.seen.size, c->size);
	return 0;
}

/* What lies beyond the checkpoint. *ret_torn: it does not end as whole, chained records. */
static int verify_tail(struct verify *v, bool *ret_torn)
{
	struct why why = { "" };
	const char *line;
	size_t len;
	int step, err;

	*ret_torn = false;
	for (;;) {
		step = walk_next(&v->walk, v->check.n, &line, &len);
		if (step < 0)
			return verify_say(v, VERIFY_UNREADABLE, v->check.n,
					  "record %" PRIu64 ": %s", v->check.n, strerror(-step));
		if (step != WALK_LINE)
			break;
		v->r->tail_bytes += len + 1;
		err = check_line(&v->check, line, len, &why);
		if (err == -ENOMEM)
			return err;
		/* With no checkpoint nothing is a tail: it is the ledger, and it is wrong. */
		if (err && !v->trust.has_checkpoint)
			return verify_error(v, err, &why);
		if (err) {
			*ret_torn = true;
			break;
		}
	}
	v->r->tail_bytes += walk_left_bytes(&v->walk);
	if (step != WALK_END || check_complete(&v->check, &why))
		*ret_torn = true;
	return 0;
}

static void verify_totals(struct verify *v)
{
	v->r->n_records = v->check.n;
	v->r->n_samples = v->check.n_samples;
	v->r->n_ticks = v->check.n_ticks;
	v->r->energy_uj = v->check.energy_uj;
	snprintf(v->r->origin, sizeof(v->r->origin), "%s", v->check.origin);
}

/* All covered records are sound; the tail decides, and what they were checked against. */
static void verify_conclude(struct verify *v, bool torn)
{
	uint64_t tail = v->r->tail_bytes;

	if (torn && !lock_is_held(v->dir))
		verify_say(v, VERIFY_TORN, v->r->n_records,
			   "%" PRIu64 " bytes after the last signed record are no whole records",
			   tail);
	else if (!v->trust.has_checkpoint)
		verify_say(v, VERIFY_UNANCHORED, 0,
			   "no checkpoint: only the chain was checked, not its end nor its author");
	else if (v->trust.self_signed)
		verify_say(v, VERIFY_SELF_SIGNED, 0,
			   "checked only against the key that the ledger itself names; give --key");
	else if (tail && v->o->strict)
		verify_say(v, VERIFY_UNSEALED, v->r->n_records,
			   "%" PRIu64 " bytes after the checkpoint are not signed", tail);
	else if (tail)
		verify_say(v, VERIFY_SIGNED, 0,
			   "%" PRIu64 " bytes after the checkpoint are not vouched for", tail);
	else
		verify_say(v, VERIFY_SIGNED, 0, "no witness was asked");
}

/* Returns 0 or 1 with the verdict, or -ENOMEM. */
static int verify_all(struct verify *v)
{
	bool torn = false;
	int err = verify_open(v);

	if (err)
		return err;
	if (v->trust.has_checkpoint) {
		err = verify_covered(v);
		if (err)
			return err;
		verify_totals(v);
	}
	err = verify_tail(v, &torn);
	if (err)
		return err;
	if (v->n_segments > v->walk.n_segments && !torn)
		return verify_say(v, VERIFY_TAMPERED, v->check.n,
				  "a segment in seg/ does not follow the one before it");
	if (!v->trust.has_checkpoint) {
		verify_totals(v);
		v->r->tail_bytes = 0;
	}
	verify_conclude(v, torn);
	return 0;
}

int verify_run(const struct verify_options *o, struct verify_result *ret)
{
	CLEANUP(cleanup_free) struct verify *v = calloc(1, sizeof(*v));
	struct verify_result r = { .verdict = VERIFY_UNREADABLE };
	int err;

	if (!v)
		return -ENOMEM;
	v->o = o;
	v->r = &r;
	v->dir = v->seg_dir = -1;
	walk_begin(&v->walk, -1); /* verify_open() says where */
	err = verify_all(v);
	walk_end(&v->walk);
	if (v->dir >= 0)
		close(v->dir);
	if (v->seg_dir >= 0)
		close(v->seg_dir);
	if (err < 0)
		return err;
	*ret = r;
	return 0;
}
