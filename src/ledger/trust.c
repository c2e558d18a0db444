/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trust.c - see trust.h. */
#include "ledger/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/base.h"
#include "ledger/disk.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/walk.h"

DEFINE_CLEANUP(struct key *, key_free)

#define TRUST_MAX_KEY_FILE 1024

struct trust_wanted {
	const char *name;
	char *ret;
	size_t size;
};

static int trust_take_member(uint64_t index, const char *line, size_t len, void *arg)
{
	const struct trust_wanted *want = arg;
	struct scan_value v;
	const char *what;
	size_t at;

	if (index != 0 || scan_line(line, len, &what, &at) ||
	    scan_member((struct scan_value){ line, len }, want->name, &v) || scan_text(v, &v) ||
	    v.len >= want->size)
		return -ENOENT;
	memcpy(want->ret, v.at, v.len);
	want->ret[v.len] = '\0';
	return 1;
}

int trust_first_record(int dir, int seg_dir, const char *name, char *ret, size_t size)
{
	CLEANUP(cleanup_free) struct base *b = malloc(sizeof(*b));
	struct trust_wanted want = { name, ret, size };
	char vkey[NOTE_VKEY_LEN];
	const char *what;

	if (walk_lines(seg_dir, 0, trust_take_member, &want) == 1)
		return 0;
	if (!b || base_read(dir, BASE_FILE, b, &what) || note_vkey_format(&b->key, vkey))
		return -ENOENT;
	snprintf(ret, size, "%s", strcmp(name, "key") == 0 ? vkey : b->key.name);
	return 0;
}

