/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * chart.h - a quantity over time with its interval, as a part of a page: what is not known is a
 * hole, never 0.
 */
#ifndef EXPORT_CHART_H
#define EXPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "quant/interval.h"

/* A span of time and what the quantity was in it. Spans do not overlap and are in order. */
struct chart_point {
	int64_t from_us;
	int64_t to_us;
	bool known;
	unsigned int covered_percent; /* of the span: what was measured */
	struct quant_interval_u64 v;  /* in millionths of the unit */
};

/* Strings are the caller's, and harmless. */
struct chart {
	const char *title;
	const char *colour; /* "e" energy, "c" carbon, "g" grid */
	const char *unit;   /* "W" */
	size_t n;
	const struct chart_point *point;
	int64_t from_us;
	int64_t to_us;
};

/* A figure element. */
void chart_put(struct buf *out, const struct chart *c);

/* A strip of the same width: what of each span was measured. */
void chart_put_strip(struct buf *out, const struct chart *c);

/* A bar from 0 to v, of which `most` fills the width, with its interval as a line. */
void chart_put_bar(struct buf *out, const struct quant_interval_u64 *v, uint64_t most);

/*
 * The distance of ticks on an axis that is `range` long, so that there are at most n of them: 1, 2
 * or 5 times a power of ten. range > 0, n > 0.
 */
double chart_step(double range, unsigned int n);
/* The same of a time axis, µs: a second, a minute, an hour, a day, or a fitting few of them. */
int64_t chart_time_step(int64_t range_us, unsigned int n);

#endif /* EXPORT_CHART_H */
