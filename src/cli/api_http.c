/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_http.c - see api_http.h. */
#include "cli/api_http.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/clock.h"
#include "jouletrail/units.h"

/* Answers up to that size are made at once; larger ones in pieces. */
#define WHOLE_BYTES 16384
#define PIECE_BYTES 16384

struct http_slot {
	int fd; /* -1: free */
	uint64_t since_mono_ns;
};

struct api_http {
	struct MHD_Daemon *daemon;
	struct api_store *store;
	pthread_mutex_t lock; /* of slot: the server's thread, and who sweeps */
	uint64_t deadline_ns;
	struct http_slot slot[API_MAX_CONNECTIONS];
};

/* What comes in by and by. */
struct http_request {
	struct buf body;
	bool too_large;
	bool too_many;
	struct api_request q;
};

/* A stream and the data that its points lie in. */
struct http_stream {
	struct api_stream *stream;
	struct api_snapshot *snapshot;
};

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct http_stream *s = cls;
	size_t n = api_stream_next(s->stream, buf, max);

	(void)pos;
	return n ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_free(void *cls)
{
	struct http_stream *s = cls;

	api_snapshot_put(s->snapshot);
	free(s->stream);
	free(s);
}

/* A stream that ends within WHOLE_BYTES becomes the body: its length can then be said. */
static void make_whole(struct api_reply *r)
{
	struct api_stream *copy = malloc(sizeof(*copy));
	char *whole = malloc(WHOLE_BYTES);
	size_t n;

	if (copy && whole) {
		*copy = *r->stream;
		n = api_stream_next(copy, whole, WHOLE_BYTES);
		if (n < WHOLE_BYTES) {
			buf_append(&r->body, whole, n);
			free(r->stream);
			r->stream = NULL;
		}
	}
	free(copy);
	free(whole);
}

static struct MHD_Response *stream_response(struct api_reply *r, struct api_snapshot *snapshot)
{
	struct http_stream *s = malloc(sizeof(*s));
	struct MHD_Response *m;

	if (!s)
		return NULL;
	*s = (struct http_stream){ r->stream, snapshot };
	api_snapshot_get(snapshot);
	r->stream = NULL;
	m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, stream_read, s,
					      stream_free);
	if (!m)
		stream_free(s);
	return m;
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct api_reply *r,
				  struct api_snapshot *snapshot)
{
	struct MHD_Response *m;
	enum MHD_Result sent = MHD_NO;

	if (r->stream)
		make_whole(r);
	if (r->stream) {
		m = stream_response(r, snapshot);
	} else {
		m = MHD_create_response_from_buffer(r->body.len, r->body.data,
						    MHD_RESPMEM_MUST_FREE);
		if (m)
			r->body = (struct buf){ 0 };
	}
	if (m && (!r->type ||
		  MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, r->type) == MHD_YES))
		sent = MHD_queue_response(c, r->status, m);
	if (m)
		MHD_destroy_response(m);
	buf_free(&r->body);
	free(r->stream);
	return sent;
}

static enum MHD_Result take_param(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct http_request *h = cls;

	(void)kind;
	if (h->q.n_params == API_MAX_PARAMS) {
		h->too_many = true;
		return MHD_NO;
	}
	h->q.param[h->q.n_params++] = (struct api_param){ name, value ? value : "" };
	return MHD_YES;
}

/* All of the request is there. */
static enum MHD_Result answer(struct api_http *s, struct MHD_Connection *c, struct http_request *h)
{
	struct api_snapshot *snapshot = api_store_get(s->store);
	struct api_reply r = { 0 };
	enum MHD_Result sent;

	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_param, h);
	h->q.body = h->body.data ? h->body.data : "";
	h->q.body_len = h->body.len;
	h->q.now_s = clock_real_us() / (int64_t)JT_US_PER_S;
	if (h->too_large)
		api_problem(&r, 413, "body", "at most %u bytes", API_MAX_BODY);
	else if (h->too_many)
		api_problem(&r, 400, NULL, "at most %d parameters", API_MAX_PARAMS);
	else if (h->body.err)
		api_problem(&r, 503, NULL, "out of memory");
	else
		api_answer(api_snapshot_data(snapshot), &h->q, &r);
	sent = send_reply(c, &r, snapshot);
	api_snapshot_put(snapshot);
	return sent;
}

