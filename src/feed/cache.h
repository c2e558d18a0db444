/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cache.h - a feed's series on disk: for the tracer, and the last known good after a restart. */
#ifndef FEED_CACHE_H
#define FEED_CACHE_H

#include <stdint.h>

#include "base/why.h"
#include "intensity/series.h"

/*
 * Reads what an earlier process left; a file that is missing or unsound is an empty series, with
 * why saying so (not for a missing one). ret_age_s is how long ago it was written, INT64_MAX:
 * never.
 */
void cache_read(const char *path, int64_t now_s, struct series *ret, int64_t *ret_age_s,
		struct why *why);

/* Writes path beside itself and moves it there. Returns 0 or -errno with why. */
int cache_write(const char *path, const struct series *s, struct why *why);

#endif /* FEED_CACHE_H */
