/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commit.c - the write path: one write, fdatasync, tree, signature, published checkpoint. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/store.h"
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
}

static int commit_new_segment(struct ledger *l)
{
	char name[WALK_NAME_LEN];
	int fd;

	walk_segment_name(l->tree.size, name);
	/* A leftover of that name holds nothing committed: the first record in it would be. */
	if (unlinkat(l->seg_dir, name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(l->seg_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
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

/* The batch into the segment, on disk. */
static int commit_write(struct ledger *l)
{
	int err = commit_trim(l);

	if (!err && l->fd >= 0 && l->seg_len >= l->segment_bytes)
		commit_seal_segment(l);
	if (!err && l->fd < 0)
		err = commit_new_segment(l);
	if (err)
		return err;
	l->untrimmed = true;
	err = disk_write(l->fd, l->batch.lines.data, l->batch.lines.len);
	if (err || fdatasync(l->fd) == 0)
		return err;
	err = -errno;
	/* The kernel may have dropped the pages: this fd's next fdatasync proves nothing. */
	if (commit_trim(l) == 0)
		commit_seal_segment(l);
	return err;
}

static int commit_publish(struct ledger *l)
{
	CLEANUP(buf_free) struct buf note = { 0 };
	struct checkpoint c = { .size = l->batch.tree.size };
	uint8_t signature[NOTE_SIGNATURE_LEN];
	int err;

	memcpy(c.origin, l->origin, sizeof(c.origin));
	err = tree_root(&l->batch.tree, &c.root);
	if (err)
		return err;
	note_checkpoint_format(&c, &note);
	err = note.err ? note.err : key_sign(l->key, note.data, note.len, signature);
	if (!err)
		err = note_append_signature(&l->verifier, signature, &note);
	if (!err)
		err = disk_replace(l->dir, "checkpoint", note.data, note.len);
	if (!err || err == -ESTALE)
		key_see(l->key, &c);
	return err;
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
	if (err && l->fd < 0)
		err = commit_write(l);
	if (!err)
		err = commit_publish(l);
	if (err && err != -ESTALE) {
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
	if (err)
		return why_set(
			why, -EIO,
			"ledger %s: checkpoint written, but may not outlive a power failure: "
			"its directory could not be synced",
			l->path);
	return 0;
}
