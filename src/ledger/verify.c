/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.c - see verify.h: one pass over the files, and the verdict. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/base.h"
#include "ledger/ledger.h"
#include "ledger/verify_parts.h"

/* Between two calls of options->progress. */
#define VERIFY_PROGRESS_RECORDS 16384

/* A step's error as a verdict: 1, or -ENOMEM. */
static int verify_error(struct verify *v, int err, const struct why *why)
{
	if (err == -ENOMEM || err == -ECANCELED)
		return err;
	if (err == -EBADMSG)
		return verify_say(v, VERIFY_TAMPERED, v->check.bad, "%s", why->text);
	return verify_say(v, VERIFY_UNREADABLE, v->check.n, "%s",
			  why->text[0] ? why->text : strerror(-err));
}

/* Where do the records begin? What DIR/base says is believed when its record was found. */
static int verify_base(struct verify *v, struct why *why)
{
	CLEANUP(cleanup_free) struct base *b = malloc(sizeof(*b));
	const char *what;
	int err = b ? base_read(v->dir, BASE_FILE, b, &what) : -ENOMEM;

	if (err == -ENOENT)
		return walk_begin(&v->walk, v->seg_dir, 0);
	if (err)
		return why_set(why, err, BASE_FILE ": %s", err == -EBADMSG ? what : strerror(-err));
	base_begin(b, v->check.origin, &v->check);
	v->tree = b->tree;
	err = walk_begin(&v->walk, v->seg_dir, b->first);
	v->remnants = !err && v->walk.n > 0 && v->walk.first[0] < b->first;
	return err;
}

