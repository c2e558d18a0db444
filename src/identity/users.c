/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* users.c - see users.h. */
#include "identity/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"

/* Lines taken: more accounts than that are no machine's own. */
#define USERS_MAX 65536

struct user {
	uint32_t uid;
	char *name;
};

struct users {
	char path[FS_PATH_LEN];
	struct stat seen;
	struct user *user; /* [n] in the order of the file: the first of a uid counts */
	size_t n;
};

DEFINE_CLEANUP(struct users *, users_free)

static void users_clear(struct users *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->user[i].name);
	free(u->user);
	u->user = NULL;
	u->n = 0;
}

void users_free(struct users *u)
{
	if (!u)
		return;
	users_clear(u);
	free(u);
}

int users_new(const char *root, struct users **ret)
{
	CLEANUP(users_free_ptr) struct users *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	if (fs_path(root, "etc/passwd", u->path, sizeof(u->path)))
		u->path[0] = '\0';
	users_refresh(u);
	*ret = TAKE_PTR(u);
	return 0;
}

/* "name:x:1000:…". Lines of another form are passed over. */
static void users_take(struct users *u, char *line)
{
	char *rest = line, *name = strsep(&rest, ":");
	struct user *more;
	uint64_t uid;

	strsep(&rest, ":");
	if (!rest || !name[0] || fs_parse_u64(strsep(&rest, ":"), &uid) || uid > UINT32_MAX)
		return;
	more = reallocarray(u->user, u->n + 1, sizeof(*more));
	if (!more)
		return;
	u->user = more;
	more[u->n] = (struct user){ .uid = (uint32_t)uid, .name = strdup(name) };
	u->n += more[u->n].name != NULL;
}

static void users_read(struct users *u)
{
	CLEANUP(fclose_ptr) FILE *f = fopen(u->path, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t size = 0;

	while (f && u->n < USERS_MAX && getline(&line, &size, f) >= 0)
		users_take(u, line);
}

void users_refresh(struct users *u)
{
	struct stat now = { 0 };

	if (stat(u->path, &now))
		now = (struct stat){ 0 };
	if (now.st_ino == u->seen.st_ino && now.st_size == u->seen.st_size &&
	    now.st_mtim.tv_sec == u->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == u->seen.st_mtim.tv_nsec)
		return;
	u->seen = now;
	users_clear(u);
	users_read(u);
}

const char *users_name(const struct users *u, uint32_t uid)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->user[i].uid == uid)
			return u->user[i].name;
	return NULL;
}

const char *users_name_of(const struct users *u, const char *uid)
{
	uint64_t n;

	return fs_parse_u64(uid, &n) || n > UINT32_MAX ? NULL : users_name(u, (uint32_t)n);
}
