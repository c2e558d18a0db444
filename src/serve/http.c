/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* http.c - see http.h. */
#include "serve/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jouletrail/units.h"

/* Streams are sent in pieces of that size. */
#define PIECE_BYTES 16384

struct http_slot {
	int fd; /* -1: free */
	uint64_t since_mono_ns;
};

struct http {
	struct MHD_Daemon *daemon;
	struct http_options options;
	pthread_mutex_t lock; /* of slot: the server's thread, and who sweeps */
	struct http_slot slot[HTTP_MAX_CONNECTIONS];
};

struct http_shared {
	struct MHD_Response *response;
};

/* What comes in by and by. */
struct http_exchange {
	struct buf body;
	struct http_request q;
};

struct http_stream {
	void *stream;
	ssize_t (*read)(void *stream, char *ret, size_t size);
	void (*free)(void *stream);
};

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct http_stream *s = cls;
	ssize_t n = s->read(s->stream, buf, max);

	(void)pos;
	return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_free(void *cls)
{
	struct http_stream *s = cls;

	s->free(s->stream);
	free(s);
}

static struct MHD_Response *stream_response(struct http_reply *r)
{
	struct http_stream *s = malloc(sizeof(*s));
	struct MHD_Response *m;

	if (!s)
		return NULL;
	*s = (struct http_stream){ r->stream, r->stream_read, r->stream_free };
	m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, stream_read, s,
					      stream_free);
	if (m)
		r->stream = NULL;
	else
		free(s);
	return m;
}

/* Takes the body. */
static struct MHD_Response *body_response(struct buf *body)
{
	struct MHD_Response *m =
		MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_FREE);

	if (m)
		*body = (struct buf){ 0 };
	return m;
}

static enum MHD_Result set_type(struct MHD_Response *m, const char *type)
{
	return type ? MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, type) : MHD_YES;
}

static enum MHD_Result add_headers(struct MHD_Response *m, const struct http_header *h)
{
	enum MHD_Result done = MHD_YES;

	for (; h && h->name && done == MHD_YES; h++)
		done = MHD_add_response_header(m, h->name, h->value);
	return done;
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct http_reply *r)
{
	enum MHD_Result sent = MHD_NO;
	struct MHD_Response *m;

	if (r->shared)
		return MHD_queue_response(c, r->status, r->shared->response);
	m = r->stream ? stream_response(r) : body_response(&r->body);
	if (m && set_type(m, r->type) == MHD_YES && add_headers(m, r->header) == MHD_YES)
		sent = MHD_queue_response(c, r->status, m);
	if (m)
		MHD_destroy_response(m);
	buf_free(&r->body);
	if (r->stream)
		r->stream_free(r->stream);
	return sent;
}

struct http_shared *http_shared_new(struct buf *body, const char *type)
{
	struct http_shared *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	s->response = body_response(body);
	if (s->response && set_type(s->response, type) == MHD_YES)
		return s;
	http_shared_free(s);
	return NULL;
}

void http_shared_free(struct http_shared *s)
{
	if (!s)
		return;
	if (s->response)
		MHD_destroy_response(s->response);
	free(s);
}

static enum MHD_Result take_param(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct http_request *q = cls;

	(void)kind;
	if (q->n_params == HTTP_MAX_PARAMS) {
		q->trouble = q->trouble ? q->trouble : HTTP_TOO_MANY;
		return MHD_NO;
	}
	q->param[q->n_params++] = (struct http_param){ name, value ? value : "" };
	return MHD_YES;
}

/* All of the request is there. */
static enum MHD_Result answer(struct http *s, struct MHD_Connection *c, struct http_exchange *x)
{
	struct http_reply r = { 0 };

	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_param, &x->q);
	x->q.accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	x->q.body = x->body.data ? x->body.data : "";
	x->q.body_len = x->body.len;
	if (x->body.err && !x->q.trouble)
		x->q.trouble = HTTP_NO_MEMORY;
	s->options.answer(s->options.arg, &x->q, &r);
	return send_reply(c, &r);
}

