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
#include "daemon/slow.h"
#include "daemon/spans.h"

#define CONTROL_MAX_SPANS	  64		  /* of a connection */
#define CONTROL_MAX_SPANS_OF_UID  (SPANS_MAX / 2) /* but root's */
#define CONTROL_MAX_SUBSCRIPTIONS 16
#define CONTROL_MAX_CAPTURES	  16 /* of all connections */
/* Lines of an unprivileged uid in one window, some 100 ms; what is more waits for the next. */
#define CONTROL_MAX_LINES 4000
/* Windows shorter than this are not for everybody's eyes: 1 s, and what a timer can be early. */
#define CONTROL_LEAST_NS (900 * JT_NS_PER_MS)

struct control {
	struct control_options o;
	struct pipeline *pipeline;
	int listen_fd;
	int epoll_fd;
	struct client *client; /* the last that came first */
	size_t n_clients;
	bool is_deaf; /* till the next window: no descriptor is left */
	bool is_stopping;
	int64_t started_real_us;
	uint64_t started_mono_ns;
	uint64_t n_ticks;
	uint64_t last_span; /* number given last */
	uint64_t last_subscription;
	size_t n_captures;
	struct spans *spans; /* on every window: of the privileged, where windows are short */
	struct spans *spans_of_all; /* on those of a second; NULL = every window is as long */
	struct slow *slow;	    /* so */
	bool slow_ends;		    /* with this window */
	struct course total;	    /* since the start */
	struct course total_of_all; /* the same for everybody's eyes: of a second ago at most */
	struct tick *sums;	    /* of what is lost and conserved; since the start */
	struct shown shown;	    /* the last tick's consumers */
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

/* Members: {energy_uj, co2e_ug} under a name; a tick's consumers that the client may see. */
void put_figures(struct json_writer *w, const char *name, bool known,
		 const struct quant_interval_u64 *energy, const struct quant_interval_u64 *co2e);
void put_consumers(struct answer *a, const struct shown *shown, uint64_t limit);

/* The client's span of that number; NULL = it has none. */
struct span *client_span(const struct client *c, uint64_t number);

/* Who the target of a request is, as far as the client may name it. False: answered. */
bool target_read(const struct request *r, struct spans_target *ret);

/* After a window: answers those that waited for it, and tells subscribers. */
void client_spans_window(struct client *c);
/* one: the window as a tick; needed where some client_is_told_windows(). */
void client_subscriptions_window(struct client *c, const struct course_window *w,
				 const struct account *one);
bool client_is_told_windows(const struct client *c);
void client_subscriptions_tick(struct client *c);
/* Lines of the ledger, each with its LF. */
void client_subscriptions_records(struct client *c, const char *lines, size_t len);
void client_subscriptions_stop(struct client *c);
/* The client says no more, or has gone; the daemon ends. */
void client_spans_forsake(struct client *c);
void client_spans_stop(struct client *c, const struct spans_moment *now);
/* After the last window: results that nobody asked for. */
void client_spans_tell(struct client *c);
void client_spans_free(struct client *c);
void client_subscriptions_free(struct client *c);
/* Whose spans, and windows, the client's are. */
struct spans *client_spans(const struct client *c);

/* Does it still wait for something? */
bool client_is_waiting(const struct client *c);

/*
 * After anything was done for it: answers go, and it goes where nothing is left to do: it may be
 * freed.
 */
void control_settle(struct client *c);
/* Whether it is looked who wants to connect: not for a window where there is no descriptor. */
void control_listen(struct control *c, bool on);

void control_now(struct spans_moment *ret);

#endif /* CONTROL_CONTROL_PARTS_H */
