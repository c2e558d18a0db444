/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * answer.h - what the live feeds answer, into a series: Electricity Maps v3, WattTime v3, and
 * carbonintensity.org.uk. Pure: the text comes from elsewhere, and is not trusted.
 */
#ifndef INTENSITY_ANSWER_H
#define INTENSITY_ANSWER_H

#include "base/why.h"
#include "intensity/series.h"

/* One answer is some kilobytes; a day of five minutes some hundred. */
#define ANSWER_MAX_BYTES (4U << 20)
/* Values that far in the future are forecasts, whatever the feed calls them: clocks differ. */
#define ANSWER_SKEW_S 300

enum answer_feed {
	ANSWER_ELECTRICITYMAPS = 0,
	ANSWER_WATTTIME,
	ANSWER_UK,
	N_ANSWER_FEEDS,
};

struct answer_kind {
	const char *name; /* "electricitymaps", as --intensity has it */
	const char *source;
	enum series_kind kind;
	const char *boundary;
};

extern const struct answer_kind answer_kinds[N_ANSWER_FEEDS];

/* The feed of that name. Returns 0 or -ENOENT. */
int answer_feed_of(const char *name, enum answer_feed *ret);

/* An answer, and what is needed to read it. */
struct answer_text {
	enum answer_feed feed;
	const char *text; /* need not end with NUL */
	size_t len;
	int64_t now_s; /* for telling values from forecasts */
};

/*
 * Adds the answer's values to the series, whose kind, boundary and source it sets; the caller
 * finishes it. A value that is null is counted as missing, or replaced by the forecast that came
 * with it, flagged.
 *
 * ret_n_ahead  values that were ahead of now_s without being forecasts: the clocks differ
 *
 * Returns 0; -ENODATA for an answer without a value; -EPROTO for an error that the feed tells of
 * (why has its words); -EDOM for another unit than was asked for; -EBADMSG, -E2BIG for what is no
 * answer. On error the series is as it was.
 */
int answer_read(const struct answer_text *t, struct series *into, unsigned int *ret_n_ahead,
		struct why *why);

/* The token of WattTime's login. Returns 0, -EBADMSG, or -E2BIG if it does not fit. */
int answer_read_token(const char *text, size_t len, char *ret, size_t size);

/* The feed's own words about an error, from the body of an answer; "" if it has none. */
void answer_read_error(const char *text, size_t len, char *ret, size_t size);

#endif /* INTENSITY_ANSWER_H */
