/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * endpoint.h - ticks for others: the tracer renders each into shared memory, unprivileged processes
 * serve it (/metrics) and push it. Neither costs the tracer anything or can delay it.
 */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "export/metrics.h"

struct endpoint;
struct spawner;

struct endpoint_options {
	const char *metrics;  /* HOST:PORT with an address; NULL = nobody is answered */
	const char *push;     /* addresses of sinks, by blanks: push/sink.h; NULL = none */
	bool stdout_is_taken; /* by a ledger: no sink gets it */
	size_t max_series;
	struct spawner *spawner; /* which starts them; NULL = this process does */
};

/*
 * Listens, and starts jouletrail-metrics and jouletrail-push, what is asked of them: as the users
 * of these names, or nobody, where we are root. To be called before anything is opened that must
 * not be seen by them. That others than this machine can read is logged.
 *
 * Returns 0 (*ret for endpoint_free()); -EINVAL with why for what is no HOST:PORT or no sink; or
 * -errno with why.
 */
int endpoint_new(const struct endpoint_options *o, struct endpoint **ret, struct why *why);

/* Shows a closed tick; starts again who ended. Trouble is logged as it begins. */
void endpoint_publish(struct endpoint *e, const struct tick *t, const struct metrics_state *s);

/* Ends them, once the last tick is pushed, or cannot be; NULL is fine. */
void endpoint_free(struct endpoint *e);

#endif /* DAEMON_ENDPOINT_H */