static int trust_signature(const struct trust *t, const char *whose, struct why *why)
{
	const struct sealed *s = &t->sealed;
	int err = note_verify(s->note, s->len, s->text_len, &t->key);

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

/* A verifier key and, on a second line, that of epoch 0. */
static int trust_parse(const char *text, struct trust *t)
{
	char first[TRUST_MAX_KEY_FILE + 1];
	size_t len = strcspn(text, "\n");
	const char *second = text + len + (text[len] != '\0');
	size_t second_len = strcspn(second, "\n");
	int err;

	if (len >= sizeof(first) || second_len >= sizeof(first))
		return -EINVAL;
	memcpy(first, text, len);
	first[len] = '\0';
	err = note_vkey_parse(first, &t->key);
	if (err || second_len == 0)
		return err;
	memcpy(first, second, second_len);
	first[second_len] = '\0';
	t->has_first_epoch = true;
	return note_vkey_parse(first, &t->first_epoch);
}

/* A key the caller names, itself or its file. */
static int trust_given(const char *key, struct trust *t, struct why *why)
{
	char text[TRUST_MAX_KEY_FILE + 1];
	size_t len;
	int err = trust_parse(key, t);

	if (err == -EINVAL && !disk_read(AT_FDCWD, key, text, sizeof(text) - 1, &len)) {
		text[len] = '\0';
		err = trust_parse(text, t);
	}
	if (err == -EINVAL)
		return why_set(why, err,
			       "key is not a verifier key \"origin+hash+base64\", nor a file with "
			       "one");
	return err;
}

int verify_key(const char *text, struct note_verifier *ret, struct why *why)
{
	CLEANUP(cleanup_free) struct trust *t = calloc(1, sizeof(*t));
	int err = t ? trust_given(text, t, why) : -ENOMEM;

	if (!err)
		*ret = t->key;
	return err;
}

static int trust_name(const struct trust *t, struct why *why)
{
	if (strcmp(t->key.name, t->sealed.checkpoint.origin) != 0)
		return why_set(why, -EBADMSG, "checkpoint is of %s, the key of %s",
			       t->sealed.checkpoint.origin, t->key.name);
	return 0;
}

static int trust_self(int dir, int seg_dir, struct trust *t, struct why *why)
{
	char vkey[NOTE_VKEY_LEN];

	t->self_signed = true;
	if (trust_first_record(dir, seg_dir, "key", vkey, sizeof(vkey)) ||
	    note_vkey_parse(vkey, &t->key) || strcmp(t->key.name, t->sealed.checkpoint.origin) != 0)
		return why_set(why, -EBADMSG,
			       "the first record does not name the key of the checkpoint's origin");
	return trust_signature(t, "key that the ledger names", why);
}

/* Reads DIR/checkpoint; none is no error. */
static int trust_read(int dir, struct trust *t, struct why *why)
{
	const char *what;
	int err = sealed_read(dir, "checkpoint", &t->sealed, &what);

	if (err == -ENOENT)
		return 0;
	if (err == -EBADMSG)
		return why_set(why, err, "checkpoint: %s", what);
	if (err)
		return why_set(why, err, "checkpoint: %s", strerror(-err));
	t->has_checkpoint = true;
	return 0;
}

/*
 * What an earlier verification remembered: the verifier key on the first line, then the three lines
 * of the checkpoint. Returns 0, or 1 where there is none yet.
 */
static int trust_state(const struct verify_options *o, struct trust *t, struct why *why)
{
	char text[NOTE_VKEY_LEN + NOTE_MAX_LEN], *lf;
	struct note_verifier key;
	const char *what;
	size_t len;
	int err = disk_read(AT_FDCWD, o->state, text, sizeof(text) - 1, &len);

	if (err == -ENOENT)
		return 1;
	if (err)
		return why_set(why, err, "state %s: %s", o->state, strerror(-err));
	text[len] = '\0';
	lf = strchr(text, '\n');
	if (lf)
		*lf++ = '\0';
	if (!lf || note_vkey_parse(text, &key) ||
	    note_checkpoint_parse(lf, len - (size_t)(lf - text), &t->state, &what) ||
	    strcmp(t->state.origin, key.name) != 0)
		return why_set(why, -EINVAL, "state %s is damaged; restore it, or begin another",
			       o->state);
	if (o->key && memcmp(&key, &t->key, sizeof(key)) != 0)
		return why_set(why, -EINVAL, "state %s is of the key of %s, not of the one given",
			       o->state, key.name);
	t->key = key;
	t->has_state = true;
	return 0;
}

int trust_remember(const struct verify_options *o, const struct trust *t, struct why *why)
{
	CLEANUP(cleanup_close) int dir = -1;
	CLEANUP(buf_free) struct buf text = { 0 };
	const char *slash = strrchr(o->state, '/');
	char path[FS_PATH_LEN], vkey[NOTE_VKEY_LEN];
	int err;

	snprintf(path, sizeof(path), "%.*s", slash ? (int)(slash - o->state) + 1 : 1,
		 slash ? o->state : ".");
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return why_set(why, -errno, "state %s: %s", o->state, strerror(errno));
	err = note_vkey_format(&t->key, vkey);
	buf_puts(&text, vkey);
	buf_putc(&text, '\n');
	note_checkpoint_format(&t->sealed.checkpoint, &text);
	if (!err)
		err = text.err;
	if (!err)
		err = disk_replace(dir, slash ? slash + 1 : o->state, text.data, text.len);
	if (err && err != -ESTALE)
		return why_set(why, err, "state %s: %s", o->state, strerror(-err));
	return 0;
}

/* By the key directory's key. */
static int trust_local(const struct key *k, struct trust *t, struct why *why)
{
	key_verifier(k, t->sealed.checkpoint.origin, &t->key);
	return trust_signature(t, "key directory's key", why);
}

/* By which key? Returns 0 where one was given, 1 where the key directory has one. */
static int trust_choose(const struct verify_options *o, struct trust *t, struct key **ret_local,
			struct why *why)
{
	int err = o->key ? trust_given(o->key, t, why) : 1;
	int state = 1;

	if (err < 0)
		return err;
	if (o->state)
		state = trust_state(o, t, why);
	if (state < 0)
		return state;
	if (o->key || t->has_state)
		return 0;
	err = key_open(o->key_dir, false, ret_local, why);
	if (err == -ENOENT || err == -EACCES)
		t->self_signed = true;
	else if (err)
		return err;
	return 1;
}

int trust_judge(const struct verify_options *o, int dir, int seg_dir, struct trust *t,
		struct why *why)
{
	CLEANUP(key_free_ptr) struct key *k = NULL;
	char origin[NOTE_ORIGIN_LEN];
	int given = trust_choose(o, t, &k, why);
	int err;

	if (given < 0)
		return given;
	/* Before the checkpoint is read: while a writer runs, the memory must not be the newer. */
	if (k && !trust_first_record(dir, seg_dir, "origin", origin, sizeof(origin)))
		t->has_seen = key_seen(k, origin, &t->seen) == 0;
	err = trust_read(dir, t, why);
	if (err || !t->has_checkpoint)
		return err;
	if (t->self_signed)
		return trust_self(dir, seg_dir, t, why);
	if (k)
		return trust_local(k, t, why);
	err = trust_name(t, why);
	return err ? err : trust_signature(t, "given key", why);
}
