/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store.c - ledger.h: opening, appending, closing. */
#include "ledger/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"
#include "ledger/lock.h"

static void ledger_free(struct ledger *l)
{
	int fds[] = { l->fd, l->aside_dir, l->seg_dir, l->dir, l->lock };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	key_free(l->key);
	buf_free(&l->batch.lines);
	explicit_bzero(&l->salt_key, sizeof(l->salt_key));
	free(l->path);
	free(l);
}

DEFINE_CLEANUP(struct ledger *, ledger_free)

static struct ledger *ledger_new(const struct ledger_options *o)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->dir = l->seg_dir = l->aside_dir = l->lock = l->fd = -1;
	l->scene = o->scene;
	l->segment_bytes = o->segment_bytes ? o->segment_bytes : LEDGER_DEFAULT_SEGMENT_BYTES;
	l->path = strdup(o->dir);
	if (!l->path) {
		free(l);
		return NULL;
	}
	return l;
}

/* Host part of the origin: letters, digits, '.', '-' and '_', so that it is a key name and JSON. */
static int ledger_host(const struct ledger_options *o, char *ret, size_t size, struct why *why)
{
	char host[65] = "";

	if (!o->host && gethostname(host, sizeof(host) - 1))
		return -errno;
	if ((size_t)snprintf(ret, size, "%s", o->host ? o->host : host) >= size)
		return why_set(why, -EINVAL, "host name is longer than %zu bytes", size - 1);
	if (ret[0] == '\0' || strspn(ret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					  "0123456789.-_") != strlen(ret))
		return why_set(why, -EINVAL,
			       "host name \"%s\" has characters outside [A-Za-z0-9._-]", ret);
	return 0;
}

static void ledger_boot_id(const struct ledger *l, char ret[FORMAT_UUID_LEN])
{
	ret[0] = '\0';
	if (l->scene && l->scene->boot_id) {
		snprintf(ret, FORMAT_UUID_LEN, "%s", l->scene->boot_id);
		return;
	}
	/* Where /proc is not mounted every start counts as a boot of its own. */
	fs_read_text(NULL, "proc/sys/kernel/random/boot_id", ret, FORMAT_UUID_LEN, NULL);
}

/* Directory and key, and whose log is there; nothing is written into a directory with a log. */
static int ledger_open_existing(struct ledger *l, const struct ledger_options *o, const char *host,
				struct recovery *ret, struct why *why)
{
	bool empty;
	int err;

