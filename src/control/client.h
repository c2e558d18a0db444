/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* client.h - one connection: its lines in, its answers out, both within bounds; never waits. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

#define CLIENT_MAX_LINE	   16384	/* bytes of a request, its LF counted */
#define CLIENT_MAX_WAITING (256U << 10) /* bytes of answers that it has not read */
/* Of one that is told all rows of a window, or all records of a tick. */
#define CLIENT_MAX_WAITING_LARGE (4U << 20)

struct control;
struct client_span;
struct client_subscription;

/* struct client is made and freed by the server; spans and subscriptions are the requests'. */
struct client {
	struct control *control;
	struct client *next, *previous;
	int fd;
	uid_t uid;
	pid_t pid; /* when it connected; 0 = in no PID namespace of ours */
	bool privileged;
	bool is_at_end;	 /* it says nothing more */
	bool is_closing; /* once its answers are gone */
	bool is_broken;	 /* at once */
	bool has_lines;	 /* that have not been served */
	uint32_t events; /* as epoll knows them */
	size_t n_served; /* lines, since the last window */
	bool is_resting; /* until the next one: its user has had his part */
	struct buf in;	 /* a line that has not ended */
	struct buf out;
	size_t n_sent; /* of out */
	size_t max_waiting;
	struct client_span *span;
	size_t n_spans;
	struct client_subscription *subscription;
	size_t n_subscriptions;
};

/*
 * Takes what has come, at most one buffer of it, and calls f with at most *n_lines whole lines,
 * without LF; *n_lines is lowered by as many. A line that is too long is answered, and the last.
 */
typedef void client_line_fn(struct client *c, const char *line, size_t len);
void client_read(struct client *c, client_line_fn *f, size_t *n_lines);

/* An answer, of whole lines. One that it cannot take any more breaks the connection. */
void client_put(struct client *c, const char *text, size_t len);

/* What waits goes as far as it can. */
void client_flush(struct client *c);

static inline size_t client_n_waiting(const struct client *c)
{
	return c->out.len - c->n_sent;
}

void client_free_buffers(struct client *c);

#endif /* CONTROL_CLIENT_H */
