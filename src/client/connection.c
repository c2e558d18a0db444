/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* connection.c - see connection.h: the socket, who reads it, and what comes in. */
#include "client/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jouletrail/units.h"

#define DEFAULT_TIMEOUT_MS 5000

DEFINE_CLEANUP(struct jt_client *, jt_client_close)

int client_new(const struct jt_client_options *o, struct jt_client **ret)
{
	const char *path = o && o->path ? o->path : secure_getenv(JT_CLIENT_SOCKET_ENV);
	uint32_t timeout_ms = o && o->timeout_ms ? o->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct jt_client *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (!c)
		return -ENOMEM;
	if (!path || !*path)
		path = JT_CLIENT_SOCKET;
	c->fd = -1;
	c->pid = getpid();
	c->says = o && o->flags & JT_CLIENT_SAY;
	c->timeout_ns = timeout_ms * JT_NS_PER_MS;
	/* One that is too long stays so, and connects to nothing. */
	if ((size_t)snprintf(c->path, sizeof(c->path), "%s", path) >= sizeof(c->path))
		c->broken = -ENAMETOOLONG;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->woken, &attr);
	pthread_condattr_destroy(&attr);
	*ret = c;
	return 0;
}

void jt_client_close(struct jt_client *c)
{
	if (!c)
		return;
	while (c->request) {
		struct client_request *r = c->request;

		c->request = r->next;
		free(r->line);
		free(r);
	}
	cleanup_close(&c->fd);
	buf_free(&c->in);
	/* In a child of fork() they may be in use by a thread that is not there. */
	if (c->pid == getpid()) {
		pthread_cond_destroy(&c->woken);
		pthread_mutex_destroy(&c->lock);
	}
	free(c);
}

int client_fail(struct jt_client *c, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->error, sizeof(c->error), fmt, ap);
	va_end(ap);
	return err;
}

/* The descriptor stays: another thread may be waiting for it. */
int client_break(struct jt_client *c, int err, const char *why)
{
	if (c->broken)
		return c->broken;
	c->broken = err;
	client_fail(c, err, "%s: %s", c->path, why);
	if (c->fd >= 0)
		shutdown(c->fd, SHUT_RDWR);
	if (c->says)
		dprintf(STDERR_FILENO,
			"jouletrail: monitor_only: %s; the program goes on, unmeasured\n",
			c->error);
	pthread_cond_broadcast(&c->woken);
	return err;
}

int client_connect(struct jt_client *c)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = (time_t)(c->timeout_ns / JT_NS_PER_S),
				   .tv_usec = (suseconds_t)(c->timeout_ns % JT_NS_PER_S / 1000) };
	int broken = c->broken;

	if (broken) {
		c->broken = 0;
		return client_break(c, -ENOTCONN, strerror(-broken));
	}
	memcpy(to.sun_path, c->path, sizeof(to.sun_path));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return client_break(c, -ENOTCONN, strerror(errno));
	/* A queue that is full is waited for as long as an answer is. */
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return 0;
	c->connect_errno = errno;
	if (errno == EAGAIN)
		return client_break(c, -ETIMEDOUT, "the daemon takes no connection");
	return client_break(c, -ENOTCONN,
			    errno == EACCES ? "not permitted: for root and the socket's group"
					    : strerror(errno));
}

/* ---- what comes in: the lock is held ---- */

static int error_of(const char *code)
{
	static const struct {
		const char *code;
		int err;
	} errors[] = {
		{ "bad_request", -EINVAL },    { "too_long", -EINVAL },
		{ "unknown_op", -EOPNOTSUPP }, { "unknown_span", -ENOENT },
		{ "forbidden", -EACCES },      { "not_found", -ENOENT },
		{ "limit", -EDQUOT },	       { "not_available", -ENODATA },
		{ "stopping", -ESHUTDOWN },
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(code, errors[i].code))
			return errors[i].err;
	return -EPROTO;
}

/* The daemon's error object in the client's words. */
static int client_take_error(struct jt_client *c, struct answer_value error)
{
	struct answer_value code = { 0 }, message = { 0 };
	char code_text[32], text[200];

	answer_member(error, "code", &code);
	answer_member(error, "message", &message);
	answer_text(code, code_text, sizeof(code_text));
	answer_text(message, text, sizeof(text));
	return client_fail(c, error_of(code_text), "the daemon says %s: %s", code_text, text);
}

/* An answer to nothing that was asked: what is said before the connection is closed, or late. */
static void client_take_stray(struct jt_client *c, uint64_t id, struct answer_value line)
{
	struct answer_value error;
	int err;

	if (id || answer_member(line, "error", &error))
		return;
	err = client_take_error(c, error);
	if (err != -EPROTO) {
		char why[sizeof(c->error)];

		memcpy(why, c->error, sizeof(why));
		client_break(c, err, why);
	}
}

