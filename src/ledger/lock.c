/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lock.c - see lock.h.
 *
 * An open-file-description lock rather than flock(): it can be asked for (F_OFD_GETLK), so that a
 * reader never holds what a starting writer needs.
 */
#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "ledger/disk.h"

#define LOCK_FILE "lock"

int lock_take(int dir, int *ret_pid)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[32];
	uint64_t pid;
	int n;

	fd = openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &whole)) {
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		*ret_pid = 0;
		if (!fs_pread_text(fd, text, sizeof(text), NULL) && !fs_parse_u64(text, &pid))
			*ret_pid = (int)pid;
		return -EBUSY;
	}
	/* Only for the message to a second writer: a failure on a full disk harms nothing. */
	n = snprintf(text, sizeof(text), "%-10d\n", (int)getpid());
	if (pwrite(fd, text, (size_t)n, 0) != n && ftruncate(fd, 0))
		return -errno;
	return TAKE_FD(fd);
}

bool lock_is_held(int dir)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	CLEANUP(cleanup_close) int fd = disk_open_file(dir, LOCK_FILE, O_RDONLY);

	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}
