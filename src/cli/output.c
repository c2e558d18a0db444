/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* output.c - see output.h. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/options.h"

int output_finish(const struct buf *text, int code)
{
	int err = -text->err;

	if (!err && text->len) {
		errno = 0;
		if (fwrite(text->data, 1, text->len, stdout) != text->len || fflush(stdout))
			err = errno ? errno : EIO;
	}
	if (!err)
		return code;
	if (err != EPIPE)
		log_error("cannot write to standard output: %s", strerror(err));
	return code == EXIT_DONE ? EXIT_FAILED : code;
}

int output_write(int fd, const struct buf *text)
{
	size_t done = 0;

	while (!text->err && done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			done += (size_t)n;
	}
	return text->err;
}

int output_file(const char *path, const struct buf *text)
{
	CLEANUP(cleanup_close)
	int fd = text->err ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return text->err ? text->err : -errno;
	return output_write(fd, text);
}
