/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tail.c - see tail.h. */
#include "ledger/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/disk.h"
#include "ledger/walk.h"

/* Read first; twice as much each time it does not do. */
#define TAIL_STEP ((size_t)64 << 10)

/* Offset of the n-th last line in data, whose first byte begins a line if whole; -1 = not there. */
static ssize_t tail_find(const struct buf *data, uint64_t n, bool whole)
{
	for (size_t i = data->len - 1; i > 0; i--)
		if (data->data[i - 1] == '\n' && --n == 0)
			return (ssize_t)i;
	return whole && n == 1 ? 0 : -1;
}

/* The last len bytes of the file of that size. */
static int tail_last(int fd, off_t size, size_t len, struct buf *ret)
{
	CLEANUP(cleanup_free) char *data = malloc(len);
	size_t done = 0;

	if (!data)
		return -ENOMEM;
	while (done < len) {
		ssize_t got = pread(fd, data + done, len - done, size - (off_t)(len - done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EBADMSG;
		done += (size_t)got;
	}
	buf_reset(ret);
	buf_append(ret, data, len);
	return ret->err;
}

int tail_read(int seg_dir, uint64_t first, uint64_t n, struct buf *ret, uint64_t *ret_size)
{
	CLEANUP(cleanup_close) int fd = -1;
	char name[WALK_NAME_LEN];
	struct stat st;
	ssize_t at;
	size_t len;
	int err;

	walk_segment_name(first, false, name);
	fd = disk_open_file(seg_dir, name, O_RDONLY);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	for (len = TAIL_STEP;; len *= 2) {
		bool whole = (off_t)len >= st.st_size;

		err = tail_last(fd, st.st_size, whole ? (size_t)st.st_size : len, ret);
		if (err)
			return err;
		if (ret->len == 0 || n == 0 || ret->data[ret->len - 1] != '\n')
			return -EBADMSG;
		at = tail_find(ret, n, whole);
		if (at >= 0)
			break;
		if (whole || len >= TAIL_MAX_BYTES)
			return -EBADMSG;
	}
	ret->len -= (size_t)at;
	memmove(ret->data, ret->data + at, ret->len);
	*ret_size = (uint64_t)st.st_size;
	return 0;
}
