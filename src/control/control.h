/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * control.h - the control socket: what the daemon measured, for programs that ask; spans and
 * subscriptions. Contract: docs/protocol.md. Clients are never waited for, and each has bounds.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "daemon/pipeline.h"

struct control;

#define CONTROL_DEFAULT_PATH	"/run/jouletrail/control.sock"
#define CONTROL_DEFAULT_MODE	0660
#define CONTROL_DEFAULT_CLIENTS 1024

/* Strings are the caller's, until control_free(). */
struct control_options {
	const char *path;
	unsigned int mode;
	uid_t owner; /* whom this process becomes: gets the socket; 0 = root */
	size_t max_clients;
	const char *root; /* proc/ below it; NULL = "/" */
	const char *by;	  /* what a consumer is */
	const char *ledger_dir;
	uint64_t interval_ns;
	uint64_t tick_ns;
};

/* Listens. Returns 0 (*ret for control_free()) or -errno with why. */
int control_new(const struct control_options *o, struct control **ret, struct why *why);

/* Sets the watcher that pipeline_new() is to have; then, the pipeline that it made. */
struct pipeline_watcher control_watcher(struct control *c);
void control_attach(struct control *c, struct pipeline *p);

/* Readable when somebody wants something. */
int control_fd(const struct control *c);

/* Serves whoever wants something, for some milliseconds at most. Returns control_has_more(). */
bool control_serve(struct control *c);

/* Whether somebody's lines wait, though control_fd() may not be readable. */
bool control_has_more(const struct control *c);

/* A closed tick: as a pipeline_publish_fn, with arg the control. */
void control_publish(const struct tick *t, void *arg);

/* The next window is the last: spans end with it, and nobody may begin one. */
void control_stop(struct control *c);

/* Closes every connection and takes the socket away; NULL is fine. */
void control_free(struct control *c);

#endif /* CONTROL_CONTROL_H */