	l->dir = disk_open_dir(o->dir, 0755);
	if (l->dir < 0)
		return why_set(why, l->dir, "ledger %s: %s", o->dir, strerror(-l->dir));
	err = recover_is_ledger(l->dir, &empty);
	if (err)
		return why_set(why, err, "%s is not a ledger and not empty; give another --ledger",
			       o->dir);
	err = key_open(o->key_dir, empty, &l->key, why);
	if (err == -ENOENT)
		return why_set(why, -EPERM,
			       "ledger %s is there but %s holds no key; give the --key-dir it was "
			       "written with, or another --ledger",
			       o->dir, o->key_dir ? o->key_dir : LEDGER_DEFAULT_KEY_DIR);
	if (err)
		return err;
	l->seg_dir = openat(l->dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (l->seg_dir < 0 && errno != ENOENT)
		return why_set(why, -errno, "ledger %s/seg: %s", o->dir, strerror(errno));
	return recover_look(l, host, ret, why);
}

static int ledger_lock(struct ledger *l, struct why *why)
{
	int pid = 0;

	l->lock = lock_take(l->dir, &pid);
	if (l->lock == -EBUSY)
		return why_set(why, -EBUSY,
			       "ledger %s is being written by process %d; stop it, or give another "
			       "--ledger",
			       l->path, pid);
	if (l->lock < 0)
		return why_set(why, l->lock, "ledger %s/lock: %s", l->path, strerror(-l->lock));
	return 0;
}

/* seg/ and aside/, made if missing. */
static int ledger_make_dirs(struct ledger *l, struct why *why)
{
	if (l->seg_dir >= 0)
		close(l->seg_dir);
	if (l->aside_dir >= 0)
		close(l->aside_dir);
	l->aside_dir = -1;
	l->seg_dir = disk_make_dir_at(l->dir, "seg", 0755);
	if (l->seg_dir >= 0)
		l->aside_dir = disk_make_dir_at(l->dir, "aside", 0755);
	if (l->seg_dir < 0 || l->aside_dir < 0) {
		int err = l->seg_dir < 0 ? l->seg_dir : l->aside_dir;

		return why_set(why, err, "ledger %s: cannot make its directories: %s", l->path,
			       strerror(-err));
	}
	return 0;
}

/* A new origin: its incarnation is drawn from the secret, the place and the moment. */
static int ledger_begin_log(struct ledger *l, const char *host, struct why *why)
{
	char moment[FS_PATH_LEN + 128], boot_id[FORMAT_UUID_LEN], incarnation[17];
	const char *path = l->scene && l->scene->path ? l->scene->path : l->path;
	uint64_t mono_ns;
	int64_t real_us;
	struct hash h;
	int err;

	ledger_boot_id(l, boot_id);
	ledger_now(l, &mono_ns, &real_us);
	snprintf(moment, sizeof(moment), "incarnation %" PRIi64 " %" PRIu64 " %s %.4000s", real_us,
		 mono_ns, boot_id, path);
	err = key_derive(l->key, moment, strlen(moment), &h);
	if (err)
		return err;
	hash_hex(h.byte, KEY_INCARNATION_LEN / 2, incarnation);
	if ((size_t)snprintf(l->origin, sizeof(l->origin), "%s/ledger/%s", host, incarnation) >=
	    sizeof(l->origin))
		return why_set(why, -EINVAL, "host name %s is too long for an origin", host);
	l->tree = (struct tree){ 0 };
	l->prev = (struct hash){ 0 };
	l->seg_first = l->seg_len = 0;
	return 0;
}

/* The records with which every start begins, committed. */
static int ledger_announce(struct ledger *l, const struct ledger_options *o,
			   const struct recovery *r, struct why *why)
{
	struct format_open open_record = {
		.options = o,
		.origin = l->origin,
		.previous = r->has_previous ? &r->previous : NULL,
	};
	char vkey[NOTE_VKEY_LEN];
	int err;

	key_verifier(l->key, l->origin, &l->verifier);
	err = note_vkey_format(&l->verifier, vkey);
	if (!err)
		err = key_derive(l->key, l->origin, strlen(l->origin), &l->salt_key);
	if (!err)
		err = key_adopt(l->key, l->origin, why);
	if (err)
		return err;
	open_record.vkey = vkey;
	ledger_boot_id(l, open_record.boot_id);
	batch_begin(l);
	batch_open(l, &open_record);
	err = aside_announce(l);
	if (!err)
		err = commit_run(l, why);
	if (!err)
		err = aside_settle(l);
	if (!err)
		err = aside_log_settle(l);
	return err;
}

static int ledger_recover(struct ledger *l, const char *host, struct recovery *r, struct why *why)
{
	int err = recover_run(l, r, why);

	if (!err && r->damaged) {
		err = aside_log(l, why);
		if (!err)
			err = ledger_make_dirs(l, why);
	}
	if (!err && (r->fresh || r->damaged))
		err = ledger_begin_log(l, host, why);
	return err;
}

int ledger_open(const struct ledger_options *o, struct ledger **ret, struct ledger_opening *ret_how,
		struct why *why)
{
	CLEANUP(ledger_free_ptr) struct ledger *l = ledger_new(o);
	struct recovery r = { 0 };
	char host[65];
	int err;

	if (!l)
		return -ENOMEM;
	err = ledger_host(o, host, sizeof(host), why);
	if (!err)
		err = ledger_open_existing(l, o, host, &r, why);
	if (!err)
		err = ledger_lock(l, why);
	/* Again, now that nobody else writes. */
	if (!err)
		err = recover_look(l, host, &r, why);
	if (!err && !r.damaged)
		err = ledger_make_dirs(l, why);
	if (!err)
		err = ledger_recover(l, host, &r, why);
	if (!err)
		err = ledger_announce(l, o, &r, why);
	if (err)
		return err;
	if (ret_how) {
		*ret_how = (struct ledger_opening){
			.created = r.fresh,
			.recovered = r.set_aside_bytes > 0,
			.set_aside_bytes = r.set_aside_bytes,
			.new_incarnation = r.damaged,
			.n_records = l->tree.size,
		};
		snprintf(ret_how->origin, sizeof(ret_how->origin), "%s", l->origin);
	}
	*ret = TAKE_PTR(l);
	return 0;
}

/* Remembers a tick that could not be committed, for the gap record of the next that can. */
static void ledger_lose(struct ledger *l, const struct tick *t, int err)
{
	if (l->lost.n_ticks == 0) {
		l->lost.from_us = t->window.begin_real_us;
		l->lost.reason = strerrorname_np(-err);
	}
	if (!l->lost.reason)
		l->lost.reason = "unknown";
	l->lost.to_us = t->window.end_real_us;
	l->lost.n_ticks++;
}

int ledger_append(struct ledger *l, const struct tick *t, struct why *why)
{
	uint64_t n_before = l->tree.size;
	int err;

	batch_begin(l);
	if (l->lost.n_ticks)
		batch_gap(l, &l->lost);
	batch_tick(l, t);
	err = commit_run(l, why);
	if (l->tree.size == n_before)
		ledger_lose(l, t, err);
	else
		l->lost = (struct format_gap){ 0 };
	return err;
}

int ledger_close(struct ledger *l, struct why *why)
{
	int err;

	if (!l)
		return 0;
	batch_begin(l);
	if (l->lost.n_ticks)
		batch_gap(l, &l->lost);
	batch_close(l);
	err = commit_run(l, why);
	ledger_free(l);
	return err;
}

uint64_t ledger_n_records(const struct ledger *l)
{
	return l->tree.size;
}
