/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recover.c - the end of an existing log: whose it is, whether it is as signed, what is past it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "ledger/base.h"
#include "ledger/disk.h"
#include "ledger/seals.h"
#include "ledger/recover.h"
#include "ledger/retire.h"
#include "ledger/tail.h"
#include "ledger/trust.h"
#include "ledger/walk.h"

int recover_is_ledger(int dir, bool *ret_empty)
{
	static const char *const ours[] = { ".",       "..",	    "lost+found",
					    "lock",    "tile",	    "checkpoint.tmp",
					    "aside",   "old",	    "checkpoints",
					    BASE_FILE, BASE_PENDING };
	CLEANUP(closedir_ptr) DIR *d = NULL;
	bool ledger = false, strange = false;
	struct dirent *e;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		bool known = false;

		if (strcmp(e->d_name, "seg") == 0 || strcmp(e->d_name, "checkpoint") == 0)
			ledger = known = true;
		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known |= strcmp(e->d_name, ours[i]) == 0;
		strange |= !known;
	}
	if (strange && !ledger)
		return -EINVAL;
	*ret_empty = !ledger;
	return 0;
}

/* "<host>/ledger/<incarnation>" with that host? */
static bool recover_is_host(const char *origin, const char *host)
{
	size_t len = strlen(host);

	return strncmp(origin, host, len) == 0 && strncmp(origin + len, "/ledger/", 8) == 0 &&
	       key_incarnation(origin) == origin + len + 8;
}

static int recover_not_ours(const struct ledger *l, const char *origin, struct why *why)
{
	return why_set(why, -EPERM,
		       "ledger %s is of %s and not of this host and key; give another --ledger, or "
		       "the --key-dir it was written with",
		       l->path, origin);
}

/*
 * With no checkpoint to tell: is the first record ours? Sets l->origin. Returns 0; -ENOENT where
 * no first record can be read; -EPERM.
 */
static int recover_first_record(struct ledger *l, const char *host, struct why *why)
{
	char origin[NOTE_ORIGIN_LEN], vkey[NOTE_VKEY_LEN], own[NOTE_VKEY_LEN];
	struct note_verifier v;
	int err;

	if (l->seg_dir < 0 ||
	    trust_first_record(l->dir, l->seg_dir, "origin", origin, sizeof(origin)) ||
	    trust_first_record(l->dir, l->seg_dir, "key", vkey, sizeof(vkey)))
		return -ENOENT;
	key_verifier(l->key, origin, &v);
	err = note_vkey_format(&v, own);
	if (err)
		return err;
	if (!recover_is_host(origin, host) || strcmp(vkey, own) != 0)
		return recover_not_ours(l, origin, why);
	memcpy(l->origin, origin, sizeof(l->origin));
	return 0;
}

/* What was signed last, as far as is known: for the new incarnation's open record. */
static void recover_damaged(const struct ledger *l, struct recovery *r)
{
	r->damaged = true;
	if (r->last.size > 0) {
		r->previous = r->last;
		r->has_previous = true;
	} else {
		r->has_previous = key_seen(l->key, l->origin, &r->previous) == 0;
	}
}

static int recover_without_checkpoint(struct ledger *l, const char *host, struct recovery *r,
				      struct why *why)
{
	int err = recover_first_record(l, host, why);

	if (err && err != -ENOENT)
		return err;
	/* Nothing was ever signed: what lies here is the rest of a creation that a crash ended. */
	r->fresh = true;
	if (!err && key_seen(l->key, l->origin, &r->previous) == 0 && r->previous.size > 0) {
		r->fresh = false;
		recover_damaged(l, r);
	}
	return 0;
}

int recover_look(struct ledger *l, const char *host, struct recovery *ret, struct why *why)
{
	char note[NOTE_MAX_LEN];
	struct recovery r = { 0 };
	struct note_verifier v;
	size_t len, text_len;
	const char *what;
	int err = disk_read(l->dir, "checkpoint", note, sizeof(note), &len);

	if (err == -ENOENT) {
		err = recover_without_checkpoint(l, host, &r, why);
	} else if (err) {
		why_set(why, err, "ledger %s: checkpoint: %s", l->path, strerror(-err));
	} else if (note_parse(note, len, &r.last, &text_len, &what)) {
		err = recover_first_record(l, host, why);
		if (err == -ENOENT)
			return why_set(why, -EINVAL,
				       "%s is not a ledger: its checkpoint is none (%s); give "
				       "another --ledger",
				       l->path, what);
		recover_damaged(l, &r);
	} else {
		memcpy(l->origin, r.last.origin, sizeof(l->origin));
		buf_reset(&l->note);
		buf_append(&l->note, note, len);
		key_verifier(l->key, l->origin, &v);
		err = note_verify(note, len, text_len, &v);
		if (err == -ENOKEY || !recover_is_host(l->origin, host))
			return recover_not_ours(l, l->origin, why);
		if (err == -EKEYREJECTED) {
			r.last.size = 0;
			recover_damaged(l, &r);
			err = 0;
		}
		if (!err && l->seg_dir < 0)
			recover_damaged(l, &r);
	}
	if (!err)
		*ret = r;
	return err;
}

