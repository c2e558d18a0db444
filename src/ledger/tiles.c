/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tiles.c - see tiles.h. */
#include "ledger/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"

#define TILES_BYTES (TILES_WIDTH * HASH_LEN)

void tiles_path(unsigned int level, uint64_t number, char ret[TILES_PATH_LEN])
{
	unsigned int group[7], n = 0;
	int len = snprintf(ret, TILES_PATH_LEN, "%u/", level);

	do {
		group[n++] = (unsigned int)(number % 1000);
		number /= 1000;
	} while (number);
	while (n-- > 0)
		len += snprintf(ret + len, TILES_PATH_LEN - (size_t)len, n ? "x%03u/" : "%03u",
				group[n]);
}

/* Writes the file below dir, making its directories. Not synced: it can be made again. */
static void tiles_write(int dir, const char *path, const struct hash *entry, size_t n)
{
	char part[TILES_PATH_LEN + 16];
	int fd = -1;

	for (int round = 0; fd < 0 && round < 2; round++) {
		fd = openat(dir, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd >= 0 || errno != ENOENT)
			break;
		for (size_t i = 0; path[i]; i++) {
			memcpy(part, path, i);
			part[i] = '\0';
			if (path[i] == '/' && i > 0)
				mkdirat(dir, part, 0755);
		}
	}
	if (fd < 0)
		return;
	if (disk_write(fd, entry, n * HASH_LEN) || ftruncate(fd, (off_t)(n * HASH_LEN)))
		unlinkat(dir, path, 0);
	close(fd);
}

static void tiles_write_partial(const struct tiles *t, unsigned int level, uint64_t number,
				size_t n)
{
	char path[TILES_PATH_LEN], before[TILES_PATH_LEN + 16], partial[TILES_PATH_LEN + 16];

	tiles_path(level, number, path);
	snprintf(before, sizeof(before), "%s.p/%zu", path, n - 1);
	snprintf(partial, sizeof(partial), "%s.p/%zu", path, n);
	/* The same file under its new name: file systems are slow to give inodes out again. */
	renameat(t->dir, before, t->dir, partial);
	tiles_write(t->dir, partial, t->entry[level], n);
}

static void tiles_write_full(const struct tiles *t, unsigned int level, uint64_t number)
{
	char path[TILES_PATH_LEN], partial[TILES_PATH_LEN + 16];

	tiles_path(level, number, path);
	snprintf(partial, sizeof(partial), "%s.p/%d", path, TILES_WIDTH - 1);
	renameat(t->dir, partial, t->dir, path);
	tiles_write(t->dir, path, t->entry[level], TILES_WIDTH);
	if (level == 0)
		return;
	snprintf(partial, sizeof(partial), "%s.p", path);
	unlinkat(t->dir, partial, AT_REMOVEDIR);
}

int tiles_add(struct tiles *t, const struct hash *leaf)
{
	struct hash node = *leaf;
	unsigned int level;
	int err;

	for (level = 0; level < TILES_LEVELS; level++) {
		uint64_t place = t->size >> (8 * level);

		t->entry[level][place % TILES_WIDTH] = node;
		if ((place + 1) % TILES_WIDTH != 0) {
			if (level > 0 && t->dir >= 0)
				tiles_write_partial(t, level, place / TILES_WIDTH,
						    place % TILES_WIDTH + 1);
			break;
		}
		if (t->dir >= 0)
			tiles_write_full(t, level, place / TILES_WIDTH);
		err = tree_subtree(t->entry[level], TILES_WIDTH, &node);
		if (err)
			return err;
	}
	t->size++;
	return 0;
}

/* Reads a tile of n entries at least: the full one, or the longest partial one. */
static int tiles_read(int dir, unsigned int level, uint64_t number, size_t n, struct hash *ret)
{
	CLEANUP(closedir_ptr) DIR *d = NULL;
	char path[TILES_PATH_LEN], partial[TILES_PATH_LEN + 2];
	uint64_t width, best = 0;
	struct dirent *e;
	size_t len;
	int fd;

	tiles_path(level, number, path);
	if (!disk_read(dir, path, ret, TILES_BYTES, &len) && len == TILES_BYTES)
		return 0;
	snprintf(partial, sizeof(partial), "%s.p", path);
	fd = openat(dir, partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return -ENOENT;
	}
	while ((e = readdir(d)))
		if (!fs_parse_u64(e->d_name, &width) && width > best && width < TILES_WIDTH)
			best = width;
	snprintf(partial, sizeof(partial), "%" PRIu64, best);
	if (best < n || disk_read(fd, partial, ret, TILES_BYTES, &len) || len != best * HASH_LEN)
		return -ENOENT;
	return 0;
}

/* Peaks of the tree that stand in the last tile of this level. */
static int tiles_peaks(const struct hash *entry, unsigned int level, size_t n, struct tree *tree)
{
	for (unsigned int b = 0; b < 8; b++) {
		size_t from = n >> (b + 1) << (b + 1);

		if (n >> b & 1 &&
		    tree_subtree(entry + from, (size_t)1 << b, &tree->peak[8 * level + b]))
			return -ENOMEM;
	}
	return 0;
}

int tiles_load(struct tiles *t, uint64_t size, struct tree *ret_tree)
{
	struct tree tree = { .size = size };
	int err;

	if (size % TILES_WIDTH != 0)
		return -ENOENT;
	for (unsigned int level = 1; level < TILES_LEVELS; level++) {
		uint64_t place = size >> (8 * level);
		size_t n = place % TILES_WIDTH;

		if (n == 0)
			continue;
		err = tiles_read(t->dir, level, place / TILES_WIDTH, n, t->entry[level]);
		if (!err)
			err = tiles_peaks(t->entry[level], level, n, &tree);
		if (err)
			return err;
	}
	t->size = size;
	*ret_tree = tree;
	return 0;
}

int tiles_load_any(struct tiles *t, uint64_t size)
{
	uint64_t whole = size / TILES_WIDTH * TILES_WIDTH;
	struct tree tree;
	int err = tiles_load(t, whole, &tree);

	if (!err && size > whole)
		err = tiles_read(t->dir, 0, size / TILES_WIDTH, TILES_WIDTH, t->entry[0]);
	if (!err)
		t->size = size;
	return err;
}

int tiles_node(int dir, unsigned int level, uint64_t number, struct hash *ret)
{
	/* The node stands, as an entry or as the root of several, in a tile of this level. */
	unsigned int tile_level = level / 8;
	size_t n = (size_t)1 << level % 8;
	uint64_t place = number * n;
	struct hash entry[TILES_WIDTH];
	int err = tiles_read(dir, tile_level, place / TILES_WIDTH, place % TILES_WIDTH + n, entry);

	return err ? err : tree_subtree(entry + place % TILES_WIDTH, n, ret);
}

/* Everything in the directory fd, which is closed. depth bounds what a stranger could nest. */
static int tiles_empty(int fd, int depth)
{
	CLEANUP(closedir_ptr) DIR *d = fdopendir(fd);
	struct dirent *e;
	int err = 0;

	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(fd, e->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
		if (depth > 0) {
			int inner = openat(fd, e->d_name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			err = inner < 0 ? -errno : tiles_empty(inner, depth - 1);
		}
		if (!err && unlinkat(fd, e->d_name, AT_REMOVEDIR))
			err = -errno;
	}
	return err;
}

int tiles_remove(int dir)
{
	int fd = openat(dir, "tile", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = tiles_empty(fd, 10);
	if (!err && unlinkat(dir, "tile", AT_REMOVEDIR))
		err = -errno;
	return err;
}
