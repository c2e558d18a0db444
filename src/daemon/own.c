/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* own.c - see own.h. */
#include "daemon/own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A ledger's tiles and a guest's zone are four below their directory. */
#define MAX_DEPTH 8

struct owning {
	const char *path; /* of the tree, for messages */
	enum own_what what;
	struct account to;
	bool changes; /* else only looks */
};

static int refuse(const struct owning *o, const char *name, uid_t uid, struct why *why)
{
	return why_set(why, -EPERM,
		       "%s%s%s belongs to user %u, and the daemon runs as user %u: chown it, or "
		       "give another --user",
		       o->path, name ? "/" : "", name ? name : "", (unsigned int)uid,
		       (unsigned int)o->to.uid);
}

/* fd is O_PATH or more. */
static int own_one(const struct owning *o, int fd, const struct stat *st)
{
	bool other_names = !S_ISDIR(st->st_mode) && st->st_nlink != 1;

	if (!o->changes || st->st_uid != 0 || other_names)
		return 0;
	return fchownat(fd, "", o->to.uid, o->to.gid, AT_EMPTY_PATH) ? -errno : 0;
}

static bool is_key_name(const char *name)
{
	size_t n_hex = strspn(name, "0123456789abcdef");

	return !strncmp(name, "ledger.", strlen("ledger.")) || (n_hex == 16 && name[16] == '.');
}

/* Only what a guest's folder has, or nothing. */
static bool is_guest_folder(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(closedir_ptr) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, "sys") != 0 && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			return false;
	return d != NULL;
}

/* Whether an entry right below the tree's directory is what should be there. */
static bool is_expected(const struct owning *o, int fd, const char *name, const struct stat *st)
{
	switch (o->what) {
	case OWN_LEDGER:
		return true;
	case OWN_KEYS:
		return S_ISREG(st->st_mode) && is_key_name(name);
	case OWN_GUESTS:
		return S_ISDIR(st->st_mode) && is_guest_folder(fd);
	}
	return false;
}

static int own_dir(const struct owning *o, int dir_fd, int depth, struct why *why);

static int own_entry(const struct owning *o, int dir_fd, const char *name, int depth,
		     struct why *why)
{
	CLEANUP(cleanup_close) int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(cleanup_close) int sub = -1;
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode)) {
		sub = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0 || fstat(sub, &st))
			return -errno;
	}
	if (depth == 0 && !is_expected(o, sub, name, &st))
		return why_set(why, -EPERM,
			       "%s holds %s, which is none of ours: give a directory of its own",
			       o->path, name);
	if (st.st_uid != 0 && st.st_uid != o->to.uid)
		return o->what == OWN_GUESTS ? 0 : refuse(o, name, st.st_uid, why);
	err = own_one(o, sub < 0 ? fd : sub, &st);
	if (err || sub < 0)
		return err;
	return own_dir(o, sub, depth + 1, why);
}

static int own_dir(const struct owning *o, int dir_fd, int depth, struct why *why)
{
	int fd = depth < MAX_DEPTH ? openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	CLEANUP(closedir_ptr) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int err = 0;

	if (!d)
		return depth < MAX_DEPTH ? -errno : -ELOOP;
	while (!err && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = own_entry(o, dirfd(d), e->d_name, depth, why);
	return err;
}

int own_tree(const char *path, enum own_what what, const struct account *to, struct why *why)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct owning o = { .path = path, .what = what, .to = *to };
	struct why said = { "" };
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return why_set(why, -errno, "%s: %s", path, strerror(errno));
	if (st.st_uid != 0 && st.st_uid != to->uid)
		return refuse(&o, NULL, st.st_uid, why);
	err = own_dir(&o, fd, 0, &said);
	if (!err) {
		o.changes = true;
		err = own_dir(&o, fd, 0, &said);
	}
	if (!err)
		err = own_one(&o, fd, &st);
	if (err)
		why_set(why, err, "%s", said.text);
	return err && !said.text[0] ? why_set(why, err, "%s: %s", path, strerror(-err)) : err;
}
