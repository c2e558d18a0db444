/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pace.h - when to ask a feed again: its period, its wishes, and backing off. */
#ifndef FEED_PACE_H
#define FEED_PACE_H

#include <stdint.h>

#define PACE_MIN_BACK_OFF_S 60
#define PACE_MAX_BACK_OFF_S 3600
/* A server's Retry-After is obeyed up to a day. */
#define PACE_MAX_WISH_S 86400

/* Zero-initialise and set period_s and seed. */
struct pace {
	int64_t period_s;      /* between two successful rounds */
	uint64_t seed;	       /* of the jitter: not all of a fleet at once */
	unsigned int n_failed; /* in a row */
};

/*
 * Seconds until the next round, after one that succeeded or failed. Failures: a minute, doubled
 * each time, up to an hour, each by a factor of 0.75 to 1.25; never less than the server asked for.
 */
int64_t pace_after_success(struct pace *p);
int64_t pace_after_failure(struct pace *p, int64_t retry_after_s);

#endif /* FEED_PACE_H */
