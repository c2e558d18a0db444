/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * connection.h - requests to the daemon and their answers, from any thread, in any order.
 *
 * One of the threads that wait reads for all of them; the lock is not held while it waits.
 */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/answer.h"
#include "jouletrail/client.h"

/* Longest request (docs/protocol.md), and the longest answer that is read. */
#define CLIENT_MAX_REQUEST 16384
#define CLIENT_MAX_ANSWER  (1U << 20)

/* An event, during the call; with the lock held: it must not call the client. */
typedef void client_event_fn(struct answer_value event, void *arg);

/* A request that was sent. */
struct client_request {
	struct client_request *next;
	uint64_t id;
	uint64_t span; /* that it ends; 0: another request */
	bool is_awaited;
	char *line; /* the answer; NULL = not yet */
	struct answer_value ok;
};

struct jt_client {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	int fd;
	pid_t pid;	   /* who may use it: not a child of it */
	int broken;	   /* 0, or why there is no connection: for good */
	int connect_errno; /* 0, or what connect(2) said */
	bool is_reading;
	bool says;
	uint64_t timeout_ns;
	uint64_t window_ns; /* the longest that an end waits */
	uint64_t last_id;
	struct client_request *request;
	struct buf in;
	client_event_fn *event;
	void *event_arg;
	char path[108];
	char error[256];
};

/* A client that is not connected yet. Returns 0 or -ENOMEM. */
int client_new(const struct jt_client_options *o, struct jt_client **ret);
/* Connects. Returns 0, or why not; then the client is broken. */
int client_connect(struct jt_client *c);

/* Notes why a call failed, and returns err. lock: held by the caller. */
int client_fail(struct jt_client *c, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for a caller without the lock. */
int client_refuse(struct jt_client *c, int err, const char *text);

/* There is no connection any more, for good; said once where that was asked for. Returns err. */
int client_break(struct jt_client *c, int err, const char *why);

/*
 * A request begins: an object with its op and id, which the caller adds members to. Nobody else
 * sends until client_send(). Returns 0; -ENOTCONN, and then nothing is begun.
 */
int client_begin(struct jt_client *c, const char *op, struct json_writer *w, struct buf *out);

/*
 * Sends what was begun; out is freed. *ret is for client_await(). Returns 0; -EINVAL for what is
 * too long or no UTF-8; -ENOMEM; -ENOTCONN; -ETIMEDOUT.
 */
int client_send(struct jt_client *c, struct json_writer *w, uint64_t span,
		struct client_request **ret);

/*
 * Waits for its answer. Returns 0: r->ok is valid until client_done(); what an error of the daemon
 * says, as jouletrail/client.h has them; -ETIMEDOUT: may be awaited again.
 */
int client_await(struct jt_client *c, struct client_request *r, uint64_t timeout_ns);

/* Forgets a request, answered or not. */
void client_done(struct jt_client *c, struct client_request *r);

/* The request that ended span, for this thread to wait for. Returns 0 or -ENOENT, -EBUSY. */
int client_find_end(struct jt_client *c, uint64_t span, struct client_request **ret);
/* Leaves it for the next one to wait. */
void client_leave_end(struct jt_client *c, struct client_request *r);

/* An op with at most one member, an integer; NULL: none. Returns as client_await() does. */
int client_ask(struct jt_client *c, const char *op, const char *member, uint64_t value,
	       struct client_request **ret);

/* Reads what has come, without waiting: events go to c->event. Returns 0 or -ENOTCONN. */
int client_read_events(struct jt_client *c);

#endif /* CLIENT_CONNECTION_H */
