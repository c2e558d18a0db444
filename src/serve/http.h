/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http.h - HTTP around a function that answers: one thread, few connections, each with a deadline.
 *
 * libmicrohttpd parses; its limits and ours bound memory: see docs/planning.md, "Limits".
 */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/why.h"

#define HTTP_MAX_CONNECTIONS 64
#define HTTP_MAX_PARAMS	     64 /* names with a value in one query */
/* Of one connection, for its request line and headers and what is written. */
#define HTTP_CONNECTION_BYTES (32U << 10)

/* Why a request cannot be answered as it is: the answer says so. */
enum http_trouble {
	HTTP_FINE = 0,
	HTTP_TOO_LARGE, /* its body; what there is of it is not in the request */
	HTTP_TOO_MANY,	/* parameters */
	HTTP_NO_MEMORY,
};

struct http_param {
	const char *name;
	const char *value; /* decoded; "" where none was given */
};

struct http_request {
	enum http_trouble trouble;
	const char *method; /* "GET", "POST" */
	const char *path;   /* without the query */
	const char *accept; /* the header; NULL = none */
	size_t n_params;
	struct http_param param[HTTP_MAX_PARAMS];
	const char *body; /* "" = none */
	size_t body_len;
};

/* A body with its type that is made once and sent many times. */
struct http_shared;

struct http_header {
	const char *name;
	const char *value;
};

/*
 * An answer, zero-initialised: shared (which has no headers more), a stream, or body. What the
 * body and the stream own is the server's once the function has returned.
 */
struct http_reply {
	unsigned int status;
	const char *type; /* static; NULL = none said */
	const struct http_header
		*header; /* more of them, static, the last one nameless; NULL = none */
	struct buf body;
	const struct http_shared *shared; /* the function's; need not outlive the call */
	void *stream;
	ssize_t (*stream_read)(void *stream, char *ret, size_t size); /* 0 = its end */
	void (*stream_free)(void *stream);
};

/* Called from the server's own thread. */
typedef void http_answer_fn(void *arg, const struct http_request *q, struct http_reply *r);

/* deadline_ns: from the last request's end, or the connection's start, to the next one's end. */
struct http_options {
	int fd; /* listening; taken, on success only */
	uint64_t deadline_ns;
	size_t max_body; /* bytes */
	http_answer_fn *answer;
	void *arg;
};

struct http;

/* Serves from a thread of its own. Returns 0; -ENOMEM; -EIO with why. */
int http_start(const struct http_options *o, struct http **ret, struct why *why);

/* Ends the connections that are beyond their deadline; to be called about once a second. */
void http_sweep(struct http *h, uint64_t now_mono_ns);

/* Ends all connections. NULL is fine. */
void http_stop(struct http *h);

/* Takes what is in body, which is empty then. type is static. NULL without memory. */
struct http_shared *http_shared_new(struct buf *body, const char *type);

/* Answers under way keep what they need of it. NULL is fine. */
void http_shared_free(struct http_shared *s);

#endif /* SERVE_HTTP_H */