static void client_take_line(struct jt_client *c, const char *text, size_t len)
{
	struct answer_value line = { text, len }, v;
	struct client_request *r;
	uint64_t id = 0;

	if (answer_check(text, len)) {
		client_break(c, -EPROTO, "what came is no JSON object");
		return;
	}
	if (!answer_member(line, "event", &v)) {
		if (c->event)
			c->event(line, c->event_arg);
		return;
	}
	if (answer_member(line, "id", &v) || answer_u64(v, &id)) {
		client_break(c, -EPROTO, "an answer has no id");
		return;
	}
	for (r = c->request; r && (r->id != id || r->line); r = r->next)
		;
	if (!r) {
		client_take_stray(c, id, line);
		return;
	}
	r->line = malloc(len + 1);
	if (!r->line) {
		client_break(c, -ENOMEM, "out of memory");
		return;
	}
	memcpy(r->line, text, len);
	r->line[len] = '\0';
	r->ok = (struct answer_value){ r->line, len };
}

/* The whole lines of what has come. */
static void client_take_lines(struct jt_client *c)
{
	size_t at = 0;
	char *lf;

	while (at < c->in.len && (lf = memchr(c->in.data + at, '\n', c->in.len - at))) {
		client_take_line(c, c->in.data + at, (size_t)(lf - c->in.data) - at);
		at = (size_t)(lf - c->in.data) + 1;
	}
	if (!at)
		return;
	memmove(c->in.data, c->in.data + at, c->in.len - at);
	c->in.len -= at;
}

/* What can be had without waiting. */
static void client_receive(struct jt_client *c)
{
	char piece[16384];
	ssize_t n;

	while (!c->broken) {
		n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			client_break(c, -ENOTCONN,
				     n ? strerror(errno) : "the daemon has closed the connection");
			return;
		}
		buf_append(&c->in, piece, (size_t)n);
		if (memchr(piece, '\n', (size_t)n))
			client_take_lines(c);
		if (c->in.err)
			client_break(c, -ENOMEM, "out of memory");
		else if (c->in.len > CLIENT_MAX_ANSWER)
			client_break(c, -EPROTO, "an answer without an end");
	}
}

int client_read_events(struct jt_client *c)
{
	int err;

	pthread_mutex_lock(&c->lock);
	client_receive(c);
	err = c->broken;
	pthread_mutex_unlock(&c->lock);
	return err;
}

/* ---- who waits ---- */

static void client_wait_turn(struct jt_client *c, uint64_t deadline_mono_ns)
{
	const struct timespec until = { .tv_sec = (time_t)(deadline_mono_ns / JT_NS_PER_S),
					.tv_nsec = (long)(deadline_mono_ns % JT_NS_PER_S) };

	pthread_cond_timedwait(&c->woken, &c->lock, &until);
}

/* Waits for the socket in everybody's place, with the lock let go of. */
static void client_wait_socket(struct jt_client *c, uint64_t wait_ns)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	const struct timespec wait = { .tv_sec = (time_t)(wait_ns / JT_NS_PER_S),
				       .tv_nsec = (long)(wait_ns % JT_NS_PER_S) };

	c->is_reading = true;
	pthread_mutex_unlock(&c->lock);
	ppoll(&pfd, 1, &wait, NULL);
	pthread_mutex_lock(&c->lock);
	c->is_reading = false;
	client_receive(c);
	pthread_cond_broadcast(&c->woken);
}

static int client_answered(struct jt_client *c, struct client_request *r)
{
	struct answer_value line = r->ok, error;

	if (!answer_member(line, "error", &error))
		return client_take_error(c, error);
	if (answer_member(line, "ok", &r->ok))
		return client_break(c, -EPROTO, "an answer says neither ok nor error");
	return 0;
}

int client_await(struct jt_client *c, struct client_request *r, uint64_t timeout_ns)
{
	uint64_t now_ns = clock_mono_ns(), deadline_ns = now_ns + timeout_ns;
	int err;

	pthread_mutex_lock(&c->lock);
	if (!c->is_reading)
		client_receive(c);
	while (!r->line && !c->broken && now_ns < deadline_ns) {
		if (c->is_reading)
			client_wait_turn(c, deadline_ns);
		else
			client_wait_socket(c, deadline_ns - now_ns);
		now_ns = clock_mono_ns();
	}
	if (r->line)
		err = client_answered(c, r);
	else if (c->broken)
		err = c->broken == -EPROTO || c->broken == -EDQUOT ? c->broken : -ENOTCONN;
	else
		err = client_fail(c, -ETIMEDOUT, "%s: no answer in %llu ms", c->path,
				  (unsigned long long)(timeout_ns / JT_NS_PER_MS));
	pthread_mutex_unlock(&c->lock);
	return err;
}
