/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_http.c - see api_http.h. */
#include "cli/api_http.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/api_store.h"
#include "jouletrail/units.h"

/* Answers up to that size are made at once; larger ones in pieces. */
#define WHOLE_BYTES 16384

static_assert(HTTP_MAX_PARAMS <= API_MAX_PARAMS, "the API takes all that the server does");

/* A stream and the data that its points lie in. */
struct held_stream {
	struct api_stream *stream;
	struct api_snapshot *snapshot;
};

static ssize_t held_read(void *stream, char *ret, size_t size)
{
	struct held_stream *s = stream;

	return (ssize_t)api_stream_next(s->stream, ret, size);
}

static void held_free(void *stream)
{
	struct held_stream *s = stream;

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

/* The stream goes to the server, with the data it is of. */
static void hold_stream(struct api_reply *from, struct api_snapshot *snapshot, struct http_reply *r)
{
	struct held_stream *s = malloc(sizeof(*s));

	if (!s) {
		api_problem(from, 503, NULL, "out of memory"); /* frees it */
		return;
	}
	*s = (struct held_stream){ from->stream, snapshot };
	api_snapshot_get(snapshot);
	r->stream = s;
	r->stream_read = held_read;
	r->stream_free = held_free;
}

static void answer(const struct api_data *d, const struct http_request *q, struct api_reply *r)
{
	struct api_request a = { .method = q->method,
				 .path = q->path,
				 .n_params = q->n_params,
				 .body = q->body,
				 .body_len = q->body_len,
				 .now_s = clock_real_us() / (int64_t)JT_US_PER_S };

	for (size_t i = 0; i < q->n_params; i++)
		a.param[i] = (struct api_param){ q->param[i].name, q->param[i].value };
	if (q->trouble == HTTP_TOO_LARGE)
		api_problem(r, 413, "body", "at most %u bytes", API_MAX_BODY);
	else if (q->trouble == HTTP_TOO_MANY)
		api_problem(r, 400, NULL, "at most %d parameters", HTTP_MAX_PARAMS);
	else if (q->trouble == HTTP_NO_MEMORY)
		api_problem(r, 503, NULL, "out of memory");
	else
		api_answer(d, &a, r);
}

void api_http_answer(void *arg, const struct http_request *q, struct http_reply *r)
{
	struct api_snapshot *snapshot = api_store_get(arg);
	struct api_reply a = { 0 };

	answer(api_snapshot_data(snapshot), q, &a);
	if (a.stream)
		make_whole(&a);
	if (a.stream)
		hold_stream(&a, snapshot, r);
	r->status = a.status;
	r->type = a.type;
	r->body = a.body;
	api_snapshot_put(snapshot);
}
