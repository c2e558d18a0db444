/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * series_file.h - intensity over time out of files: Carbon Aware SDK JSON, and CSV.
 *
 * Formats, columns, units and what is assumed where a file is silent: docs/intensity.md.
 * Files are not trusted: what is no plain file, or too large, too deep or not of the form is
 * refused with the place; a value that is merely missing is counted.
 */
#ifndef INTENSITY_SERIES_FILE_H
#define INTENSITY_SERIES_FILE_H

#include "base/buf.h"
#include "base/why.h"
#include "intensity/series.h"

#define SERIES_FILE_MAX_JSON (32U << 20)
#define SERIES_FILE_MAX_CSV  (1U << 30)
#define SERIES_FILE_MAX_PACK (INT64_C(1) << 34)
/* Locations in one file. */
#define SERIES_SET_MAX 4096

/* Series by location and kind, in the order of their first value. Zero-initialise. */
struct series_set {
	size_t n;
	size_t capacity;
	struct series *series;
	void *map; /* of a packed file: its points, which series point into */
	size_t map_len;
};

/*
 * All series of a file, finished. What it is its first bytes tell: JSON begins with [ or { (after
 * a byte order mark and blanks), a packed file with its own magic; anything else is CSV.
 *
 * Returns 0, with at least one point; -ENODATA without any; -EBADMSG, -E2BIG, -ENOMEM or the
 * file's -errno; with why, which names path and place. On error ret is empty.
 */
int series_load(const char *path, struct series_set *ret, struct why *why);

/* The same from memory: what is path then is only for why. */
int series_read(const char *path, const char *text, size_t len, struct series_set *ret,
		struct why *why);

/* As series_load() reads it back, with flags; one series. */
void series_write_csv(const struct series *s, struct buf *out);

/*
 * The same set as a packed file, written beside path and moved there: series_load() maps it, so
 * that a year of five minutes of a hundred places is there at once. It is of one machine's byte
 * order, and for oneself: one that others could write is not read. Returns 0 or -errno with why.
 */
int series_pack(const struct series_set *set, const char *path, struct why *why);

/* "estimated+forecast" and the like; the flag of one of these words, 0 for none. */
void series_flags_write(uint32_t flags, struct buf *out);
uint32_t series_flag_of(const char *word, size_t len);

/*
 * The series of a location, case ignored; NULL is any, if there is only one. kind SERIES_AVERAGE is
 * preferred. Returns NULL if there is none.
 */
const struct series *series_set_find(const struct series_set *set, const char *location);

/* The series of a location and a kind; NULL as a location is any, if only one is of that kind. */
const struct series *series_set_find_kind(const struct series_set *set, const char *location,
					  enum series_kind kind);

/* The series with that location and kind, made if need be. NULL: too many, or no memory. */
struct series *series_set_get(struct series_set *set, const char *location, size_t len,
			      enum series_kind kind);

void series_set_free(struct series_set *set);

/*
 * A value without an interval of its own gets one: SERIES_SOURCE_SD for how far sources disagree,
 * more for estimates and forecasts. Source: docs/method.md, "A value of another moment".
 * Returns 0, or -ERANGE where the value is out of bounds.
 */
#define SERIES_SOURCE_SD 0.20
#define SERIES_GUESS_SD	 0.10611 /* series_drift_sd() of three hours, added in quadrature */
int series_point_set(struct series_point *p, double mg_per_kwh);

#endif /* INTENSITY_SERIES_FILE_H */
