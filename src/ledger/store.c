/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store.c - ledger.h: opening, appending, closing. */
#include "ledger/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"
#include "ledger/lock.h"
#include "ledger/retire.h"

static void ledger_free(struct ledger *l)
{
	int fds[] = { l->fd, l->aside_dir, l->seg_dir, l->kept_dir, l->tile_dir, l->dir, l->lock };

	pack_end(&l->pack, l->seg_dir);
	retire_end(l);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	key_free(l->key);
	epoch_end(&l->epoch);
	epoch_end(&l->next);
	buf_free(&l->batch.lines);
	buf_free(&l->batch.leaves);
	buf_free(&l->note);
	explicit_bzero(&l->salt_key, sizeof(l->salt_key));
	free(l->path);
	free(l);
}

DEFINE_CLEANUP(struct ledger *, ledger_free)

/* Of old records, summed up after each tick: a few milliseconds. */
#define LEDGER_RETIRE_BYTES (UINT64_C(1) << 20)

static struct ledger *ledger_new(const struct ledger_options *o)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->dir = l->seg_dir = l->aside_dir = l->kept_dir = l->tile_dir = l->lock = l->fd = -1;
	l->pack.in = l->pack.out = l->tiles.dir = -1;
	l->scene = o->scene;
	l->segment_bytes = o->segment_bytes ? o->segment_bytes : LEDGER_DEFAULT_SEGMENT_BYTES;
	l->segment_age_ns = o->segment_age_ns ? o->segment_age_ns : LEDGER_DEFAULT_AGE_NS;
	l->epoch_us = (int64_t)((o->epoch_ns ? o->epoch_ns : LEDGER_DEFAULT_AGE_NS) / JT_NS_PER_US);
	l->heartbeat_ns = o->heartbeat_ns;
	l->keep_plain = o->keep_plain;
	l->retain_ns = o->retain_ns;
	l->stream = strcmp(o->dir, "-") == 0;
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

/* The directories of the log, made if missing. */
static int ledger_make_dirs(struct ledger *l, struct why *why)
{
	const struct {
		const char *name;
		int *fd;
	} dirs[] = { { "seg", &l->seg_dir },
		     { "aside", &l->aside_dir },
		     { "checkpoints", &l->kept_dir },
		     { "tile", &l->tile_dir } };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (*dirs[i].fd >= 0)
			close(*dirs[i].fd);
		*dirs[i].fd = disk_make_dir_at(l->dir, dirs[i].name, 0755);
		if (*dirs[i].fd < 0)
			return why_set(why, *dirs[i].fd, "ledger %s/%s: %s", l->path, dirs[i].name,
				       strerror(-*dirs[i].fd));
	}
	l->tiles.dir = l->tile_dir;
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
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	memset(&l->tiles.entry, 0, sizeof(l->tiles.entry));
	l->tiles.size = 0;
	buf_reset(&l->note);
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
	/* Its record comes behind the open record. */
	if (!err && !l->stream && !l->epoch.pkey)
		err = rotate_begin(l, l->tree.size + 1, why);
	if (!err)
		err = key_adopt(l->key, l->origin,
				l->tree.size == 0 && l->next.pkey ? &l->next.verifier : NULL, why);
	if (err)
		return err;
	open_record.vkey = vkey;
	ledger_boot_id(l, open_record.boot_id);
	batch_begin(l);
	batch_open(l, &open_record);
	if (l->next.pkey)
		batch_key(l, &l->next);
	if (!l->stream)
		err = aside_announce(l);
	if (!err)
		err = commit_run(l, why);
	if (!err && l->next.pkey)
		rotate_announced(l);
	if (!err && !l->stream)
		err = aside_settle(l);
	if (!err && !l->stream)
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

static int ledger_open_files(struct ledger *l, const struct ledger_options *o, const char *host,
			     struct recovery *r, struct why *why)
{
	int err = ledger_open_existing(l, o, host, r, why);

