/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* disk.c - see disk.h. */
#include "ledger/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"

int disk_open_dir(const char *path, mode_t mode)
{
	char part[FS_PATH_LEN];
	size_t len = strlen(path);
	int fd;

	if (len == 0 || len >= sizeof(part))
		return len ? -ENAMETOOLONG : -ENOENT;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, i == len ? mode : 0755) && errno != EEXIST && errno != EROFS)
			return -errno;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int disk_make_dir_at(int dir, const char *name, mode_t mode)
{
	int fd;

	if (mkdirat(dir, name, mode)) {
		if (errno != EEXIST)
			return -errno;
	} else if (fsync(dir)) {
		return -errno;
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int disk_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int disk_compare(int fd, off_t offset, const void *data, size_t len)
{
	char chunk[16384];
	const char *at = data;

	while (len) {
		ssize_t n = pread(fd, chunk, len < sizeof(chunk) ? len : sizeof(chunk), offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 || memcmp(chunk, at, (size_t)n) != 0)
			return -EIO;
		at += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A synced file dir/name that holds data; removed again when anything fails. */
static int disk_write_file(int dir, const char *name, int flags, mode_t mode, const void *data,
			   size_t len)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, mode);
	int err;

	if (fd < 0)
		return -errno;
	err = disk_write(fd, data, len);
	if (!err && fsync(fd))
		err = -errno;
	if (!err)
		err = disk_compare(fd, 0, data, len);
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlinkat(dir, name, 0);
	return err;
}

int disk_replace(int dir, const char *name, const void *data, size_t len)
{
	char tmp[64];
	int err;

	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	err = disk_write_file(dir, tmp, O_TRUNC, 0644, data, len);
	if (err)
		return err;
	if (renameat(dir, tmp, dir, name)) {
		err = -errno;
		unlinkat(dir, tmp, 0);
		return err;
	}
	return fsync(dir) ? -ESTALE : 0;
}

int disk_create(int dir, const char *name, mode_t mode, const void *data, size_t len)
{
	char tmp[64];
	int err;

	/* link() refuses to replace: of two processes that create a key at once, one wins. */
	snprintf(tmp, sizeof(tmp), "%.40s.%d.tmp", name, (int)getpid());
	err = disk_write_file(dir, tmp, O_EXCL, mode, data, len);
	if (err)
		return err;
	if (linkat(dir, tmp, dir, name, 0))
		err = -errno;
	unlinkat(dir, tmp, 0);
	if (!err && fsync(dir))
		err = -errno;
	return err;
}

int disk_open_file(int dir, const char *name, int flags)
{
	struct stat st;
	int fd = openat(dir, name, flags | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

int disk_read(int dir, const char *name, void *ret, size_t size, size_t *ret_len)
{
	CLEANUP(cleanup_close) int fd = disk_open_file(dir, name, O_RDONLY);
	size_t len = 0;
	char more;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n =
			len < size ? read(fd, (char *)ret + len, size - len) : read(fd, &more, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		if (len == size)
			return -EFBIG;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}
