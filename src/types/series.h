/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series.h - one interval of a place's carbon per kilowatt-hour over time. */
#ifndef TYPES_SERIES_H
#define TYPES_SERIES_H

#include <stdint.h>

enum series_kind { SERIES_AVERAGE = 0, SERIES_MARGINAL };

/* What is to be known of a value; a mean has the flags of all its parts. */
enum series_flag {
	SERIES_ESTIMATED = 1U << 0,   /* the source says that it is its estimate */
	SERIES_FORECAST = 1U << 1,    /* told before its time */
	SERIES_FILLED = 1U << 2,      /* no value of its time: one of another, widened */
	SERIES_OVERLAPPED = 1U << 3,  /* cut, because another interval overlapped it */
	SERIES_REVISED = 1U << 4,     /* replaced an earlier value of the same times */
	SERIES_ASSUMED_END = 1U << 5, /* no end was given */
	SERIES_ASSUMED_UTC = 1U << 6, /* its time had no offset: taken for UTC */
	SERIES_MISSED = 1U << 7,      /* no value: until series_finish() takes it out */
};

/* [start_s, end_s) in seconds since 1970 UTC; low <= value <= high, a 95 % interval. */
struct series_point {
	int64_t start_s;
	int64_t end_s; /* SERIES_END_UNKNOWN: series_finish() decides */
	uint32_t mg_per_kwh;
	uint32_t low_mg_per_kwh;
	uint32_t high_mg_per_kwh;
	uint32_t flags; /* SERIES_* */
};

#endif /* TYPES_SERIES_H */
