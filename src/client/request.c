/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* request.c - what goes out: see connection.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/connection.h"
#include "jouletrail/units.h"

/* Without the lock: a child of fork() may have got it from a thread that is not there. */
static bool is_usable(const struct jt_client *c)
{
	return c && c->fd >= 0 && c->pid == getpid();
}

int client_refuse(struct jt_client *c, int err, const char *text)
{
	if (!is_usable(c))
		return -ENOTCONN;
	pthread_mutex_lock(&c->lock);
	client_fail(c, err, "%s", text);
	pthread_mutex_unlock(&c->lock);
	return err;
}

void jt_client_error(struct jt_client *c, char *ret, size_t size)
{
	if (!size)
		return;
	if (!c || c->pid != getpid()) {
		snprintf(ret, size, "%s", c ? "this client is of the parent process" : "no client");
		return;
	}
	pthread_mutex_lock(&c->lock);
	snprintf(ret, size, "%s", c->error);
	pthread_mutex_unlock(&c->lock);
}

int client_begin(struct jt_client *c, const char *op, struct json_writer *w, struct buf *out)
{
	if (!is_usable(c))
		return -ENOTCONN;
	pthread_mutex_lock(&c->lock);
	if (c->broken) {
		pthread_mutex_unlock(&c->lock);
		return -ENOTCONN;
	}
	json_begin(w, out);
	json_object_begin(w);
	json_kv_u64(w, "id", ++c->last_id);
	json_kv_str(w, "op", op);
	return 0;
}

/* All of it, or the connection is of no use any more. */
static int send_all(struct jt_client *c, const struct buf *out)
{
	uint64_t deadline_ns = clock_mono_ns() + c->timeout_ns;
	struct pollfd pfd = { .fd = c->fd, .events = POLLOUT };
	size_t done = 0;

	while (done < out->len) {
		ssize_t n =
			send(c->fd, out->data + done, out->len - done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return -errno;
		else if (clock_mono_ns() >= deadline_ns)
			return -ETIMEDOUT;
		else
			poll(&pfd, 1, 10);
	}
	return 0;
}

static int send_request(struct jt_client *c, const struct buf *out, uint64_t span,
			struct client_request **ret)
{
	struct client_request *r;
	int err = out->err;

	if (err)
		return client_fail(c, err, "the request cannot be written: %s", strerror(-err));
	if (out->len > CLIENT_MAX_REQUEST || !json_utf8_valid(out->data, out->len))
		return client_fail(c, -EINVAL, "the request is too long, or no UTF-8");
	r = calloc(1, sizeof(*r));
	if (!r)
		return client_fail(c, -ENOMEM, "out of memory");
	err = send_all(c, out);
	if (err) {
		free(r);
		client_fail(c, err, "%s: %s", c->path, strerror(-err));
		/* Half a line went out: the next one would be read as its rest. */
		shutdown(c->fd, SHUT_RDWR);
		return err == -ETIMEDOUT ? err : -ENOTCONN;
	}
	*r = (struct client_request){
		.next = c->request, .id = c->last_id, .span = span, .is_awaited = span == 0
	};
	c->request = r;
	*ret = r;
	return 0;
}

int client_send(struct jt_client *c, struct json_writer *w, uint64_t span,
		struct client_request **ret)
{
	struct buf *out = w->out;
	int err;

	json_object_end(w);
	buf_putc(out, '\n');
	err = send_request(c, out, span, ret);
	pthread_mutex_unlock(&c->lock);
	buf_free(out);
	return err;
}

void client_done(struct jt_client *c, struct client_request *r)
{
	struct client_request **at = &c->request;

	pthread_mutex_lock(&c->lock);
	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
	pthread_mutex_unlock(&c->lock);
	free(r->line);
	free(r);
}

int client_find_end(struct jt_client *c, uint64_t span, struct client_request **ret)
{
	struct client_request *r;
	int err = 0;

	if (!is_usable(c))
		return -ENOTCONN;
	pthread_mutex_lock(&c->lock);
	for (r = c->request; r && (r->span != span || !span); r = r->next)
		;
	if (!r)
		err = client_fail(c, -ENOENT, "span %llu was not ended", (unsigned long long)span);
	else if (r->is_awaited)
		err = client_fail(c, -EBUSY, "another thread waits for span %llu",
				  (unsigned long long)span);
	else
		r->is_awaited = true;
	pthread_mutex_unlock(&c->lock);
	if (!err)
		*ret = r;
	return err;
}

void client_leave_end(struct jt_client *c, struct client_request *r)
{
	pthread_mutex_lock(&c->lock);
	r->is_awaited = false;
	pthread_mutex_unlock(&c->lock);
}

int client_ask(struct jt_client *c, const char *op, const char *member, uint64_t value,
	       struct client_request **ret)
{
	struct client_request *r;
	struct buf out = { 0 };
	struct json_writer w;
	int err = client_begin(c, op, &w, &out);

	if (err)
		return err;
	if (member)
		json_kv_u64(&w, member, value);
	err = client_send(c, &w, 0, &r);
	if (err)
		return err;
	err = client_await(c, r, c->timeout_ns);
	if (err)
		client_done(c, r);
	else
		*ret = r;
	return err;
}
