/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* round.h - one round of a live feed: its requests, and what they add to the series. */
#ifndef FEED_ROUND_H
#define FEED_ROUND_H

#include <stdint.h>

#include "base/why.h"
#include "feed/fetch.h"
#include "intensity/answer.h"

struct round_feed {
	enum answer_feed feed;
	const char *base_url; /* NULL = the feed's own */
	const char *location; /* a zone, a region; letters, digits and "-_.:" */
	const char *key;      /* token, or user:password for WattTime; "" = none */
	char token[2048];     /* of WattTime's last login */
};

/* Checks location, key and URL. Returns 0 or -EINVAL with why. */
int round_check(const struct round_feed *r, struct why *why);

/*
 * Asks for what the feed has of the last day and of the next, and adds it to the series, finished;
 * values older than two weeks go. What can be had is kept: one request may fail and another not.
 *
 * ret_retry_after_s  the longest that a server asked us to wait; 0 = it did not
 *
 * Returns 0; or the first error of fetch_run() or answer_read(), with why; also -EXDEV where all
 * went well but the clocks differ by more than ANSWER_SKEW_S.
 */
int round_run(struct round_feed *r, struct fetch *f, int64_t now_s, struct series *into,
	      int64_t *ret_retry_after_s, struct why *why);

#endif /* FEED_ROUND_H */
