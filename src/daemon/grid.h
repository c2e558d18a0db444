/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grid.h - from what --intensity says to a source of intensities, and the process that feeds it. */
#ifndef DAEMON_GRID_H
#define DAEMON_GRID_H

#include <stdbool.h>

#include "base/fs.h"
#include "base/why.h"

struct feed;
struct spawner;
struct intensity_source;

/* As the options say; strings are used during the call only. */
struct grid_options {
	/*
	 * A file; or electricitymaps, watttime, uk, each with =URL for another server; NULL or
	 * "table" = the zone's annual mean.
	 */
	const char *spec;
	const char *location;  /* in the file or at the feed; NULL = the zone */
	const char *cache_dir; /* of feeds; NULL = /var/cache/jouletrail, or ~/.cache/jouletrail */
	const char *key_file;  /* of a feed that wants one: one line; NULL = none */
	/* average or marginal, and no other; NULL = average where there is one, else marginal */
	const char *kind;
};

/*
 * Opens the file, or what is there of the feed's cache. Errors: intensity_source_new(); -EINVAL for
 * a kind that is none, or is not the feed's.
 */
int grid_open(const struct grid_options *o, const char *zone, struct intensity_source **ret,
	      struct why *why);

/*
 * Starts the feed's process, by spawner (NULL: forked here), where spec is a feed; *ret stays NULL
 * where it is none.
 */
int grid_start_feed(const struct grid_options *o, const char *zone, struct spawner *spawner,
		    struct feed **ret, struct why *why);

/* Whether a feed's process is asked for these. */
bool grid_is_asked(const struct grid_options *o);

/* Whether spec is the name of a feed, with or without =URL; not NULL. */
bool grid_is_feed(const char *spec);

/*
 * Asks the feed that spec is once, by its own process (feed_ask()), and waits.
 *
 * ret_cache  the file with what it says, or said last: for series_load()
 */
int grid_ask_feed(const struct grid_options *o, const char *zone, char ret_cache[FS_PATH_LEN],
		  struct why *why);

#endif /* DAEMON_GRID_H */
