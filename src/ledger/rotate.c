/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rotate.c - from one epoch to the next.
 *
 * The order makes every crash one that can be told apart at the next start: the next key is durable
 * before its record is, and says at which index that will be; the seal is kept before anything
 * follows it; the old key goes last.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/recover.h"
#include "ledger/walk.h"

/* The next key is the one that signs from now on. */
static void rotate_promote(struct ledger *l)
{
	if (epoch_promote(key_dir(l->key), l->origin) == 0)
		l->unpromoted = false;
}

void rotate_announced(struct ledger *l)
{
	epoch_end(&l->epoch);
	l->epoch = l->next;
	l->next = (struct epoch){ 0 };
	l->unpromoted = true;
	rotate_promote(l);
}

/* A replay gets the keys of the run that it replays; otherwise nothing is left to get them from. */
static int rotate_make(struct ledger *l, uint64_t number, uint64_t index)
{
	struct epoch e = { .number = number, .index = index };
	char what[NOTE_ORIGIN_LEN + 32];
	struct hash seed;
	uint64_t mono_ns;
	int err = 0;
	bool drawn = l->scene && l->scene->repeatable;

	ledger_now(l, &mono_ns, &e.began_us);
	if (drawn) {
		snprintf(what, sizeof(what), "epoch %s %" PRIu64, l->origin, number);
		err = key_derive(l->key, what, strlen(what), &seed);
	}
	if (!err)
		err = epoch_make(key_dir(l->key), l->origin, drawn ? &seed : NULL, &e);
	explicit_bzero(&seed, sizeof(seed));
	if (!err)
		l->next = e;
	return err;
}

int rotate_begin(struct ledger *l, uint64_t index, struct why *why)
{
	int err = rotate_make(l, 0, index);

	if (err)
		return why_set(why, err, "key directory: cannot write the key of an epoch: %s",
			       strerror(-err));
	return 0;
}

/* Does the checkpoint carry the signature of any epoch of this log? */
static bool rotate_was_signed(const struct ledger *l)
{
	char name[NOTE_ORIGIN_LEN + 16];

	snprintf(name, sizeof(name), "\xe2\x80\x94 %s/epoch/", l->origin);
	return l->note.len && memmem(l->note.data, l->note.len, name, strlen(name));
}

static int rotate_compare(uint64_t index, const char *line, size_t len, void *arg)
{
	const struct epoch *e = arg;
	char vkey[NOTE_VKEY_LEN];
	struct scan_value object = { line, len }, v;
	const char *what;
	size_t at;

	if (index != e->index || note_vkey_format(&e->verifier, vkey))
		return -ENOENT;
	if (scan_line(line, len, &what, &at) || scan_member(object, "k", &v) ||
	    !scan_is_string(v, "key") || scan_member(object, "key", &v) || !scan_is_string(v, vkey))
		return -ENOENT;
	return 1;
}

/* Does the record at its index announce this key? Returns 1, 0 or -errno. */
static int rotate_is_announced(const struct ledger *l, struct epoch *e)
{
	int ret = e->index < l->tree.size ? walk_lines(l->seg_dir, e->index, rotate_compare, e) : 0;

	return ret == -ENOENT ? 0 : ret;
}

/* A key that cannot be read just now is not one that is lost. */
static int rotate_load(struct ledger *l, bool next, struct epoch *ret)
{
	int err = epoch_load(key_dir(l->key), l->origin, next, ret);

	return err == -EINVAL ? -ENOENT : err;
}

/* Is it the key by which the log was signed last? */
static bool rotate_is_present(const struct ledger *l)
{
	struct checkpoint c;
	const char *what;
	size_t text_len;

	if (l->epoch.number > 0 && l->epoch.index + 1 == l->tree.size)
		return true;
	return note_parse(l->note.data, l->note.len, &c, &text_len, &what) == 0 &&
	       note_verify(l->note.data, l->note.len, text_len, &l->epoch.verifier) == 0;
}

int rotate_resume(struct ledger *l, struct recovery *r)
{
	int dir = key_dir(l->key);
	int now = rotate_load(l, false, &l->epoch);
	int next = rotate_load(l, true, &l->next);
	int announced = next == 0 ? rotate_is_announced(l, &l->next) : 0;

	if (announced < 0 || (now && now != -ENOENT) || (next && next != -ENOENT))
		return announced < 0 ? announced : now && now != -ENOENT ? now : next;
	if (announced) {
		/* The checkpoint that is its predecessor's seal may not be kept yet. */
		int err = l->next.number > 0 && l->next.index + 1 == l->tree.size ? commit_keep(l)
										  : 0;

		if (err)
			return err;
		rotate_announced(l);
		return 0;
	}
	epoch_end(&l->next);
	epoch_discard(dir, l->origin);
	if (now == 0 && rotate_is_present(l))
		return 0;
	epoch_end(&l->epoch);
	/* A log of before epochs goes on with one; a log whose key is lost cannot. */
	if (rotate_was_signed(l))
		r->damaged = true;
	return 0;
}

static int64_t rotate_age_us(const struct ledger *l)
{
	uint64_t mono_ns;
	int64_t real_us;

	ledger_now(l, &mono_ns, &real_us);
	return real_us - l->epoch.began_us;
}

static bool rotate_is_due(const struct ledger *l)
{
	int64_t age_us = rotate_age_us(l);

	return l->epoch.pkey && (age_us >= l->epoch_us || age_us < -l->epoch_us);
}

bool ledger_epoch_is_overdue(const struct ledger *l)
{
	return l->epoch.pkey && rotate_age_us(l) >= 2 * l->epoch_us;
}

/* What is left from an earlier call that failed half-way. */
static int rotate_settle(struct ledger *l, struct why *why)
{
	int err = l->unkept ? commit_keep(l) : 0;

	if (err)
		return why_set(why, err,
			       "ledger %s: the seal of epoch %" PRIu64 " cannot be kept: %s",
			       l->path, l->epoch.number, strerror(-err));
	if (l->unkept)
		rotate_announced(l);
	l->unkept = false;
	if (l->unpromoted)
		rotate_promote(l);
	return 0;
}

int rotate_run(struct ledger *l, struct why *why)
{
	int err = rotate_settle(l, why);

	if (err || l->stream || l->unpromoted || !rotate_is_due(l))
		return err;
	if (!l->next.pkey && rotate_make(l, l->epoch.number + 1, l->tree.size))
		return 0;
	batch_begin(l);
	batch_key(l, &l->next);
	err = commit_run(l, why);
	if (l->tree.size == l->next.index)
		return err;
	l->unkept = true;
	return rotate_settle(l, why);
}
