/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.c - see capture.h. */
#include "daemon/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/capture_text.h"

struct capture {
	int fd;
	int err; /* the first one */
	struct capture_text text;
};

DEFINE_CLEANUP(struct capture *, capture_free)

void capture_free(struct capture *c)
{
	if (!c)
		return;
	cleanup_close(&c->fd);
	capture_text_free(&c->text);
	free(c);
}

/* What is in lines to the file. */
static int capture_flush(struct capture *c)
{
	struct buf *lines = &c->text.lines;
	size_t done = 0;

	if (!c->err)
		c->err = capture_text_error(&c->text);
	while (!c->err && done < lines->len) {
		ssize_t n = write(c->fd, lines->data + done, lines->len - done);

		if (n < 0 && errno != EINTR)
			c->err = -errno;
		if (n > 0)
			done += (size_t)n;
	}
	buf_reset(lines);
	return c->err;
}

int capture_new(const char *path, const struct capture_head *head, const struct intensity *i,
		struct capture **ret, struct why *why)
{
	CLEANUP(capture_free_ptr) struct capture *c = calloc(1, sizeof(*c));

	if (!c)
		return why_set(why, -ENOMEM, "capture: out of memory");
	c->text.has_names = head->has_names;
	c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->fd < 0)
		return why_set(why, -errno, "capture %s: %s", path, strerror(errno));
	capture_text_head(&c->text, head, i);
	if (capture_flush(c))
		return why_set(why, c->err, "capture %s: %s", path, strerror(-c->err));
	*ret = TAKE_PTR(c);
	return 0;
}

int capture_window(struct capture *c, const struct usage *u, const struct energy *e,
		   const struct intensity *i)
{
	if (c->err)
		return c->err;
	capture_text_window(&c->text, u, e, i);
	return capture_flush(c);
}

int capture_tick(struct capture *c, struct capture_tick t, const struct tick *tick)
{
	if (c->err)
		return c->err;
	capture_text_tick(&c->text, t, tick);
	return capture_flush(c);
}

int capture_end(struct capture *c, struct capture_end e, const struct tick *total)
{
	if (c->err)
		return c->err;
	capture_text_end(&c->text, e, total);
	return capture_flush(c);
}
