/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report_series.h - the host of a report over time, in so few spans that a page can show them.
 *
 * As long as there are few ticks each is a span of its own; then they are put in spans of one
 * length, which grows with the time that they are of: 1 s, 5 s, … a day, and twice that on. What
 * retention summed up is a span of its own. A span's figures add up like all others:
 * quant/total.h. Where nothing was measured there is no span.
 */
#ifndef CLI_REPORT_SERIES_H
#define CLI_REPORT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/report.h"

#define REPORT_MAX_SPANS  400
#define REPORT_MAX_ROLLED 800
#define REPORT_MAX_BLANKS 64

struct report_span {
	int64_t from_us; /* after report_series_settle(): where it begins and ends on a page */
	int64_t to_us;
	int64_t begin_us; /* of its first tick, and the end of its last */
	int64_t end_us;
	uint64_t n_ticks; /* those that begin in it; 0: it is none */
	uint64_t n_missing;
	uint64_t known_ns;   /* time of the ticks whose energy is known */
	uint64_t covered_us; /* of that, within it */
	uint64_t over_us;    /* and beyond its end */
	bool rolled_up;
	struct report_sum host;
};

/* A time without a tick, or with ticks whose energy is not known. */
struct report_blank {
	int64_t from_us;
	int64_t to_us;
	bool no_energy; /* there were ticks */
};

/* Zero-initialise, with calloc(): it is large. */
struct report_series {
	int64_t length_us;  /* of a span; 0 = each is a tick */
	int64_t longest_us; /* tick */
	int64_t first;	    /* number of span[0] since 1970 */
	size_t n;
	struct report_span span[REPORT_MAX_SPANS];
	size_t n_early; /* ticks, before there are too many */
	struct report_span early[REPORT_MAX_SPANS];
	size_t n_rolled;
	struct report_span rolled[REPORT_MAX_ROLLED];

	bool began;	   /* a tick was there, not only rollups */
	int64_t begin_us;  /* of the first tick */
	int64_t end_us;	   /* of the last */
	uint64_t n_blanks; /* those beyond REPORT_MAX_BLANKS are counted only */
	uint64_t unmeasured_us;
	uint64_t no_energy_us;
	struct report_blank blank[REPORT_MAX_BLANKS];
};

/* A tick, or the rollup of n_ticks, of which n_missing had no energy. */
struct report_moment {
	int64_t from_us;
	int64_t to_us;
	uint64_t n_ticks;
	uint64_t n_missing;
	uint64_t time_ns;
	bool rolled_up;
};

/*
 * Takes it. Returns the sum of the span, for its figures: valid until the next call.
 */
struct report_sum *report_series_take(struct report_series *s, const struct report_moment *m);

/* No more ticks: gives the spans their bounds and order, and finds what lies between rollups. */
void report_series_settle(struct report_series *s);

/* After that all spans by time, the first n_rolled of rollups; some may have no tick: holes. */
size_t report_series_n(const struct report_series *s);
const struct report_span *report_series_span(const struct report_series *s, size_t i);

/* How much of it was measured, with its energy. */
unsigned int report_span_percent(const struct report_span *p);

#endif /* CLI_REPORT_SERIES_H */
