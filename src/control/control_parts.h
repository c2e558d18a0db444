/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* control_parts.h - the inside of the control socket, for the files that serve it. */
#ifndef CONTROL_CONTROL_PARTS_H
#define CONTROL_CONTROL_PARTS_H

#include <jansson.h>

#include "carbon/course.h"
#include "control/answer.h"
#include "control/client.h"
#include "control/control.h"
#include "control/shown.h"
#include "daemon/family.h"
#include "daemon/spans.h"

#define CONTROL_MAX_SPANS	  64 /* of a connection */
#define CONTROL_MAX_SUBSCRIPTIONS 16
/* Windows shorter than this are not for everybody's eyes; what a timer's window can be short of 1 s. */
#define CONTROL_LEAST_NS (900 * JT_NS_PER_MS)

struct control {
	struct control_options o;
	struct pipeline *pipeline;
	int listen_fd;
	int epoll_fd;
	struct client *client; /* the last that came first */
	size_t n_clients;
	uid_t uid; /* the daemon's */
	bool is_stopping;
	int64_t started_real_us;
	uint64_t started_mono_ns;
	uint64_t n_ticks;
	uint64_t last_span; /* number given last */
	uint64_t last_subscription;
	struct spans *spans;
	struct course total; /* since the start */
	struct tick *sums;   /* of what is lost and conserved; since the start */
	struct shown shown;  /* the last tick's consumers */
};

/* A request that has been read. */
struct request {
	struct client *client;
	json_t *body;
	int64_t id;
};

/* Reads and answers one line. */
void request_serve(struct client *c, const char *line, size_t len);

/* Optional fields. Return false, answered, where there is one of another type or out of range. */
bool request_u64(const struct request *r, const char *name, uint64_t max, uint64_t *to);
bool request_str(const struct request *r, const char *name, size_t max_len, const char **to);
void request_fail(const struct request *r, const char *code, const char *message);

/* The operations, one each: docs/protocol.md. */
void serve_version(const struct request *r);
void serve_status(const struct request *r);
void serve_totals(const struct request *r);
void serve_consumers(const struct request *r);
void serve_intensity(const struct request *r);
void serve_span_begin(const struct request *r);
void serve_span_end(const struct request *r);
void serve_span_read(const struct request *r);
void serve_spans(const struct request *r);
void serve_subscribe(const struct request *r);
void serve_unsubscribe(const struct request *r);

/* Who the target of a request is, as far as the client may name it. False: answered. */
bool target_read(const struct request *r, struct spans_target *ret);

/* After a window: answers those that waited for it, and tells subscribers. */
void client_spans_window(struct client *c);
void client_subscriptions_window(struct client *c, const struct course_window *w,
				 struct identity *id);
/* The client says no more, or has gone; the daemon ends. */
void client_spans_forsake(struct client *c);
void client_spans_stop(struct client *c, const struct spans_moment *now);
void client_spans_free(struct client *c);
void client_subscriptions_free(struct client *c);
/* Does it still wait for something? */
bool client_is_waiting(const struct client *c);

void control_now(struct spans_moment *ret);

#endif /* CONTROL_CONTROL_PARTS_H */
