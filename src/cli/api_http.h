/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_http.h - HTTP around api_answer(): one thread, bounded connections, each with a deadline.
 *
 * libmicrohttpd parses; its limits and ours bound memory: see docs/planning.md, "Limits".
 */
#ifndef CLI_API_HTTP_H
#define CLI_API_HTTP_H

#include "base/why.h"
#include "cli/api_store.h"

#define API_MAX_CONNECTIONS 64
/* Of one connection, for its request line and headers and what is written. */
#define API_CONNECTION_BYTES (32U << 10)
struct api_http;

/*
 * Serves on fd, a listening socket (taken, on success only), from a thread of its own.
 *
 * store	where each request gets its data; outlives the server
 * deadline_ns  from the last request's end (or the connection's start) to the next one's end
 *
 * Returns 0; -ENOMEM; -EIO with why.
 */
int api_http_start(int fd, struct api_store *store, uint64_t deadline_ns, struct api_http **ret,
		   struct why *why);

/* Ends the connections that are beyond their deadline; to be called about once a second. */
void api_http_sweep(struct api_http *h, uint64_t now_mono_ns);

/* Ends all connections. NULL is fine. */
void api_http_stop(struct api_http *h);

#endif /* CLI_API_HTTP_H */