/* The covered end of the log, as it is hashed again. */
struct rehash {
	struct ledger *l;
	const struct recovery *r;
	struct checkpoint seen;
	const struct base *base; /* what was retired */
	uint64_t open;		 /* index that the last covered segment begins with */
	bool sound;
};

static int recover_line(uint64_t index, const char *line, size_t len, void *arg)
{
	struct rehash *h = arg;
	struct ledger *l = h->l;
	struct hash root;
	int err;

	h->sound = index == l->tree.size;
	if (!h->sound)
		return 1;
	err = tree_leaf(line, len, &l->prev);
	if (!err)
		err = tree_add(&l->tree, &l->prev);
	if (!err)
		err = tiles_add(&l->tiles, &l->prev);
	if (!err && (l->tree.size == h->seen.size || l->tree.size == h->r->last.size))
		err = tree_root(&l->tree, &root);
	if (err)
		return err;
	if (index >= h->open)
		l->seg_len += len + 1;
	if (l->tree.size == h->seen.size)
		h->sound = memcmp(&root, &h->seen.root, sizeof(root)) == 0;
	if (h->sound && l->tree.size == h->r->last.size)
		h->sound = memcmp(&root, &h->r->last.root, sizeof(root)) == 0;
	return !h->sound || l->tree.size == h->r->last.size;
}

/* The tree of a size at which it is known: 0, what was retired, or one that the tiles have. */
static int recover_begin(struct rehash *h, uint64_t from)
{
	struct ledger *l = h->l;
	int err = 0;

	memset(&l->tiles.entry, 0, sizeof(l->tiles.entry));
	l->tiles.size = 0;
	l->tree = (struct tree){ 0 };
	l->seg_first = h->open;
	l->seg_len = 0;
	h->sound = false;
	if (from > 0 && from != h->base->first)
		return tiles_load(&l->tiles, from, &l->tree);
	l->tree = h->base->tree;
	if (from > 0)
		err = tiles_load_any(&l->tiles, from);
	/* Tiles of what was retired cannot be made again: go on without any. */
	if (err == -ENOENT)
		l->tiles.dir = -1;
	return err == -ENOENT ? 0 : err;
}

/*
 * Hashes the records from that size on. Sets h->sound: up to the checkpoint all is what was signed.
 * Returns 0 or -errno.
 */
static int recover_from(struct rehash *h, uint64_t from)
{
	struct ledger *l = h->l;
	int err = recover_begin(h, from);

	if (err)
		return err == -ENOENT ? 0 : err;
	h->sound = true;
	err = walk_lines(l->seg_dir, from, recover_line, h);
	if (err == -EBADMSG || l->tree.size != h->r->last.size)
		h->sound = false;
	return err < 0 && err != -EBADMSG ? err : 0;
}

/* What the last full tile lacks of the records before the open segment. */
static int recover_line_before(uint64_t index, const char *line, size_t len, void *arg)
{
	const struct rehash *h = arg;

	return index == h->open ? 1 : recover_line(index, line, len, arg);
}

/*
 * The same from the last full tile on, reading the open segment from its end: all that a start
 * needs after a good end. Whatever does not fit leaves h->sound false.
 */
static int recover_tail(struct rehash *h)
{
	CLEANUP(buf_free) struct buf lines = { 0 };
	struct ledger *l = h->l;
	uint64_t size = h->r->last.size, from = (size - 1) / TILES_WIDTH * TILES_WIDTH, n, seg_len;
	int err;

	if (size == 0 || from <= h->base->first || (h->seen.size > 0 && h->seen.size <= from))
		return 0;
	err = recover_begin(h, from);
	if (err)
		return err == -ENOENT ? 0 : err;
	h->sound = true;
	if (from < h->open)
		err = walk_lines(l->seg_dir, from, recover_line_before, h);
	n = size - l->tree.size;
	if (err >= 0 && h->sound && n > 0)
		err = tail_read(l->seg_dir, h->open, n, &lines, &seg_len);
	h->sound &= err >= 0 && n > 0;
	for (const char *at = lines.data; h->sound && l->tree.size < size;) {
		size_t len = strcspn(at, "\n");

		err = recover_line(l->tree.size, at, len, h);
		h->sound &= err >= 0;
		at += len + 1;
	}
	l->seg_len = h->sound ? seg_len : 0;
	return err < 0 && err != -EBADMSG && err != -ENOENT ? err : 0;
}

