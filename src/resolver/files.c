/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* files.c - see files.h. */
#include "resolver/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

int files_open_root(const char *root)
{
	int fd = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Without waiting for whoever is at the other end of a FIFO. */
static int open_below(int root_fd, const char *path, int flags, bool own_links)
{
	struct open_how how = {
		.flags = (uint64_t)(O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags),
		.resolve = own_links ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
				     : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* A file may grow while it is read: what comes after size bytes is not taken. */
static int read_all(int fd, char *to, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, to + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

int files_read(int root_fd, const char *path, bool own_links, char **ret, size_t *ret_len)
{
	CLEANUP(cleanup_close) int fd = open_below(root_fd, path, 0, own_links);
	CLEANUP(cleanup_free) char *text = NULL;
	struct stat st;
	size_t len = 0;
	int err;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)FILES_MAX_BYTES)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	err = read_all(fd, text, (size_t)st.st_size, &len);
	if (err)
		return err;
	text[len] = '\0';
	*ret = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

int files_list(int root_fd, const char *path, files_entry_fn *f, void *arg)
{
	int fd = open_below(root_fd, path, O_DIRECTORY, true);
	CLEANUP(closedir_ptr) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (fd < 0)
		return fd;
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	for (size_t n = 0; n < FILES_MAX_ENTRIES && (entry = readdir(dir)); n++)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !f(entry->d_name, arg))
			break;
	return 0;
}
