/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* resolve.c - see resolve.h. */
#include "identity/resolve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"

/* FILEID_KERNFS of the kernel's include/linux/exportfs.h; absent from the uapi headers. */
#define RESOLVE_FILEID_KERNFS 0xfe
/* Deeper than any cgroup tree that is in use; a bound for the walk's open descriptors. */
#define RESOLVE_MAX_DEPTH 64

/* The kernel ends the name of an open but removed file so; a live group may be named so too. */
static void resolve_cut_deleted(int fd, char *link)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(link), mark_len = sizeof(mark) - 1;
	struct stat open_st, named_st;

	if (len <= mark_len || strcmp(link + len - mark_len, mark) != 0)
		return;
	if (!fstat(fd, &open_st) && !lstat(link, &named_st) && open_st.st_ino == named_st.st_ino)
		return;
	link[len - mark_len] = '\0';
}

int resolve_handle(int mount_fd, const struct mounts_entry *m, uint64_t id, char **ret)
{
	union {
		struct file_handle h;
		unsigned char bytes[sizeof(struct file_handle) + sizeof(id)];
	} handle = { .h = { .handle_bytes = sizeof(id), .handle_type = RESOLVE_FILEID_KERNFS } };
	CLEANUP(cleanup_close) int fd = -1;
	char proc[64], link[PATH_MAX];
	size_t point_len = strlen(m->point);
	const char *below;
	ssize_t len;

	memcpy(handle.h.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &handle.h, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	len = readlink(proc, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';
	resolve_cut_deleted(fd, link);
	if (strncmp(link, m->point, point_len) != 0 || (link[point_len] && link[point_len] != '/'))
		return -ESTALE;
	below = link + point_len;
	if (asprintf(ret, "%s%s", m->prefix, *below || *m->prefix ? below : "/") < 0)
		return -ENOMEM;
	return 0;
}

/* path is that of the directory fd, which it closes; it is restored before the return. */
static bool resolve_walk_dir(int fd, struct buf *path, unsigned int depth, resolve_found_fn *f,
			     void *arg)
{
	CLEANUP(closedir_ptr) DIR *dir = NULL;
	size_t len = path->len;
	struct dirent *entry;
	struct stat st;

	if (fstat(fd, &st) || path->err) {
		close(fd);
		return !path->err;
	}
	if (!f(st.st_ino, len ? path->data : "/", arg)) {
		close(fd);
		return false;
	}
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	while (dir && depth < RESOLVE_MAX_DEPTH && (entry = readdir(dir))) {
		int child;

		if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
			continue;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		child = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue;
		buf_printf(path, "/%s", entry->d_name);
		if (!resolve_walk_dir(child, path, depth + 1, f, arg))
			return false;
		path->len = len;
		path->data[len] = '\0';
	}
	return true;
}

void resolve_walk(int mount_fd, const struct mounts_entry *m, resolve_found_fn *f, void *arg)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	int fd = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	buf_puts(&path, m->prefix);
	resolve_walk_dir(fd, &path, 0, f, arg);
}