/*
 * Re-hashes what is covered: the end of it, or from the last full tile before the open segment on;
 * where that does not give what was signed, everything that is here, for tiles are only a copy.
 * *ret_sound: it is what was signed, and all that is remembered.
 */
static int recover_rehash(struct ledger *l, const struct recovery *r, uint64_t *ret_open,
			  bool *ret_sound)
{
	CLEANUP(cleanup_free) struct base *base = malloc(sizeof(*base));
	struct rehash h = { .l = l, .r = r, .base = base };
	struct seals seals;
	struct walk w;
	uint64_t from;
	int err = walk_begin(&w, l->seg_dir, r->last.size ? r->last.size - 1 : 0);

	if (err)
		return err;
	h.open = w.n ? w.first[w.next] : 0;
	walk_end(&w);
	*ret_sound = false;
	*ret_open = h.open;
	err = base ? base_load(l->dir, l->seg_dir, base) : -ENOMEM;
	if (err)
		return err == -EBADMSG ? 0 : err;
	l->base = base->first;
	key_seen(l->key, l->origin, &h.seen);
	from = h.open / TILES_WIDTH * TILES_WIDTH;
	/* What is remembered is compared where the hashing passes it. */
	if (from < l->base || (h.seen.size > 0 && h.seen.size <= from))
		from = l->base;
	err = recover_tail(&h);
	if (!err && !h.sound)
		err = recover_from(&h, from);
	if (!err && !h.sound && from > l->base)
		err = recover_from(&h, l->base);
	if (!err)
		err = seals_begin(&seals, l->dir);
	if (err)
		return err;
	/* A later checkpoint that was kept: the one that is published was put back. */
	*ret_sound = h.sound && h.seen.size <= r->last.size &&
		     (seals.n == 0 || seals.size[seals.n - 1] <= r->last.size);
	seals_end(&seals);
	return 0;
}

/* Sets every segment aside that begins behind the covered log. */
static int recover_strays(struct ledger *l, uint64_t *bytes)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	struct dirent *e;
	uint64_t first;
	bool packed;
	int err = 0;
	int fd = openat(l->seg_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(d)))
		if (walk_segment_parse(e->d_name, &first, &packed) && first >= l->tree.size)
			err = aside_tail(l, e->d_name, 0, bytes);
	return err;
}

/* Sets the uncovered end of the last segment aside and opens it for appending. */
static int recover_open_segment(struct ledger *l, uint64_t *bytes)
{
	char name[WALK_NAME_LEN];
	int err, fd;

	if (l->tree.size == 0)
		return 0;
	walk_segment_name(l->seg_first, false, name);
	err = aside_tail(l, name, l->seg_len, bytes);
	/* Packed, which only committed lines are: the next commit begins a new one. */
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	/* Sealed already: the same. */
	if (l->seg_len >= l->segment_bytes)
		return 0;
	fd = openat(l->seg_dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != EACCES)
		return -errno;
	l->fd = fd;
	l->seg_began_ns = ledger_now_mono_ns(l);
	return 0;
}

int recover_run(struct ledger *l, struct recovery *r, struct why *why)
{
	bool sound = true;
	int err = 0;

	if (r->damaged)
		return 0;
	if (!r->fresh)
		err = recover_rehash(l, r, &l->seg_first, &sound);
	if (!err && !sound)
		recover_damaged(l, r);
	if (!err && sound)
		err = pack_clean(l->seg_dir);
	if (!err && sound)
		err = recover_strays(l, &r->set_aside_bytes);
	if (!err && sound)
		err = recover_open_segment(l, &r->set_aside_bytes);
	if (!err && sound && !r->fresh)
		err = retire_resume(l);
	if (!err && sound && !r->fresh) {
		err = rotate_resume(l, r);
		if (!err && r->damaged)
			recover_damaged(l, r);
	}
	if (err)
		return why_set(why, err, "ledger %s: recovery: %s", l->path, strerror(-err));
	return 0;
}
