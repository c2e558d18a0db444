/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cgroups.c - see cgroups.h: the hash, and which way an id is resolved. */
#include "identity/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/resolve.h"

struct cgroups_entry {
	uint64_t id; /* 0 = free slot */
	enum mounts_hierarchy hierarchy;
	bool removed;
	char *path;			 /* NULL = gone */
	uint64_t group[CGROUPS_N_SLOTS]; /* the caller's: cgroups_group() */
	uint64_t used; /* cgroups_begin() that it was asked for or told of after last */
};

/* Not used in this many ticks after it was removed: its last time has been told. */
#define KEPT_TICKS 2

struct cgroups {
	struct mounts mounts;
	int fd[MOUNTS_N_HIERARCHIES]; /* of the mount points; -1 = not there */
	bool handles[MOUNTS_N_HIERARCHIES];
	bool walked[MOUNTS_N_HIERARCHIES]; /* since cgroups_begin() */
	bool keep;
	uint64_t tick;
	struct cgroups_entry *entry; /* open addressing, capacity a power of two */
	size_t capacity;
	struct cgroups_stats stats;
};

/* Finalizer of splitmix64 (Steele, Lea, Flood 2014): ids are counters and would cluster. */
static uint64_t cgroups_hash(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* The entry of (h, id), or the free slot where it would go. */
static struct cgroups_entry *cgroups_slot(const struct cgroups *c, enum mounts_hierarchy h,
					  uint64_t id)
{
	size_t i = cgroups_hash(id ^ (uint64_t)h << 63) & (c->capacity - 1);

	while (c->entry[i].id && (c->entry[i].id != id || c->entry[i].hierarchy != h))
		i = (i + 1) & (c->capacity - 1);
	return &c->entry[i];
}

static int cgroups_grow(struct cgroups *c)
{
	struct cgroups old = *c;

	c->entry = calloc(2 * old.capacity, sizeof(*c->entry));
	if (!c->entry) {
		c->entry = old.entry;
		return -ENOMEM;
	}
	c->capacity = 2 * old.capacity;
	for (size_t i = 0; i < old.capacity; i++)
		if (old.entry[i].id)
			*cgroups_slot(c, old.entry[i].hierarchy, old.entry[i].id) = old.entry[i];
	free(old.entry);
	return 0;
}

/* Keeps path, which it takes over (NULL = gone), unless the id is known. Returns what is kept. */
static const char *cgroups_keep(struct cgroups *c, enum mounts_hierarchy h, uint64_t id, char *path)
{
	struct cgroups_entry *e;

	if (4 * (c->stats.n_kept + 1) > 3 * c->capacity && cgroups_grow(c)) {
		free(path);
		return NULL;
	}
	e = cgroups_slot(c, h, id);
	if (e->id) {
		free(path);
		return e->path;
	}
	*e = (struct cgroups_entry){ .id = id, .hierarchy = h, .path = path, .used = c->tick };
	c->stats.n_kept++;
	return path;
}

/* Whether nobody will ask for it any more; full: or it must make room. */
static bool cgroups_is_over(const struct cgroups *c, const struct cgroups_entry *e, bool full)
{
	if (e->used + KEPT_TICKS >= c->tick)
		return false;
	return full || (!c->keep && (e->removed || !e->path));
}

/* Forgets what is over: what stays is put into a table of its own, as gaps would break chains. */
static void cgroups_sweep(struct cgroups *c)
{
	bool full = c->stats.n_kept >= CGROUPS_MAX_KEPT;
	struct cgroups_entry *old = c->entry;
	size_t n_over = 0;

	for (size_t i = 0; i < c->capacity; i++)
		n_over += old[i].id && cgroups_is_over(c, &old[i], full);
	if (!n_over)
		return;
	c->entry = calloc(c->capacity, sizeof(*c->entry));
	if (!c->entry) {
		c->entry = old;
		return;
	}
	for (size_t i = 0; i < c->capacity; i++) {
		if (!old[i].id)
			continue;
		if (cgroups_is_over(c, &old[i], full)) {
			c->stats.n_forgotten += c->keep && old[i].removed;
			free(old[i].path);
			continue;
		}
		*cgroups_slot(c, old[i].hierarchy, old[i].id) = old[i];
	}
	c->stats.n_kept -= n_over;
	free(old);
}

int cgroups_new(const struct mounts *mounts, bool use_handles, bool keep, struct cgroups **ret)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->capacity = 256;
	c->entry = calloc(c->capacity, sizeof(*c->entry));
	if (!c->entry) {
		free(c);
		return -ENOMEM;
	}
	c->mounts = *mounts;
	c->keep = keep;
	for (int h = 0; h < MOUNTS_N_HIERARCHIES; h++) {
		c->fd[h] = -1;
		if (mounts->entry[h].point[0])
			c->fd[h] = open(mounts->entry[h].point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		c->handles[h] = use_handles && c->fd[h] >= 0;
	}
	*ret = c;
	return 0;
}

void cgroups_free(struct cgroups *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->capacity; i++)
		free(c->entry[i].path);
	for (int h = 0; h < MOUNTS_N_HIERARCHIES; h++)
		cleanup_close(&c->fd[h]);
	free(c->entry);
	free(c);
}

