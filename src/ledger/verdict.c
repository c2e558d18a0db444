/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verdict.c - verify_parts.h: what a pass amounts to, and what was not checked. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/lock.h"
#include "ledger/proof.h"
#include "ledger/verify_parts.h"

const char *verify_verdict_name(enum verify_verdict v)
{
	switch (v) {
	case VERIFY_SIGNED:
		return "SIGNED";
	case VERIFY_WITNESSED:
		return "WITNESSED";
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

int verify_exit_code(enum verify_verdict v)
{
	return v == VERIFY_WITNESSED ? 0 : (int)v;
}

int verify_say(struct verify *v, enum verify_verdict verdict, uint64_t index, const char *fmt, ...)
{
	va_list ap;

	v->r->verdict = verdict;
	v->r->index = index;
	va_start(ap, fmt);
	vsnprintf(v->r->reason, sizeof(v->r->reason), fmt, ap);
	va_end(ap);
	return 1;
}

/* More about the verdict that is settled. */
static void __attribute__((format(printf, 2, 3))) verify_add(struct verify *v, const char *fmt, ...)
{
	size_t len = strlen(v->r->reason);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->r->reason + len, sizeof(v->r->reason) - len, fmt, ap);
	va_end(ap);
}

/* What is remembered of this log must be a beginning of what lies here. */
static int verify_remembered_is(struct verify *v, const struct checkpoint *c,
				const struct hash *root, const char *who)
{
	if (c->size != v->tree.size || memcmp(root, &c->root, sizeof(*root)) == 0)
		return 0;
	return verify_say(v, VERIFY_FORKED, c->size,
			  "the first %" PRIu64 " records are not those that %s", c->size, who);
}

static const char verify_by_machine[] = "this machine remembers signing";
static const char verify_by_state[] = "were verified before";

int verify_remembered(struct verify *v, const struct hash *root)
{
	const struct trust *t = &v->trust;
	int err = 0;

	if (t->has_seen)
		err = verify_remembered_is(v, &t->seen, root, verify_by_machine);
	if (!err && t->has_state)
		err = verify_remembered_is(v, &t->state, root, verify_by_state);
	return err;
}

int verify_rollback(struct verify *v)
{
	const struct trust *t = &v->trust;
	uint64_t size = t->sealed.checkpoint.size;

	if (t->has_seen && t->seen.size > size)
		return verify_say(v, VERIFY_ROLLED_BACK, size,
				  "this machine remembers signing %" PRIu64
				  " records; here are %" PRIu64,
				  t->seen.size, size);
	if (t->has_state && t->state.size > size)
		return verify_say(v, VERIFY_ROLLED_BACK, size,
				  "%" PRIu64 " records were verified before; here are %" PRIu64,
				  t->state.size, size);
	if (seals_next(&v->seals) != UINT64_MAX)
		return verify_say(v, VERIFY_ROLLED_BACK, size,
				  "checkpoints/ has one over %" PRIu64
				  " records; here are %" PRIu64,
				  v->seals.size[v->seals.n - 1], size);
	return 0;
}

/* What is remembered of records that were retired since must be a beginning of them. */
static int verify_retired_is(struct verify *v, const struct checkpoint *c, const char *who)
{
	struct hash root;
	int err;

	if (c->size == 0 || c->size > v->check.base)
		return 0;
	err = tree_root(&v->tree, &root);
	if (!err)
		err = proof_is_beginning(v->dir, c, v->check.base, &root);
	if (err == -EBADMSG)
		return verify_say(v, VERIFY_FORKED, c->size,
				  "the first %" PRIu64 " records are not those that %s", c->size,
				  who);
	if (err == -ENOENT)
		return verify_say(v, VERIFY_UNREADABLE, c->size,
				  "tile/: the hashes of retired records are gone, so it cannot be "
				  "told whether %" PRIu64 " of them are those that %s",
				  c->size, who);
	return err;
}

int verify_retired(struct verify *v)
{
	const struct trust *t = &v->trust;
	int err = t->has_seen ? verify_retired_is(v, &t->seen, verify_by_machine) : 0;

	return !err && t->has_state ? verify_retired_is(v, &t->state, verify_by_state) : err;
}

int verify_base_said(struct verify *v)
{
	if (v->check.base == 0 || v->check.base_said)
		return 0;
	return verify_say(v, VERIFY_TAMPERED, 0,
			  "the records before %" PRIu64
			  " are missing, and no rollup in the ledger retires them",
			  v->check.base);
}

/* Do enough of the witnesses that were asked vouch for it, or for its beginning? */
static void verify_witnessed(struct verify *v)
{
	const struct witnesses *w = &v->witnesses;
	size_t quorum = v->o->quorum ? v->o->quorum : w->n, len = 0;
	struct verify_result *r = v->r;

	if (!witnesses_agree(w, quorum, &r->witnessed_size, &r->witnessed_at_s)) {
		verify_say(v, VERIFY_UNSEALED, r->n_records,
			   "not witnessed: no checkpoint here is cosigned by %zu of the %zu "
			   "witnesses asked",
			   quorum, w->n);
		return;
	}
	for (size_t i = 0; i < w->n && len < sizeof(r->witnesses); i++)
		if (w->witness[i].size >= r->witnessed_size)
			len += (size_t)snprintf(r->witnesses + len, sizeof(r->witnesses) - len,
						"%s%s", len ? ", " : "", w->witness[i].key.name);
	verify_say(v, VERIFY_WITNESSED, 0,
		   "size=%" PRIu64 " at=%" PRIu64 " by=%.120s: so many of %" PRIu64
		   " records are witnessed",
		   r->witnessed_size, r->witnessed_at_s, r->witnesses, r->n_records);
	if (r->tail_bytes)
		verify_add(v, "; %" PRIu64 " bytes after the checkpoint are not vouched for",
			   r->tail_bytes);
}

void verify_conclude(struct verify *v, bool torn)
{
	uint64_t tail = v->r->tail_bytes;
	bool held = lock_is_held(v->dir);

	if (torn && !held)
		verify_say(v, VERIFY_TORN, v->r->n_records,
			   "%" PRIu64 " bytes after the last signed record are no whole records",
			   tail);
	else if (v->walk.n_both && !held)
		verify_say(v, VERIFY_TORN, v->r->n_records,
			   "a segment is there both plain and packed: a crash while packing");
	else if (v->remnants && !held)
		verify_say(v, VERIFY_TORN, v->r->n_records,
			   "a segment that was retired is still there: a crash while retiring");
	else if (!v->trust.has_checkpoint)
		verify_say(v, VERIFY_UNANCHORED, 0,
			   "no checkpoint: only the chain was checked, not its end nor its author");
	else if (v->trust.self_signed)
		verify_say(v, VERIFY_SELF_SIGNED, 0,
			   "checked only against the key that the ledger itself names; give --key");
	else if (tail && v->o->strict)
		verify_say(v, VERIFY_UNSEALED, v->r->n_records,
			   "%" PRIu64 " bytes after the checkpoint are not signed", tail);
	else if (v->o->witness)
		verify_witnessed(v);
	else if (tail)
		verify_say(v, VERIFY_SIGNED, 0,
			   "%" PRIu64 " bytes after the checkpoint are not vouched for", tail);
	else
		verify_say(v, VERIFY_SIGNED, 0, "no witness was asked");
	if (v->check.base)
		verify_add(v,
			   "; the records before %" PRIu64
			   " were retired, of them only rollups are "
			   "here%s",
			   v->check.base,
			   v->trust.has_first_epoch ? ", and not the key of epoch 0" : "");
}