static int verify_open(struct verify *v)
{
	struct why why = { "" };
	int err = 0;

	v->dir = open(v->o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->dir < 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s: %s", v->o->dir, strerror(errno));
	v->seg_dir = openat(v->dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (v->seg_dir < 0 && errno == ENOENT && faccessat(v->dir, "checkpoint", F_OK, 0) == 0)
		return verify_say(v, VERIFY_TRUNCATED, 0, "there is a checkpoint but no seg/");
	if (v->seg_dir < 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s is not a ledger: seg/: %s",
				  v->o->dir, strerror(errno));
	if (v->o->witness)
		err = witnesses_parse(v->o->witness, &v->witnesses, &why);
	if (!err && v->o->quorum > v->witnesses.n)
		err = why_set(&why, -EINVAL, "a quorum of %u of %zu witnesses cannot be",
			      v->o->quorum, v->witnesses.n);
	if (!err)
		err = trust_judge(v->o, v->dir, v->seg_dir, &v->trust, &why);
	if (!err && v->trust.has_checkpoint)
		memcpy(v->check.origin, v->trust.sealed.checkpoint.origin, sizeof(v->check.origin));
	if (!err)
		err = verify_base(v, &why);
	if (!err)
		err = seals_begin(&v->seals, v->dir);
	if (!err)
		seals_skip(&v->seals, v->check.base);
	if (!err)
		err = ahead_new(&v->walk, v->o->n_threads, &v->ahead);
	if (err)
		return verify_error(v, err, &why);
	if (!v->trust.has_checkpoint && v->walk.n == 0)
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s holds no record", v->o->dir);
	return 0;
}

/* The smallest size above the present one at which verify_stop() has something to compare. */
static void verify_plan(struct verify *v)
{
	const struct trust *t = &v->trust;
	uint64_t n = v->check.n, next = seals_next(&v->seals);

	if (t->has_seen && t->seen.size > n && t->seen.size < next)
		next = t->seen.size;
	if (t->has_state && t->state.size > n && t->state.size < next)
		next = t->state.size;
	v->next_stop = next;
}

/* At a size of which a root is known. */
static int verify_stop(struct verify *v)
{
	struct why why = { "" };
	struct hash root;
	int err = tree_root(&v->tree, &root);

	if (!err)
		err = verify_remembered(v, &root);
	if (err)
		return err;
	while (!err && seals_next(&v->seals) <= v->check.n) {
		err = seals_check(&v->seals, &v->trust.key, &v->check, &root, &why);
		if (!err)
			err = witnesses_take(&v->witnesses, v->seals.now, &why);
	}
	if (err) {
		v->check.bad = v->check.n - 1;
		return verify_error(v, err, &why);
	}
	v->r->n_seals = v->seals.next - v->seals.n_skipped;
	verify_plan(v);
	return 0;
}

/* After a record that announces the key of an epoch. */
static int verify_epoch(struct verify *v)
{
	const struct trust *t = &v->trust;
	struct why why = { "" };

	if (v->check.epoch == 0 && t->has_first_epoch &&
	    memcmp(&v->check.epoch_key, &t->first_epoch, sizeof(t->first_epoch)) != 0)
		return verify_say(v, VERIFY_TAMPERED, v->check.epoch_index,
				  "record %" PRIu64 ": not the key of epoch 0 that was given",
				  v->check.epoch_index);
	if (t->has_checkpoint &&
	    seals_require(&v->seals, &v->check, t->sealed.checkpoint.size, &why)) {
		v->check.bad = v->check.epoch_index;
		return verify_error(v, -EBADMSG, &why);
	}
	return 0;
}

/* A covered line is missing: was the end cut off, or something in between? */
static int verify_short(struct verify *v)
{
	uint64_t n = v->check.n;

	if (v->step == AHEAD_LONG)
		return verify_say(v, VERIFY_TAMPERED, n, "record %" PRIu64 ": longer than %d bytes",
				  n, SCAN_MAX_LINE);
	if (v->step == AHEAD_BAD)
		return verify_say(v, VERIFY_TAMPERED, n,
				  "record %" PRIu64 ": the packed segment is damaged there", n);
	if (v->step == AHEAD_SEGMENT || walk_last(&v->walk) > ahead_first(v->ahead))
		return verify_say(v, VERIFY_TAMPERED, n,
				  "record %" PRIu64 " is missing although later segments are there",
				  n);
	return verify_say(v, VERIFY_TRUNCATED, n,
			  "%s record %" PRIu64 "; the checkpoint covers %" PRIu64 " records",
			  v->step == AHEAD_TORN ? "cut inside" : "cut before", n,
			  v->trust.sealed.checkpoint.size);
}

/* One more leaf; what waits goes into the tree where its root is to be looked at. */
static int verify_leaf(struct verify *v)
{
	int err = tree_push(&v->tree, &v->queue, &v->check.prev);

	return err || v->check.n != v->next_stop ? err : tree_flush(&v->tree, &v->queue);
}

/* One covered line. Returns 0, 1 (verdict) or -errno. */
static int verify_line(struct verify *v, const struct check_facts *f)
{
	struct why why = { "" };
	int err = check_take(&v->check, f, &why);

	if (!err)
		err = verify_leaf(v);
	if (err)
		return verify_error(v, err, &why);
	if (f->kind == CHECK_KEY)
		err = verify_epoch(v);
	if (!err && v->check.n == v->next_stop)
		err = verify_stop(v);
	if (!err && v->o->record && v->o->record(f, v->o->arg))
		err = -ECANCELED;
	if (!err && v->o->progress && v->check.n % VERIFY_PROGRESS_RECORDS == 0)
		v->o->progress(v->check.n, v->trust.sealed.checkpoint.size, v->o->arg);
	return err;
}

/* The next line, or a segment that does not begin with it. Returns an enum ahead_step or -errno. */
static int verify_next(struct verify *v, const struct check_facts **ret)
{
	do {
		v->step = ahead_next(v->ahead, ret);
	} while (v->step == AHEAD_SEGMENT && ahead_first(v->ahead) == v->check.n);
	return v->step;
}

static int verify_unreadable(struct verify *v)
{
	if (v->step == -ENOMEM)
		return v->step;
	return verify_say(v, VERIFY_UNREADABLE, v->check.n, "record %" PRIu64 ": %s", v->check.n,
			  strerror(-v->step));
}

/* Every record up to the checkpoint's size, and its root. */
static int verify_covered(struct verify *v)
{
	const struct checkpoint *c = &v->trust.sealed.checkpoint;
	const struct check_facts *f;
	struct why why = { "" };
	struct hash root;
	int err;

	err = verify_retired(v);
	if (err)
		return err;
	verify_plan(v);
	while (v->check.n < c->size) {
		if (verify_next(v, &f) < 0)
			return verify_unreadable(v);
		if (v->step != AHEAD_FACTS)
			return verify_short(v);
		err = verify_line(v, f);
		if (err)
			return err;
	}
	err = check_complete(&v->check, &why);
	if (!err)
		err = tree_flush(&v->tree, &v->queue);
	if (!err)
		err = tree_root(&v->tree, &root);
	if (err)
		return verify_error(v, err, &why);
	if (memcmp(&root, &c->root, sizeof(root)) != 0)
		return verify_say(v, VERIFY_TAMPERED, 0,
				  "root: the records chain up, but are not those that were signed");
	err = verify_base_said(v);
	if (err)
		return err;
	err = seals_epoch(&v->trust.sealed, &v->check, &why);
	if (!err)
		err = witnesses_take(&v->witnesses, &v->trust.sealed, &why);
	if (err) {
		v->check.bad = c->size ? c->size - 1 : 0;
		return verify_error(v, err, &why);
	}
	return verify_rollback(v);
}

/* What lies beyond the checkpoint. *ret_torn: it does not end as whole, chained records. */
static int verify_tail(struct verify *v, bool *ret_torn)
{
	const struct check_facts *f;
	struct why why = { "" };
	int err;

	*ret_torn = false;
	while (verify_next(v, &f) == AHEAD_FACTS) {
		err = check_take(&v->check, f, &why);
		if (err == -ENOMEM)
			return err;
		/* With no checkpoint nothing is a tail: it is the ledger, and it is wrong. */
		if (err && !v->trust.has_checkpoint)
			return verify_error(v, err, &why);
		v->r->tail_bytes += f->len + 1;
		if (err) {
			*ret_torn = true;
			break;
		}
	}
	if (v->step < 0)
		return verify_unreadable(v);
	if (v->step != AHEAD_END && v->step != AHEAD_SEGMENT) {
		v->r->tail_bytes += ahead_left_bytes(v->ahead);
		*ret_torn = true;
	}
	if (check_complete(&v->check, &why))
		*ret_torn = true;
	return 0;
}

static void verify_totals(struct verify *v)
{
	v->r->n_records = v->check.n;
	v->r->n_samples = v->check.n_samples;
	v->r->n_ticks = v->check.n_ticks;
	v->r->energy_uj = v->check.energy_uj;
	v->r->n_epochs = v->check.has_epoch ? v->check.epoch + 1 : 0;
	v->r->closed = v->check.closed;
	v->r->first = v->check.base;
	v->r->n_rolled_up = v->check.n_rolled_up;
	memcpy(v->r->origin, v->check.origin, sizeof(v->r->origin));
}

/* Returns 0 or 1 with the verdict, or -errno. */
static int verify_all(struct verify *v)
{
	struct why why = { "" };
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
	err = v->trust.has_checkpoint ? 0 : verify_base_said(v);
	if (err)
		return err;
	if (v->step == AHEAD_SEGMENT && !torn)
		return verify_say(v, VERIFY_TAMPERED, v->check.n,
				  "a segment in seg/ does not follow the one before it");
	if (!v->trust.has_checkpoint) {
		verify_totals(v);
		v->r->tail_bytes = 0;
	}
	verify_conclude(v, torn);
	if (v->o->state && verify_exit_code(v->r->verdict) == 0 &&
	    trust_remember(v->o, &v->trust, &why))
		return verify_say(v, VERIFY_UNREADABLE, 0, "%s", why.text);
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
	v->dir = v->seg_dir = v->walk.fd = v->seals.dir = -1;
	err = verify_all(v);
	ahead_free(v->ahead);
	walk_end(&v->walk);
	seals_end(&v->seals);
	if (v->dir >= 0)
		close(v->dir);
	if (v->seg_dir >= 0)
		close(v->seg_dir);
	if (err < 0)
		return err;
	*ret = r;
	return 0;
}
