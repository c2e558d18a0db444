/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emissions_file.c - rows of many runs in one file: whole ones, below their own header only. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/emissions.h"

/* Beside a file with other columns, so many others are tried. */
#define N_BESIDE   99
#define HEADER_MAX 1024

/* Whether the file begins with that header; a spreadsheet may have written \r\n. */
static bool file_has_header(int fd, const struct buf *header)
{
	char text[HEADER_MAX];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	size_t kept = 0;

	for (ssize_t i = 0; i < n; i++)
		if (text[i] != '\r')
			text[kept++] = text[i];
	return kept >= header->len && memcmp(text, header->data, header->len) == 0;
}

/* All of it or nothing: half a row would be read as a whole one. */
static int file_put(int fd, const struct buf *text, off_t size)
{
	ssize_t n;
	int err;

	if (text->err)
		return text->err;
	n = write(fd, text->data, text->len);
	if (n == (ssize_t)text->len)
		return 0;
	err = n < 0 ? -errno : -ENOSPC;
	/* What stays behind a failed one would be an error of its own to say. */
	return ftruncate(fd, size) ? -EIO : err;
}

/* Returns 0, -EEXIST where the file has other columns, or -errno. */
static int file_append(const char *path, const struct buf *header, const struct buf *row)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct buf text = { 0 };
	struct stat st;
	char last = '\n';
	int err;

	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || flock(fd, LOCK_EX) || fstat(fd, &st))
		return -errno;
	if (st.st_size && !file_has_header(fd, header))
		return -EEXIST;
	if (!st.st_size)
		buf_append(&text, header->data, header->len);
	else if (pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
		buf_putc(&text, '\n'); /* a row that was cut off must not take this one with it */
	buf_append(&text, row->data, row->len);
	err = file_put(fd, &text, st.st_size);
	buf_free(&text);
	return err;
}

/* path, or its n-th neighbour: "emissions_1.csv" of "emissions.csv". */
static int file_beside(const char *path, unsigned int n, char *ret)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash + 1 : path, '.');
	size_t stem =
		dot && dot != (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
	int len = n ? snprintf(ret, PATH_MAX, "%.*s_%u%s", (int)stem, path, n, path + stem)
		    : snprintf(ret, PATH_MAX, "%s", path);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int emissions_append(const char *path, const struct buf *row, char *ret_path, struct why *why)
{
	struct buf header = { 0 };
	int err = row->err ? row->err : -EEXIST;

	emissions_header(&header);
	if (header.err)
		err = header.err;
	for (unsigned int n = 0; err == -EEXIST && n <= N_BESIDE; n++) {
		err = file_beside(path, n, ret_path);
		if (!err)
			err = file_append(ret_path, &header, row);
	}
	buf_free(&header);
	if (err == -EEXIST)
		return why_set(why, err, "%s: it and %d others beside it have other columns", path,
			       N_BESIDE);
	return err ? why_set(why, err, "cannot append to %s: %s", path, strerror(-err)) : 0;
}
