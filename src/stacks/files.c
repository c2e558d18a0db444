/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* files.c - see files.h. */
#include "stacks/files.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"

/* root/proc/TGID/NAME, opened with flags; -1 = not there. */
static int open_of_process(const struct files *f, uint32_t tgid, const char *name, int flags)
{
	char path[FS_PATH_LEN], file[128];

	snprintf(file, sizeof(file), "proc/%" PRIu32 "/%s", tgid, name);
	if (fs_path(f->root, file, path, sizeof(path)))
		return -1;
	return open(path, flags | O_CLOEXEC);
}

/* path below the directory that is the root there; nothing leads out of it, and it is no link. */
static int open_below(int root_fd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

/*
 * A descriptor to read from, of one that names a file only: a device or a pipe is not opened, as
 * that alone may do something. -1 for what is no regular file.
 */
static int open_regular(int path_fd, struct stat *ret)
{
	char self[64];

	if (path_fd < 0 || fstat(path_fd, ret) || !S_ISREG(ret->st_mode))
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	return open(self, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* What is mapped there, even where its path has gone; -1 if it is not to be had. */
static int open_exact(const struct files *f, uint32_t tgid, const struct space_map *m,
		      struct stat *ret)
{
	CLEANUP(cleanup_close) int fd = -1;
	char name[80];

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, m->begin, m->end);
	fd = open_of_process(f, tgid, name, O_PATH);
	return open_regular(fd, ret);
}

/* By its path: in the process's root while it lives, else in ours. */
static int open_by_path(const struct files *f, uint32_t tgid, const char *path, struct stat *ret)
{
	CLEANUP(cleanup_close) int root_fd = open_of_process(f, tgid, "root", O_PATH | O_DIRECTORY);
	CLEANUP(cleanup_close) int fd = -1;

	if (root_fd < 0)
		root_fd = open(f->root[0] ? f->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -1;
	fd = open_below(root_fd, path);
	return open_regular(fd, ret);
}

/* The kernel's code in every process, out of ours. */
static int open_vdso(void)
{
	const char *image = (const char *)getauxval(AT_SYSINFO_EHDR);
	CLEANUP(cleanup_close) int fd = -1;
	Elf64_Ehdr head;
	size_t len;

	if (!image)
		return -1;
	memcpy(&head, image, sizeof(head));
	/* Section headers are its last part. */
	len = head.e_shoff + (size_t)head.e_shnum * head.e_shentsize;
	fd = memfd_create("vdso", MFD_CLOEXEC);
	if (fd < 0 || write(fd, image, len) != (ssize_t)len)
		return -1;
	return TAKE_FD(fd);
}

void files_open_mapped(struct files *f, struct source *s, uint32_t tgid, const struct space_map *m)
{
	struct stat st = { 0 };

	if (s->tried || f->n_open >= FILES_MAX_OPEN)
		return;
	s->tried = true;
	if (s->key.text[0] == '[') {
		s->fd = open_vdso();
		s->exact = true;
	} else {
		s->fd = open_exact(f, tgid, m, &st);
		s->exact = s->fd >= 0 && (!s->key.inode || st.st_ino == s->key.inode);
		if (s->fd < 0)
			s->fd = open_by_path(f, tgid, s->key.text, &st);
		/* Without a build id to compare later, the inode has to be the one. */
		if (s->fd >= 0 && !s->exact && !s->key.id_len && st.st_ino != s->key.inode) {
			close(s->fd);
			s->fd = -1;
		}
	}
	f->n_open += s->fd >= 0;
}

/* Its number where it thinks itself: the last of NSpid. */
static uint32_t own_pid(int dir_fd, uint32_t tgid)
{
	char text[8192], *line, *last;
	uint64_t pid;

	if (fs_read_text_at(dir_fd, "status", text, sizeof(text), NULL))
		return tgid;
	line = strstr(text, "\nNSpid:\t");
	if (!line)
		return tgid;
	line += strlen("\nNSpid:\t");
	line[strcspn(line, "\n")] = '\0';
	last = strrchr(line, '\t');
	return !fs_parse_u64(last ? last + 1 : line, &pid) && pid <= UINT32_MAX ? (uint32_t)pid
										: tgid;
}

void files_open_perf_map(struct files *f, struct source *s, uint32_t tgid)
{
	CLEANUP(cleanup_close) int dir_fd = open_of_process(f, tgid, ".", O_RDONLY | O_DIRECTORY);
	struct stat process, st;
	char path[64];
	int fd;

	/* Of a process that has gone nobody can say whose its map should be. */
	if (s->fd >= 0 || f->n_open >= FILES_MAX_OPEN || dir_fd < 0 || fstat(dir_fd, &process))
		return;
	snprintf(path, sizeof(path), "tmp/perf-%" PRIu32 ".map", own_pid(dir_fd, tgid));
	fd = open_by_path(f, tgid, path, &st);
	if (fd >= 0 && st.st_uid != process.st_uid && st.st_uid != 0) {
		close(fd);
		return;
	}
	s->fd = fd;
	f->n_open += fd >= 0;
}

void files_open_kallsyms(struct files *f, struct source *s)
{
	char path[FS_PATH_LEN];

	if (s->tried || fs_path(f->root, "proc/kallsyms", path, sizeof(path)))
		return;
	s->tried = true;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	f->n_open += s->fd >= 0;
}
