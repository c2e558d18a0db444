/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * series.h - carbon per kilowatt-hour of one place over time: sorted intervals that do not overlap.
 *
 *	struct series s = { 0 };
 *	series_add(&s, &point);     in any order, as often as wanted
 *	series_finish(&s);          sorts and settles what overlaps; then:
 *	series_mean(&s, from, to, &mean);
 *
 * The policy of series_finish(), every case of it flagged in the point and counted:
 *
 *   unsorted    sorted by start; what came out of order is counted, not flagged
 *   same times  the one that arrived last is the revised value and replaces the other
 *   overlap     at each moment the better source counts: a value over an estimate over a forecast;
 *               of equals the interval that begins later, then the one that arrived later
 *   no end      lasts to the next start, also of a value that is missing, at most the usual
 *               distance of two starts (their lower median; an hour where there is only one)
 *   missing     a value that is null, empty or negative is none: series_miss_at() counts it; its
 *               time is a hole, which coverage tells and series_hold() bridges, widened
 */
#ifndef INTENSITY_SERIES_H
#define INTENSITY_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/series.h"

/* Of a location's name, with its NUL. */
#define SERIES_LOCATION_LEN 64
#define SERIES_TEXT_LEN	    96
#define SERIES_END_UNKNOWN  INT64_MAX
/* Times: 1970 to 2200. Beyond them is a mistake, not a time. */
#define SERIES_MAX_S INT64_C(7258118400)
/* No plant emits more than 2 kg/kWh; beyond 10 kg/kWh the unit is another one. */
#define SERIES_MAX_MG_PER_KWH 10000000
/* Points of one series: 100 years of 5 minutes. */
#define SERIES_MAX_POINTS 10512000

/* What was found wrong, or merely unusual, in what was added. */
struct series_counts {
	uint64_t n_added;
	uint64_t n_missing; /* null, empty, negative */
	uint64_t n_unsorted;
	uint64_t n_duplicates; /* the same times and the same value */
	uint64_t n_revised;
	uint64_t n_overlaps; /* points that were cut or dropped */
	uint64_t n_assumed_ends;
	uint64_t n_assumed_utc;
	uint64_t n_holes; /* between the first start and the last end */
	int64_t holes_s;  /* their time */
};

/* Zero-initialise; text may be filled at any time. */
struct series {
	char location[SERIES_LOCATION_LEN]; /* as the source calls it; "" = it does not say */
	enum series_kind kind;
	char boundary[16]; /* "lifecycle", "direct"; "" = not known */
	char source[SERIES_TEXT_LEN];
	char trouble[SERIES_TEXT_LEN]; /* of the feed that wrote the file; "" = none */
	size_t n;
	size_t capacity;
	struct series_point *point; /* after series_finish(): by start, none overlaps another */
	bool is_mapped;		    /* point belongs to the set: nothing can be added */
	struct series_counts count;
};

/* A stretch of time summed up: the value is the time-weighted mean over what is covered. */
struct series_mean {
	uint64_t mg_per_kwh;
	uint64_t low_mg_per_kwh; /* the errors of one source go together: ends are means of ends */
	uint64_t high_mg_per_kwh;
	int64_t covered_s;
	uint32_t coverage_ppm; /* covered part of the stretch; 1,000,000 = all of it */
	uint32_t flags;	       /* or-ed over the parts */
};

/*
 * Adds a point. Returns 0; -EINVAL unless 0 <= start < end and low <= value <= high;
 * -ERANGE for a time or a value beyond the bounds above; -E2BIG; -ENOMEM; -EROFS if mapped.
 */
int series_add(struct series *s, const struct series_point *p);

/* Notes a value that is not there. */
void series_miss(struct series *s);

/* The same, of a time: a value before it whose end is not known ends there. As series_add(). */
int series_miss_at(struct series *s, int64_t start_s);

/* Sorts and settles; may be repeated after more was added. Returns 0 or -ENOMEM. */
int series_finish(struct series *s);

/* The point that holds at t_s, or NULL in a hole or outside. */
const struct series_point *series_at(const struct series *s, int64_t t_s);

/* The first point that ends after t_s, as an index; s->n if there is none. For walks. */
size_t series_first_after(const struct series *s, int64_t t_s);

/* Returns 0; -EINVAL unless from_s < to_s; -ENODATA where nothing of it is covered. */
int series_mean(const struct series *s, int64_t from_s, int64_t to_s, struct series_mean *ret);

/*
 * The value for a moment that no point holds: of the last point that ended by t_s, FILLED, its
 * interval widened by how far intensity wanders in that time (series_drift_sd()). Where a point
 * holds at t_s, that one, as it is. Returns 0, or -ENODATA if there is nothing before t_s.
 */
int series_hold(const struct series *s, int64_t t_s, struct series_point *ret);

/*
 * How far grid intensity wanders in lag_s seconds, as a standard deviation in ln space:
 * cv·sqrt(2·(1 - ρ(lag))). Source: docs/method.md, "A value of another moment".
 */
double series_drift_sd(int64_t lag_s);

/* Widens the interval of p by a standard deviation in ln space, in quadrature on each side. */
void series_widen(struct series_point *p, double sd);

const char *series_kind_name(enum series_kind k);		/* "average", "marginal" */
int series_kind_parse(const char *word, enum series_kind *ret); /* 0 or -EINVAL */
void series_free(struct series *s);

#endif /* INTENSITY_SERIES_H */
