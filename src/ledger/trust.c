/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trust.c - see trust.h. */
#include "ledger/trust.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/walk.h"

DEFINE_CLEANUP(struct key *, key_free)

/* A checkpoint file as read. */
struct sealed {
	char note[NOTE_MAX_LEN];
	size_t len;
	size_t text_len;
};

int trust_first_record(int seg_dir, const char *name, char *ret, size_t size)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	struct scan_value v;
	const char *line, *what;
	size_t len, at;
	int err = -ENOENT;

	if (!w)
		return -ENOENT;
	walk_begin(w, seg_dir);
	if (walk_next(w, 0, &line, &len) == WALK_LINE && !scan_line(line, len, &what, &at) &&
	    !scan_member((struct scan_value){ line, len }, name, &v) && !scan_text(v, &v) &&
	    v.len < size) {
		memcpy(ret, v.at, v.len);
		ret[v.len] = '\0';
		err = 0;
	}
	walk_end(w);
	return err;
}

static int trust_signature(const struct sealed *s, const struct note_verifier *v, const char *whose,
			   struct why *why)
{
	int err = note_verify(s->note, s->len, s->text_len, v);

	if (err == -ENOKEY)
		return why_set(why, -EBADMSG,
			       "checkpoint is not signed by the %s; if the ledger comes from "
			       "another machine, give that machine's verifier key",
			       whose);
	if (err == -EKEYREJECTED)
		return why_set(why, -EBADMSG, "checkpoint: the signature of the %s is wrong",
			       whose);
	return err;
}

/* By a key the caller names: its name must be the checkpoint's origin. */
static int trust_given(const char *vkey, const struct sealed *s, const struct trust *t,
		       struct why *why)
{
	struct note_verifier v;
	int err = note_vkey_parse(vkey, &v);

	if (err == -EINVAL)
		return why_set(why, err, "key is not a verifier key \"origin+hash+base64\"");
	if (err || !t->has_checkpoint)
		return err;
	if (strcmp(v.name, t->checkpoint.origin) != 0)
		return why_set(why, -EBADMSG, "checkpoint is of %s, the key of %s",
			       t->checkpoint.origin, v.name);
	return trust_signature(s, &v, "given key", why);
}

static int trust_self(int seg_dir, const struct sealed *s, struct trust *t, struct why *why)
{
	char vkey[NOTE_VKEY_LEN];
	struct note_verifier v;

	t->self_signed = true;
	if (trust_first_record(seg_dir, "key", vkey, sizeof(vkey)) || note_vkey_parse(vkey, &v) ||
	    strcmp(v.name, t->checkpoint.origin) != 0)
		return why_set(why, -EBADMSG,
			       "the first record does not name the key of the checkpoint's origin");
	return trust_signature(s, &v, "key that the ledger names", why);
}

/* Reads DIR/checkpoint; none is no error. */
static int trust_read(int dir, struct sealed *ret, struct trust *t, struct why *why)
{
	const char *what;
	int err = disk_read(dir, "checkpoint", ret->note, sizeof(ret->note), &ret->len);

	if (err == -ENOENT)
		return 0;
	if (err == -EFBIG || err == -EINVAL || err == -ELOOP)
		return why_set(why, -EBADMSG, "checkpoint: not a small regular file");
	if (err)
		return why_set(why, err, "checkpoint: %s", strerror(-err));
	if (note_parse(ret->note, ret->len, &t->checkpoint, &ret->text_len, &what))
		return why_set(why, -EBADMSG, "checkpoint: %s", what);
	t->has_checkpoint = true;
	return 0;
}

/* By the key directory's key, and what it remembers of this log. */
static int trust_local(const struct key *k, const struct sealed *s, const struct trust *t,
		       struct why *why)
{
	struct note_verifier v;

	if (!t->has_checkpoint)
		return 0;
	key_verifier(k, t->checkpoint.origin, &v);
	return trust_signature(s, &v, "key directory's key", why);
}

int trust_judge(const struct verify_options *o, int dir, int seg_dir, struct trust *ret,
		struct why *why)
{
	CLEANUP(cleanup_free) struct sealed *s = calloc(1, sizeof(*s));
	CLEANUP(key_free_ptr) struct key *k = NULL;
	char origin[NOTE_ORIGIN_LEN];
	struct trust t = { 0 };
	int err, no_key = 0;

	if (!s)
		return -ENOMEM;
	if (!o->key)
		no_key = key_open(o->key_dir, false, &k, why);
	/* Before the checkpoint is read: while a writer runs, the memory must not be the newer. */
	if (k && !trust_first_record(seg_dir, "origin", origin, sizeof(origin)))
		t.has_seen = key_seen(k, origin, &t.seen) == 0;
	err = trust_read(dir, s, &t, why);
	if (err)
		return err;
	if (o->key)
		err = trust_given(o->key, s, &t, why);
	else if (k)
		err = trust_local(k, s, &t, why);
	else if (no_key == -ENOENT || no_key == -EACCES)
		err = t.has_checkpoint ? trust_self(seg_dir, s, &t, why) : 0;
	else
		err = no_key;
	if (!err)
		*ret = t;
	return err;
}
