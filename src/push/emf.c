/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emf.c - lines of CloudWatch's embedded metric format into a file, a pipe, or to its agent. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "push/dial.h"
#include "push/emf_lines.h"

struct emf {
	int fd; /* of the agent; -1 = not connected */
	int type;
	struct dial_address address;
	const char *path; /* of a file; "-" = standard output; points into the address */
	struct buf lines;
};

DEFINE_CLEANUP(struct emf *, free)

static void close_sink(void *sink)
{
	struct emf *e = sink;

	cleanup_close(&e->fd);
	buf_free(&e->lines);
	free(e);
}

static int render(struct emf *e, const struct sink_tick *t, struct why *why)
{
	buf_reset(&e->lines);
	emf_lines_put(t, &e->lines);
	return e->lines.err ? why_set(why, e->lines.err, "%s", strerror(-e->lines.err)) : 0;
}

/* ---- a file ---- */

static int check_file(const char *address, struct why *why)
{
	if (strcmp(address, "-") != 0 && address[0] != '/')
		return why_set(why, -EINVAL, "'emf:%.100s': neither a path from / on nor -",
			       address);
	return 0;
}

static int open_file(const char *address, void **ret)
{
	struct emf *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->fd = -1;
	e->path = address;
	*ret = e;
	return 0;
}

/* All of it, for as long as somebody takes some of it in time. */
static int write_all(int fd, const char *data, size_t len)
{
	uint64_t until = clock_mono_ns() + SINK_TIMEOUT_NS;

	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		data += n;
		len -= (size_t)n;
		if (len && clock_mono_ns() > until)
			return -ETIMEDOUT;
	}
	return 0;
}

/* Anew each time, as it may have been moved away; a line that is cut is taken back. */
static int send_file(void *sink, const struct sink_tick *t, struct why *why)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct emf *e = sink;
	struct stat st;
	int err = render(e, t, why);

	if (err)
		return err;
	if (strcmp(e->path, "-") == 0) {
		err = write_all(STDOUT_FILENO, e->lines.data, e->lines.len);
		return err ? why_set(why, err, "%s", strerror(-err)) : 0;
	}
	fd = open(e->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (fd < 0 || fstat(fd, &st))
		return why_set(why, -errno, "%s: %s", e->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "%s is no regular file", e->path);
	err = write_all(fd, e->lines.data, e->lines.len);
	if (err && ftruncate(fd, st.st_size))
		return why_set(why, err, "%s: %s, and a line is cut", e->path, strerror(-err));
	return err ? why_set(why, err, "%s: %s", e->path, strerror(-err)) : 0;
}

/* ---- an agent ---- */

static int check_agent(const char *address, struct why *why)
{
	struct dial_address a;

	return dial_read(address, NULL, &a, why);
}

static int open_agent(const char *address, int type, void **ret)
{
	CLEANUP(free_ptr) struct emf *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->fd = -1;
	e->type = type;
	err = dial_read(address, NULL, &e->address, NULL);
	if (err)
		return err;
	*ret = TAKE_PTR(e);
	return 0;
}

static int open_tcp(const char *address, void **ret)
{
	return open_agent(address, SOCK_STREAM, ret);
}

static int open_udp(const char *address, void **ret)
{
	return open_agent(address, SOCK_DGRAM, ret);
}

/* A datagram holds a line; a stream all of them. */
static int send_lines(const struct emf *e)
{
	const char *at = e->lines.data, *end = at + e->lines.len;

	if (e->type == SOCK_STREAM)
		return write_all(e->fd, at, e->lines.len);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)(newline + 1 - at);

		if (send(e->fd, at, len, MSG_NOSIGNAL) != (ssize_t)len)
			return -errno;
		at += len;
	}
	return 0;
}

static int send_agent(void *sink, const struct sink_tick *t, struct why *why)
{
	struct emf *e = sink;
	int err = render(e, t, why);

	if (err)
		return err;
	if (e->type == SOCK_STREAM)
		dial_drop_ended(&e->fd);
	if (e->fd < 0) {
		int fd = dial(&e->address, e->type, why);

		if (fd < 0)
			return fd;
		e->fd = fd;
	}
	err = send_lines(e);
	if (!err)
		return 0;
	close(e->fd);
	e->fd = -1;
	return why_set(why, err, "%s", strerror(-err));
}

const struct sink_kind sink_emf_file = {
	.scheme = "emf:",
	.n_consumers = EMF_CONSUMERS,
	.check = check_file,
	.open = open_file,
	.send = send_file,
	.close = close_sink,
};

const struct sink_kind sink_emf_tcp = {
	.scheme = "emf+tcp://",
	.n_consumers = EMF_CONSUMERS,
	.check = check_agent,
	.open = open_tcp,
	.send = send_agent,
	.close = close_sink,
};

const struct sink_kind sink_emf_udp = {
	.scheme = "emf+udp://",
	.n_consumers = EMF_CONSUMERS,
	.check = check_agent,
	.open = open_udp,
	.send = send_agent,
	.close = close_sink,
};