static bool declares_too_much(struct MHD_Connection *c)
{
	const char *length =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && strtoull(length, NULL, 10) > API_MAX_BODY;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's own eight parameters. */
static enum MHD_Result http_handler(void *cls, struct MHD_Connection *c, const char *url,
				    const char *method, const char *version, const char *data,
				    size_t *data_len, void **context)
{
	struct http_request *h = *context;

	(void)version;
	if (!h) {
		h = calloc(1, sizeof(*h));
		*context = h;
		if (!h)
			return MHD_NO;
		h->q.method = method;
		h->q.path = url;
		h->too_large = declares_too_much(c);
		/* Answered before it is sent: the rest is not waited for. */
		return h->too_large ? answer(cls, c, h) : MHD_YES;
	}
	if (*data_len == 0)
		return answer(cls, c, h);
	if (h->body.len + *data_len > API_MAX_BODY) {
		h->too_large = true;
		buf_free(&h->body);
	}
	if (!h->too_large)
		buf_append(&h->body, data, *data_len);
	*data_len = 0;
	return MHD_YES;
}

static void http_completed(void *cls, struct MHD_Connection *c, void **context,
			   enum MHD_RequestTerminationCode why)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_request *h = *context;
	struct http_slot *slot = info ? info->socket_context : NULL;

	(void)cls;
	(void)why;
	if (slot)
		__atomic_store_n(&slot->since_mono_ns, clock_mono_ns(), __ATOMIC_RELAXED);
	if (!h)
		return;
	buf_free(&h->body);
	free(h);
	*context = NULL;
}

/* A connection's place in the table, from its first byte to its last. */
static void http_connection(void *cls, struct MHD_Connection *c, void **context,
			    enum MHD_ConnectionNotificationCode what)
{
	struct api_http *s = cls;
	struct http_slot *slot = *context;

	pthread_mutex_lock(&s->lock);
	if (what == MHD_CONNECTION_NOTIFY_CLOSED && slot) {
		slot->fd = -1;
		*context = NULL;
	}
	for (size_t i = 0; what == MHD_CONNECTION_NOTIFY_STARTED && i < API_MAX_CONNECTIONS; i++) {
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

void api_http_sweep(struct api_http *h, uint64_t now_mono_ns)
{
	/* What was not read by now is not kept for a reader who may never come. */
	const struct linger none = { .l_onoff = 1 };

	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < API_MAX_CONNECTIONS; i++) {
		uint64_t since = __atomic_load_n(&h->slot[i].since_mono_ns, __ATOMIC_RELAXED);

		/* The server's thread sees its end and closes it. */
		if (h->slot[i].fd < 0 || now_mono_ns < since + h->deadline_ns)
			continue;
		setsockopt(h->slot[i].fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		shutdown(h->slot[i].fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&h->lock);
}

int api_http_start(int fd, struct api_store *store, uint64_t deadline_ns, struct api_http **ret,
		   struct why *why)
{
	struct api_http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->store = store;
	h->deadline_ns = deadline_ns;
	for (size_t i = 0; i < API_MAX_CONNECTIONS; i++)
		h->slot[i].fd = -1;
	pthread_mutex_init(&h->lock, NULL);
	h->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, http_handler, h,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, API_MAX_CONNECTIONS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)(deadline_ns / JT_NS_PER_S) + 1,
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

void api_http_stop(struct api_http *h)
{
	if (!h)
		return;
	MHD_stop_daemon(h->daemon);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