void cgroups_begin(struct cgroups *c)
{
	memset(c->walked, 0, sizeof(c->walked));
	c->tick++;
	cgroups_sweep(c);
}

/* One hierarchy being walked into the hash. */
struct cgroups_walk {
	struct cgroups *c;
	enum mounts_hierarchy h;
};

static bool cgroups_walk_found(uint64_t id, const char *path, void *arg)
{
	struct cgroups_walk *w = arg;
	struct cgroups_entry *e = cgroups_slot(w->c, w->h, id);
	char *copy;

	if (e->id)
		return true;
	if (w->c->stats.n_kept >= CGROUPS_MAX_KEPT)
		return false;
	copy = strdup(path);
	if (copy)
		cgroups_keep(w->c, w->h, id, copy);
	return copy != NULL;
}

static void cgroups_walk_all(struct cgroups_walk *w)
{
	w->c->walked[w->h] = true;
	w->c->stats.n_walks++;
	resolve_walk(w->c->fd[w->h], &w->c->mounts.entry[w->h], cgroups_walk_found, w);
}

void cgroups_seed(struct cgroups *c)
{
	for (int h = 0; h < MOUNTS_N_HIERARCHIES; h++) {
		struct cgroups_walk w = { .c = c, .h = (enum mounts_hierarchy)h };

		if (c->fd[h] >= 0)
			cgroups_walk_all(&w);
	}
}

/* Asks the kernel; when it may not be asked, remembers that. -EAGAIN = walk instead. */
static int cgroups_ask_kernel(struct cgroups *c, enum mounts_hierarchy h, uint64_t id, char **ret)
{
	int err;

	if (!c->handles[h])
		return -EAGAIN;
	c->stats.n_handles++;
	err = resolve_handle(c->fd[h], &c->mounts.entry[h], id, ret);
	if (err != -EPERM && err != -EOPNOTSUPP)
		return err;
	c->handles[h] = false;
	return -EAGAIN;
}

const char *cgroups_path(struct cgroups *c, enum mounts_hierarchy h, uint64_t id)
{
	struct cgroups_walk walk = { .c = c, .h = h };
	struct cgroups_entry *e;
	char *path = NULL;
	int err;

	if (id == 0)
		return NULL;
	e = cgroups_slot(c, h, id);
	if (e->id) {
		e->used = c->tick;
		return e->path;
	}
	if (c->fd[h] < 0)
		return NULL;
	err = cgroups_ask_kernel(c, h, id, &path);
	if (!err || err == -ESTALE)
		return cgroups_keep(c, h, id, path);
	if (err != -EAGAIN)
		return NULL;
	if (!c->walked[h])
		cgroups_walk_all(&walk);
	e = cgroups_slot(c, h, id);
	return e->id ? e->path : cgroups_keep(c, h, id, NULL);
}

