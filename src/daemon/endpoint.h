/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * endpoint.h - /metrics: the tracer renders each tick into shared memory, an unprivileged process
 * serves it. A scrape costs the tracer nothing and cannot delay it.
 */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "export/metrics.h"

struct endpoint;
struct spawner;

/*
 * Listens at where, HOST:PORT with an address, and starts jouletrail-metrics: as the user of that
 * name, or nobody, where we are root; by spawner (NULL: forked here). To be called before anything
 * is opened that must not be seen by it. That others than this machine reach it is logged.
 *
 * Returns 0 (*ret for endpoint_free()); -EINVAL with why for what is no HOST:PORT; or -errno with
 * why.
 */
int endpoint_new(const char *where, size_t max_series, struct spawner *spawner,
		 struct endpoint **ret, struct why *why);

/* Shows a closed tick; starts the process again where it ended. Trouble is logged as it begins. */
void endpoint_publish(struct endpoint *e, const struct tick *t, const struct metrics_state *s);

/* Ends it; NULL is fine. */
void endpoint_free(struct endpoint *e);

#endif /* DAEMON_ENDPOINT_H */
