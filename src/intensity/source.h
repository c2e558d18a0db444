/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * source.h - the intensity of any stretch of time: of a series that a file or a feed's cache holds,
 * or of the embedded table where there is none.
 *
 * A series is never mixed with another signal: where it has no value for a time, its nearest value
 * stands in, its interval widened by how far intensity wanders in between, and flagged `filled`.
 * Only where there is no series at all does the table's annual mean stand in, and source says so.
 */
#ifndef INTENSITY_SOURCE_H
#define INTENSITY_SOURCE_H

#include <stdbool.h>

#include "base/why.h"
#include "intensity/series.h"
#include "types/intensity.h"

struct intensity_source;

struct intensity_source_options {
	const char *zone; /* of the table; NULL = WORLD, with is_default */
	const char *file; /* series; NULL = the table alone */
	/*
	 * In the file; NULL = as the zone is called, its region's name or the zone that this lies
	 * in, or a place without a name; and without a zone the file's only place.
	 */
	const char *location;
	/* Only figures of kind; else average where there are any, and kind is what a feed is of. */
	bool has_kind;
	enum series_kind kind;
	const char *feed; /* what to call it where the file is a feed's cache; NULL = it is not */
};

/*
 * Returns 0 (*ret for intensity_source_free()); -ENOENT for an unknown zone; -ENODATA where the
 * table has no marginal figure of it that would be needed; for a file those of
 * series_load(), or -ENOENT where the location is not in it. A feed's cache may be missing, empty
 * or unsound: it may come later. The strings are used during the call only.
 */
int intensity_source_new(const struct intensity_source_options *o, struct intensity_source **ret,
			 struct why *why);
void intensity_source_free(struct intensity_source *s);

/*
 * The intensity over [from_us, to_us), real time; what it points to lives as long as s. A feed's
 * cache is looked at again where it has changed.
 */
void intensity_source_at(struct intensity_source *s, int64_t from_us, int64_t to_us,
			 struct intensity *ret);

/* The series behind it; NULL where there is none. Valid until the next intensity_source_at(). */
const struct series *intensity_source_series(const struct intensity_source *s);

/* What the feed last said is wrong, or what is wrong with its cache; "" = nothing. */
const char *intensity_source_trouble(const struct intensity_source *s);

/* Whether two are the same signal, so that figures made with them may share a record. */
bool intensity_is_same_signal(const struct intensity *a, const struct intensity *b);

#endif /* INTENSITY_SOURCE_H */