static bool declares_too_much(const struct http *s, struct MHD_Connection *c)
{
	const char *length =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && strtoull(length, NULL, 10) > s->options.max_body;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's own eight parameters. */
static enum MHD_Result http_handler(void *cls, struct MHD_Connection *c, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *data_len, void **context)
{
	struct http_exchange *x = *context;
	struct http *s = cls;

	(void)version;
	if (!x) {
		x = calloc(1, sizeof(*x));
		*context = x;
		if (!x)
			return MHD_NO;
		x->q.method = method;
		x->q.path = url;
		if (!declares_too_much(s, c))
			return MHD_YES;
		/* Answered before it is sent: the rest is not waited for. */
		x->q.trouble = HTTP_TOO_LARGE;
		return answer(s, c, x);
	}
	if (*data_len == 0)
		return answer(s, c, x);
	if (x->body.len + *data_len > s->options.max_body) {
		x->q.trouble = HTTP_TOO_LARGE;
		buf_free(&x->body);
	}
	if (x->q.trouble != HTTP_TOO_LARGE)
		buf_append(&x->body, data, *data_len);
	*data_len = 0;
	return MHD_YES;
}

static void http_completed(void *cls, struct MHD_Connection *c, void **context,
			   enum MHD_RequestTerminationCode why)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_slot *slot = info ? info->socket_context : NULL;
	struct http_exchange *x = *context;

	(void)cls;
	(void)why;
	if (slot)
		__atomic_store_n(&slot->since_mono_ns, clock_mono_ns(), __ATOMIC_RELAXED);
	if (!x)
		return;
	buf_free(&x->body);
	free(x);
	*context = NULL;
}

/* A connection's place in the table, from its first byte to its last. */
static void http_connection(void *cls, struct MHD_Connection *c, void **context,
			    enum MHD_ConnectionNotificationCode what)
{
	struct http *s = cls;
	struct http_slot *slot = *context;

	pthread_mutex_lock(&s->lock);
	if (what == MHD_CONNECTION_NOTIFY_CLOSED && slot) {
		slot->fd = -1;
		*context = NULL;
	}
	for (size_t i = 0; what == MHD_CONNECTION_NOTIFY_STARTED && i < HTTP_MAX_CONNECTIONS; i++) {
		if (s->slot[i].fd >= 0)
			continue;
		s->slot[i].fd =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		s->slot[i].since_mono_ns = clock_mono_ns();
		*context = &s->slot[i];
		break;
	}
	pthread_mutex_unlock(&s->lock);
}

void http_sweep(struct http *h, uint64_t now_mono_ns)
{
	/* What was not read by now is not kept for a reader who may never come. */
	const struct linger none = { .l_onoff = 1 };

	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HTTP_MAX_CONNECTIONS; i++) {
		uint64_t since = __atomic_load_n(&h->slot[i].since_mono_ns, __ATOMIC_RELAXED);

		/* The server's thread sees its end and closes it. */
		if (h->slot[i].fd < 0 || now_mono_ns < since + h->options.deadline_ns)
			continue;
		setsockopt(h->slot[i].fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		shutdown(h->slot[i].fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&h->lock);
}

int http_start(const struct http_options *o, struct http **ret, struct why *why)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->options = *o;
	for (size_t i = 0; i < HTTP_MAX_CONNECTIONS; i++)
		h->slot[i].fd = -1;
	pthread_mutex_init(&h->lock, NULL);
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, http_handler, h,
		MHD_OPTION_LISTEN_SOCKET, o->fd, MHD_OPTION_CONNECTION_LIMIT, HTTP_MAX_CONNECTIONS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)(o->deadline_ns / JT_NS_PER_S) + 1,
		MHD_OPTION_NOTIFY_COMPLETED, http_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		http_connection, h, MHD_OPTION_END);
	if (!h->daemon) {
		pthread_mutex_destroy(&h->lock);
		free(h);
		return why_set(why, -EIO, "libmicrohttpd does not start");
	}
	*ret = h;
	return 0;
}

void http_stop(struct http *h)
{
	int fd;

	if (!h)
		return;
	/* Stopping would end the listening socket for all who have it. */
	fd = MHD_quiesce_daemon(h->daemon);
	MHD_stop_daemon(h->daemon);
	cleanup_close(&fd);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
