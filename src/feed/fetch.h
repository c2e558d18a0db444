/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fetch.h - one GET or PUT over HTTP, bounded in time and in size. */
#ifndef FEED_FETCH_H
#define FEED_FETCH_H

#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"

struct fetch;

struct fetch_request {
	const char *url;
	const char *header;	   /* "auth-token: …"; NULL = none */
	const char *user_password; /* "user:password" for Basic; NULL = none */
	const struct buf *put;	   /* a body to PUT there; NULL = a GET */
};

/* What came back; zero-initialise, and buf_free() the body. */
struct fetch_reply {
	long status;	       /* HTTP's; 0 = nothing came */
	int64_t retry_after_s; /* 0 = not said */
	int64_t date_s;	       /* the server's clock; 0 = not said */
	struct buf body;       /* at most max_bytes */
};

/* max_bytes of a body; timeout_ms for a whole request. Returns 0 or -ENOMEM. */
int fetch_new(size_t max_bytes, long timeout_ms, struct fetch **ret);
void fetch_free(struct fetch *f);

/*
 * Whether a URL may carry a key: https, or http to this machine itself. Redirections are not
 * followed, so that a key goes nowhere else.
 */
int fetch_check_url(const char *url, struct why *why);

/*
 * Returns 0 for status 200, of a PUT for any of success; -EAGAIN for 429 and 5xx; -EACCES for 401
 * and 403; -EPROTO for any other; -ETIMEDOUT, -EFBIG, -EIO (cut short, refused, no such host …),
 * with why in one line.
 */
int fetch_run(struct fetch *f, const struct fetch_request *r, struct fetch_reply *ret,
	      struct why *why);

#endif /* FEED_FETCH_H */