	if (!err)
		err = ledger_lock(l, why);
	/* Again, now that nobody else writes. */
	if (!err)
		err = recover_look(l, host, r, why);
	if (!err && !r->damaged)
		err = ledger_make_dirs(l, why);
	if (!err)
		err = ledger_recover(l, host, r, why);
	return err;
}

static int ledger_open_stream(struct ledger *l, const struct ledger_options *o, const char *host,
			      struct recovery *r, struct why *why)
{
	int err = key_open(o->key_dir, true, &l->key, why);

	r->fresh = true;
	return err ? err : ledger_begin_log(l, host, why);
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
	if (!err && l->stream)
		err = ledger_open_stream(l, o, host, &r, why);
	else if (!err)
		err = ledger_open_files(l, o, host, &r, why);
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
		memcpy(ret_how->origin, l->origin, sizeof(ret_how->origin));
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

/* Time of which no tick tells although the program ran: said, before verify has to. */
static void ledger_silence(struct ledger *l, const struct tick *t)
{
	struct format_gap silence = { .from_us = l->end_real_us,
				      .to_us = t->window.begin_real_us,
				      .reason = "silence" };

	if (l->heartbeat_ns && l->end_mono_ns && t->window.begin_mono_ns > l->end_mono_ns &&
	    t->window.begin_mono_ns - l->end_mono_ns > l->heartbeat_ns)
		batch_gap(l, &silence);
}

/* Old records, a few more than came in. The tick is committed, whatever becomes of them. */
static void ledger_retire(struct ledger *l)
{
	struct why why = { "" };
	int err = retire_step(l, LEDGER_RETIRE_BYTES, &why);

	l->retire_why.text[0] = '\0';
	if (err)
		why_set(&l->retire_why, err, "ledger %s: old records cannot be retired: %s",
			l->path, why.text);
}

int ledger_append(struct ledger *l, const struct tick *t, struct why *why)
{
	uint64_t n_before;
	int err = rotate_run(l, why);

	if (err) {
		ledger_lose(l, t, err);
		return err;
	}
	n_before = l->tree.size;
	batch_begin(l);
	if (l->lost.n_ticks)
		batch_gap(l, &l->lost);
	else
		ledger_silence(l, t);
	batch_tick(l, t);
	err = commit_run(l, why);
	if (l->tree.size == n_before) {
		ledger_lose(l, t, err);
		return err;
	}
	l->lost = (struct format_gap){ 0 };
	l->end_mono_ns = t->window.end_mono_ns;
	l->end_real_us = t->window.end_real_us;
	/* A little more than what came in: packing always catches up. */
	if (!l->stream && !l->keep_plain)
		pack_step(&l->pack, l->seg_dir, l->seg_first,
			  l->batch.lines.len + l->batch.lines.len / 4);
	if (!l->stream && !l->retire_idle)
		ledger_retire(l);
	return err;
}

const char *ledger_retention_trouble(const struct ledger *l)
{
	return l->retire_why.text[0] ? l->retire_why.text : NULL;
}

void ledger_retain(struct ledger *l, uint64_t retain_ns)
{
	l->retain_ns = retain_ns;
	retire_more(l);
}

int ledger_close(struct ledger *l, struct why *why)
{
	int err;

	if (!l)
		return 0;
	err = rotate_run(l, why);
	if (!err) {
		batch_begin(l);
		if (l->lost.n_ticks)
			batch_gap(l, &l->lost);
		batch_close(l);
		err = commit_run(l, why);
	}
	/* The final seal. */
	if (!err)
		commit_keep(l);
	ledger_free(l);
	return err;
}

void ledger_subscribe(struct ledger *l, ledger_told_fn *f, void *arg)
{
	l->told = f;
	l->told_arg = arg;
}

uint64_t ledger_n_records(const struct ledger *l)
{
	return l->tree.size;
}
