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
	char *path; /* NULL = gone */
};

struct cgroups {
	struct mounts mounts;
	int fd[MOUNTS_N_HIERARCHIES]; /* of the mount points; -1 = not there */
	bool handles[MOUNTS_N_HIERARCHIES];
	bool walked[MOUNTS_N_HIERARCHIES]; /* since cgroups_begin() */
	struct cgroups_entry *entry;	   /* open addressing, capacity a power of two */
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
	*e = (struct cgroups_entry){ .id = id, .hierarchy = h, .path = path };
	c->stats.n_kept++;
	return path;
}

static void cgroups_forget(struct cgroups *c)
{
	for (size_t i = 0; i < c->capacity; i++)
		free(c->entry[i].path);
	memset(c->entry, 0, c->capacity * sizeof(*c->entry));
	c->stats.n_kept = 0;
}

int cgroups_new(const struct mounts *mounts, bool use_handles, struct cgroups **ret)
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
	cgroups_forget(c);
	for (int h = 0; h < MOUNTS_N_HIERARCHIES; h++)
		cleanup_close(&c->fd[h]);
	free(c->entry);
	free(c);
}

void cgroups_begin(struct cgroups *c)
{
	memset(c->walked, 0, sizeof(c->walked));
	if (c->stats.n_kept >= CGROUPS_MAX_KEPT)
		cgroups_forget(c);
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

	if (id == 0 || c->fd[h] < 0)
		return NULL;
	e = cgroups_slot(c, h, id);
	if (e->id)
		return e->path;
	err = cgroups_ask_kernel(c, h, id, &path);
	if (!err || err == -ESTALE)
		return cgroups_keep(c, h, id, path);
	if (err != -EAGAIN)
		return NULL;
	if (!c->walked[h]) {
		c->walked[h] = true;
		c->stats.n_walks++;
		resolve_walk(c->fd[h], &c->mounts.entry[h], cgroups_walk_found, &walk);
	}
	e = cgroups_slot(c, h, id);
	return e->id ? e->path : cgroups_keep(c, h, id, NULL);
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

struct cgroups_stats cgroups_stats(const struct cgroups *c)
{
	return c->stats;
}
