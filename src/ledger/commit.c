/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commit.c - the write path: one write, fdatasync, tree, signature, published checkpoint. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "ledger/disk.h"
#include "ledger/retire.h"
#include "ledger/walk.h"

/* Closes the segment; what follows goes into a new one. */
static void commit_seal_segment(struct ledger *l)
{
	if (l->fd < 0)
		return;
	if (l->seg_len > 0)
		fchmod(l->fd, 0444);
	close(l->fd);
	l->fd = -1;
	l->unsynced = false;
	/* One per segment, for those who want to check a part; the next one will do as well. */
	commit_keep(l);
	pack_more(&l->pack);
	retire_more(l);
}

int commit_keep(struct ledger *l)
{
	char name[24];
	int err;

	if (l->stream || l->note.len == 0)
		return 0;
	snprintf(name, sizeof(name), "%" PRIu64, l->tree.size);
	err = disk_replace(l->kept_dir, name, l->note.data, l->note.len);
	return err == -ESTALE ? -EIO : err;
}

static int commit_new_segment(struct ledger *l)
{
	char name[WALK_NAME_LEN];
	int fd;

	walk_segment_name(l->tree.size, false, name);
	/* A leftover of that name holds nothing committed: the first record in it would be. */
	if (unlinkat(l->seg_dir, name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(l->seg_dir, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (fsync(l->seg_dir)) {
		int err = -errno;

		close(fd);
		return err;
	}
	l->fd = fd;
	l->seg_first = l->tree.size;
	l->seg_len = 0;
	l->seg_began_ns = ledger_now_mono_ns(l);
	return 0;
}

/* Cuts off what a failed write left. */
static int commit_trim(struct ledger *l)
{
	if (l->fd < 0 || !l->untrimmed)
		return 0;
	if (ftruncate(l->fd, (off_t)l->seg_len))
		return -errno;
	l->untrimmed = false;
	return 0;
}

/*
 * After a sync that failed: the cut must not come undone by a crash, or the segment would run on
 * into what the next one says. Through a new descriptor: the old one has nothing more to say.
 */
static void commit_sync_trim(struct ledger *l)
{
	char name[WALK_NAME_LEN];
	int fd;

	walk_segment_name(l->seg_first, false, name);
	fd = disk_open_file(l->seg_dir, name, O_WRONLY);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static bool commit_is_full(const struct ledger *l)
{
	return l->seg_len >= l->segment_bytes ||
	       (l->seg_len > 0 && ledger_now_mono_ns(l) - l->seg_began_ns >= l->segment_age_ns);
}

/* The batch into the segment, on disk. */
static int commit_write(struct ledger *l)
{
	int err;

	if (l->stream_cut)
		return -EPIPE;
	if (l->stream)
		return disk_write(STDOUT_FILENO, l->batch.lines.data, l->batch.lines.len);
	err = commit_trim(l);
	if (!err && l->fd >= 0 && (l->unsynced || commit_is_full(l)))
		commit_seal_segment(l);
	if (!err && l->fd < 0)
		err = commit_new_segment(l);
	if (err)
		return err;
	l->untrimmed = true;
	err = disk_write(l->fd, l->batch.lines.data, l->batch.lines.len);
	if (err)
		return err;
	/* What is signed is what the file holds, not what was meant to be in it. */
	err = fdatasync(l->fd) ? -errno
			       : disk_compare(l->fd, (off_t)l->seg_len, l->batch.lines.data,
					      l->batch.lines.len);
	if (!err)
		return 0;
	/* The kernel may have dropped the pages: this fd's next fdatasync proves nothing. */
	l->unsynced = true;
	if (commit_trim(l) == 0) {
		commit_sync_trim(l);
		commit_seal_segment(l);
	}
	return err;
}

/* A stream has no files: its checkpoints are lines between the records, not records. */
static int commit_stream_note(const struct buf *note)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	struct json_writer w;

	json_begin(&w, &line);
	json_object_begin(&w);
	json_kv_str(&w, "checkpoint", note->data);
	json_object_end(&w);
	buf_putc(&line, '\n');
	return line.err ? line.err : disk_write(STDOUT_FILENO, line.data, line.len);
}

/* The note over the batch: by the log's key, and by its epoch's (a new log's first is in it). */
static int commit_sign(const struct ledger *l, const struct checkpoint *c, struct buf *note)
{
	const struct epoch *e = l->epoch.pkey ? &l->epoch : &l->next;
	uint8_t signature[NOTE_SIGNATURE_LEN];
	size_t text_len;
	int err;

	note_checkpoint_format(c, note);
	text_len = note->len;
	err = note->err ? note->err : key_sign(l->key, note->data, text_len, signature);
	if (!err)
		err = note_append_signature(&l->verifier, signature, note);
	if (err || !e->pkey)
		return err;
	err = epoch_sign(e, note->data, text_len, signature);
	return err ? err : note_append_signature(&e->verifier, signature, note);
}

static int commit_publish(struct ledger *l)
{
	CLEANUP(buf_free) struct buf note = { 0 };
	struct checkpoint c = { .size = l->batch.tree.size };
	int err;

	memcpy(c.origin, l->origin, sizeof(c.origin));
	err = tree_root(&l->batch.tree, &c.root);
	if (!err)
		err = commit_sign(l, &c, &note);
	if (!err)
		err = l->stream ? commit_stream_note(&note)
				: disk_replace(l->dir, "checkpoint", note.data, note.len);
	if (err && err != -ESTALE)
		return err;
	key_see(l->key, &c);
	buf_free(&l->note);
	l->note = note;
	note = (struct buf){ 0 };
	return err;
}

/* What follows from a commit, and may fail: tiles can be made again. */
static void commit_told(struct ledger *l)
{
	const struct hash *leaf = (const struct hash *)l->batch.leaves.data;
	uint64_t n = l->batch.leaves.len / sizeof(*leaf);

	for (uint64_t i = 0; i < n; i++)
		tiles_add(&l->tiles, &leaf[i]);
	if (l->told)
		l->told(l->tree.size - n, n, l->batch.lines.data, l->batch.lines.len, l->told_arg);
}

int commit_run(struct ledger *l, struct why *why)
{
	struct batch *b = &l->batch;
	int err = b->err;

	if (err)
		return why_set(why, err, "ledger %s: %s", l->path,
			       b->why.text[0] ? b->why.text : strerror(-err));
	err = commit_write(l);
	/* A failed fdatasync closed the segment: once more, from memory, into a new one. */
	if (err && l->fd < 0 && !l->stream)
		err = commit_write(l);
	if (!err)
		err = commit_publish(l);
	if (err && err != -ESTALE) {
		l->stream_cut = l->stream;
		/* What cannot be cut off now is before the next write, or at the next start. */
		commit_trim(l);
		return why_set(
			why, err, "ledger %s: tick not written: %s%s", l->path, strerror(-err),
			err == -ENOSPC ? "; free some space, what was written stays valid" : "");
	}
	l->seg_len += b->lines.len;
	l->untrimmed = false;
	l->tree = b->tree;
	l->prev = b->prev;
	commit_told(l);
	if (err)
		return why_set(
			why, -EIO,
			"ledger %s: checkpoint written, but may not outlive a power failure: "
			"its directory could not be synced",
			l->path);
	return 0;
}