/* "/a" and "b" are "/a/b"; the caller's to free, NULL without memory. */
static char *cgroups_join(const char *parent, const char *name, size_t len)
{
	char *path;

	if (!parent)
		parent = CGROUPS_UNSEEN;
	else if (!strcmp(parent, "/"))
		parent = "";
	return asprintf(&path, "%s/%.*s", parent, (int)len, name) < 0 ? NULL : path;
}

void cgroups_made(struct cgroups *c, enum mounts_hierarchy h, const struct jt_name *n,
		  const char *name)
{
	const char *parent = cgroups_path(c, h, n->parent_id);
	struct cgroups_entry *e = cgroups_slot(c, h, n->id);
	char *path;

	/* Asked for before it was told of; seen as gone, it is known better now. */
	if (n->id == 0 || (e->id && e->path))
		return;
	path = cgroups_join(parent, name, n->len);
	if (e->id)
		e->path = path;
	else if (path)
		cgroups_keep(c, h, n->id, path);
}

/* Puts `to` in the place of the first from_len bytes of what is at or below the renamed one. */
static void cgroups_move(struct cgroups_entry *e, const char *from, const char *to)
{
	size_t len = strlen(from);
	char *path;

	if (!e->path || strncmp(e->path, from, len) != 0 || (e->path[len] && e->path[len] != '/') ||
	    asprintf(&path, "%s%s", to, e->path + len) < 0)
		return;
	free(e->path);
	e->path = path;
	memset(e->group, 0, sizeof(e->group));
}

void cgroups_renamed(struct cgroups *c, enum mounts_hierarchy h, const struct jt_name *n,
		     const char *name)
{
	const char *parent = cgroups_path(c, h, n->parent_id);
	struct cgroups_entry *e = cgroups_slot(c, h, n->id);
	CLEANUP(cleanup_free) char *from = e->id && e->path ? strdup(e->path) : NULL;
	CLEANUP(cleanup_free) char *to = cgroups_join(parent, name, n->len);

	if (!from) {
		cgroups_made(c, h, n, name);
		return;
	}
	for (size_t i = 0; to && i < c->capacity; i++)
		if (c->entry[i].id && c->entry[i].hierarchy == h)
			cgroups_move(&c->entry[i], from, to);
}

void cgroups_removed(struct cgroups *c, enum mounts_hierarchy h, uint64_t id)
{
	struct cgroups_entry *e = cgroups_slot(c, h, id);

	if (!e->id)
		return;
	e->removed = true;
	e->used = c->tick;
}

uint64_t *cgroups_group(struct cgroups *c, enum mounts_hierarchy h, uint64_t id)
{
	struct cgroups_entry *e = id ? cgroups_slot(c, h, id) : NULL;

	return e && e->id ? e->group : NULL;
}

int cgroups_open(struct cgroups *c, enum mounts_hierarchy h, uint64_t id)
{
	const char *path = cgroups_path(c, h, id), *prefix = c->mounts.entry[h].prefix;
	size_t len = strlen(prefix);
	int fd;

	if (!path || strncmp(path, prefix, len) != 0)
		return -ENOENT;
	if (path[len] != '/' || !path[len + 1])
		return -EISDIR;
	fd = openat(c->fd[h], path + len + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* "/a/b": every part named, none of them "." or "..". */
static bool is_plain_path(const char *path)
{
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len == 0 || (path[0] == '.' && (len == 1 || (len == 2 && path[1] == '.'))))
			return false;
		path += len;
	}
	return !*path;
}

int cgroups_open_path(const struct cgroups *c, enum mounts_hierarchy h, const char *path)
{
	const char *prefix = c->mounts.entry[h].prefix;
	size_t len = strlen(prefix);
	int fd;

	if (path[0] != '/' || (path[1] && !is_plain_path(path)))
		return -EINVAL;
	if (c->fd[h] < 0 || strncmp(path, prefix, len) != 0 || (path[len] && path[len] != '/'))
		return -ENOENT;
	fd = openat(c->fd[h], path[len] && path[len + 1] ? path + len + 1 : ".",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

struct cgroups_stats cgroups_stats(const struct cgroups *c)
{
	return c->stats;
}
