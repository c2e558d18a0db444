/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* feed.h - the process that asks a live feed: started without privileges, looked after, ended. */
#ifndef DAEMON_FEED_H
#define DAEMON_FEED_H

#include <stdint.h>

#include "base/why.h"

struct feed;
struct spawner;

/* Strings are copied. */
struct feed_options {
	const char *name;	 /* "uk" */
	const char *location;	 /* "GB" */
	const char *url;	 /* NULL = the feed's own */
	const char *cache;	 /* file that it writes; its directory is made and given to it */
	struct spawner *spawner; /* that starts it; NULL = forked here */
	const char *key_file;	 /* read here, by who may; handed over by a pipe */
};

/*
 * Starts it: as the user jouletrail-feed, or nobody, where we are root; without new privileges; it
 * ends with us. Returns 0 (*ret for feed_free()) or -errno with why.
 */
int feed_new(const struct feed_options *o, struct feed **ret, struct why *why);

/*
 * One round of it, waited for; none while what its cache has is still of the last one. What came
 * of it is in the cache, with its trouble. Returns 0; -EINVAL for what the feed's process refused
 * (it has said why: no key, no such place); else -errno with why.
 */
int feed_ask(const struct feed_options *o, struct why *why);

/* Starts it again, a minute after it ended at the soonest. NULL is fine. */
void feed_look(struct feed *f, uint64_t now_mono_ns);

/* Ends it; NULL is fine. */
void feed_free(struct feed *f);

#endif /* DAEMON_FEED_H */
