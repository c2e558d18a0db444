/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* inspect.c - see inspect.h. */
#include "ledger/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/base.h"
#include "ledger/disk.h"
#include "ledger/lock.h"
#include "ledger/pack.h"
#include "ledger/seals.h"
#include "ledger/tiles.h"
#include "ledger/walk.h"

/* An open ledger. */
struct inspected {
	int dir;
	int seg_dir;
	int aside_dir;
	int lock;
	struct sealed sealed;
	struct tree tree;
	struct tiles tiles;
	uint64_t next; /* index that the next segment must begin with */
	struct base base;
};

static void inspected_end(struct inspected *i)
{
	const int fds[] = { i->dir, i->seg_dir, i->aside_dir, i->lock, i->tiles.dir };

	for (size_t n = 0; n < sizeof(fds) / sizeof(fds[0]); n++)
		if (fds[n] >= 0)
			close(fds[n]);
	free(i);
}

DEFINE_CLEANUP(struct inspected *, inspected_end)

static int inspect_open(const char *dir, struct inspected **ret, struct why *why)
{
	CLEANUP(inspected_end_ptr) struct inspected *i = calloc(1, sizeof(*i));

	if (!i)
		return -ENOMEM;
	i->seg_dir = i->aside_dir = i->lock = i->tiles.dir = -1;
	i->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (i->dir < 0)
		return why_set(why, -errno, "ledger %s: %s", dir, strerror(errno));
	i->seg_dir = openat(i->dir, "seg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (i->seg_dir < 0)
		return why_set(why, -errno, "%s is not a ledger: seg/: %s", dir, strerror(errno));
	*ret = TAKE_PTR(i);
	return 0;
}

int inspect_run(const char *dir, struct inspect *ret, struct why *why)
{
	CLEANUP(inspected_end_ptr) struct inspected *i = NULL;
	struct inspect r = { 0 };
	char name[WALK_NAME_LEN];
	struct seals seals;
	struct walk w;
	struct stat st;
	const char *what;
	int err = inspect_open(dir, &i, why);

	if (err)
		return err;
	err = sealed_read(i->dir, "checkpoint", &i->sealed, &what);
	if (err && err != -ENOENT)
		return why_set(why, err, "ledger %s: checkpoint: %s", dir,
			       err == -EBADMSG ? what : strerror(-err));
	r.has_checkpoint = err == 0;
	if (r.has_checkpoint) {
		memcpy(r.origin, i->sealed.checkpoint.origin, sizeof(r.origin));
		r.size = i->sealed.checkpoint.size;
		r.root = i->sealed.checkpoint.root;
	}
	err = walk_begin(&w, i->seg_dir, 0);
	if (err)
		return err;
	r.n_segments = w.n;
	r.first = w.n ? w.first[0] : 0;
	for (size_t n = 0; n < w.n; n++) {
		for (int packed = 0; packed <= 1; packed++) {
			walk_segment_name(w.first[n], packed, name);
			if (fstatat(i->seg_dir, name, &st, AT_SYMLINK_NOFOLLOW))
				continue;
			r.segment_bytes += (uint64_t)st.st_size;
			r.n_packed += (uint64_t)packed;
		}
	}
	walk_end(&w);
	err = seals_begin(&seals, i->dir);
	if (err)
		return err;
	r.n_kept = seals.n;
	seals_end(&seals);
	r.held = lock_is_held(i->dir);
	*ret = r;
	return 0;
}

static int inspect_line(uint64_t index, const char *line, size_t len, void *arg)
{
	struct inspected *i = arg;
	struct hash leaf;
	int err;

	if (index != i->tree.size)
		return -EBADMSG;
	err = tree_leaf(line, len, &leaf);
	if (!err)
		err = tree_add(&i->tree, &leaf);
	if (!err)
		err = tiles_add(&i->tiles, &leaf);
	return err ? err : i->tree.size == i->sealed.checkpoint.size;
}

/*
 * Which segments are the log: from index 0 on, each begins where the one before it ends. The others
 * move to aside/.
 */
static int inspect_strays(struct inspected *i, uint64_t *ret_n)
{
	struct member_inflater inflater = { 0 };
	struct walk_chunk c = { 0 };
	struct walk w;
	bool stray = false;
	int err = walk_begin(&w, i->seg_dir, 0);

	if (err)
		return err;
	i->next = i->base.first;
	err = walk_chunk_new(&c);
	while (!err) {
		err = walk_next(&w, &c);
		if (err <= 0)
			break;
		err = walk_unpack(&c, &inflater);
		if (c.begins)
			stray = c.first != i->next;
		if (!err && stray && c.begins) {
			char name[WALK_NAME_LEN], to[WALK_NAME_LEN + 8];

			walk_segment_name(c.first, w.packed, name);
			snprintf(to, sizeof(to), "stray-%s", name);
			if (renameat(i->seg_dir, name, i->aside_dir, to))
				err = -errno;
			(*ret_n)++;
		}
		for (size_t n = 0; !stray && c.step == WALK_LINES && n < c.len; n++)
			i->next += c.data[n] == '\n';
	}
	member_inflater_end(&inflater);
	walk_chunk_free(&c);
	walk_end(&w);
	return err;
}

/* Root over the covered records, and tiles where tiles.dir is set. */
static int inspect_hash(struct inspected *i)
{
	const struct checkpoint *c = &i->sealed.checkpoint;
	struct hash root;
	int err;

	i->tree = i->base.tree;
	i->tiles.size = 0;
	err = walk_lines(i->seg_dir, i->base.first, inspect_line, i);
	if (err < 0)
		return err;
	err = tree_root(&i->tree, &root);
	if (err)
		return err;
	return i->tree.size == c->size && memcmp(&root, &c->root, sizeof(root)) == 0 ? 0 : -EBADMSG;
}

int inspect_repair(const char *dir, struct inspect_mended *ret, struct why *why)
{
	CLEANUP(inspected_end_ptr) struct inspected *i = NULL;
	struct inspect_mended r = { 0 };
	const char *what;
	int pid, err = inspect_open(dir, &i, why);

	if (err)
		return err;
	i->lock = lock_take(i->dir, &pid);
	if (i->lock < 0)
		return why_set(why, i->lock, "ledger %s is being written; stop its writer first",
			       dir);
	err = sealed_read(i->dir, "checkpoint", &i->sealed, &what);
	if (err)
		return why_set(why, err, "ledger %s: checkpoint: %s", dir,
			       err == -EBADMSG ? what : strerror(-err));
	i->aside_dir = disk_make_dir_at(i->dir, "aside", 0755);
	err = i->aside_dir < 0 ? i->aside_dir : pack_clean(i->seg_dir);
	if (!err)
		err = base_load(i->dir, i->seg_dir, &i->base);
	if (!err)
		err = inspect_strays(i, &r.n_aside);
	if (!err)
		err = inspect_hash(i);
	if (err == -EBADMSG)
		return why_set(why, err,
			       "ledger %s: the records are not what was signed; nothing can mend "
			       "that, see jouletrail verify",
			       dir);
	/* The hashes of records that are gone are nowhere else. */
	if (!err && i->base.first == 0)
		err = tiles_remove(i->dir);
	if (!err && i->base.first == 0) {
		i->tiles.dir = disk_make_dir_at(i->dir, "tile", 0755);
		err = i->tiles.dir < 0 ? i->tiles.dir : inspect_hash(i);
	}
	if (err)
		return why_set(why, err, "ledger %s: %s", dir, strerror(-err));
	r.size = i->tree.size;
	r.n_tiles = i->base.first ? 0 : i->tree.size;
	*ret = r;
	return 0;
}
