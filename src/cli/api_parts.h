/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_parts.h - what the end points share: parameters, places, pieces of JSON. */
#ifndef CLI_API_PARTS_H
#define CLI_API_PARTS_H

#include "cli/api.h"

/* ---- the end points: each fills the reply ---- */
typedef void api_handler(const struct api_data *d, const struct api_request *q,
			 struct api_reply *r);
api_handler api_by_location, api_best;
api_handler api_forecasts_current, api_forecasts_batch;
api_handler api_average, api_average_batch;
api_handler api_locations, api_openapi;

/* ---- parameters: names in any case, as ASP.NET takes them ---- */

/* Value of a name; NULL without it. */
const char *api_param(const struct api_request *q, const char *name);

/* Values of name or names ("location", "locations"). Returns how many; ret has API_MAX_PARAMS. */
size_t api_locations_of(const struct api_request *q, const char **ret);

/*
 * A time; without the name ret keeps what it has. The + of an offset may have become a blank.
 * Returns false, with a problem in r, for what is no time.
 */
bool api_time(const struct api_request *q, const char *name, int64_t *ret_s, struct api_reply *r);

/* "average" | "marginal"; without the name SERIES_AVERAGE. False: a problem is in r. */
bool api_kind(const struct api_request *q, enum series_kind *ret, struct api_reply *r);

/* ---- places ---- */

/*
 * The series of a place, the one generated last; of forecasts, not after by_s (INT64_MAX: any).
 * NULL, with a problem in r: the place is not known, or has no series of that kind.
 */
const struct api_series *api_find(const struct api_data *d, const char *place,
				  enum series_kind kind, struct api_reply *r);
const struct api_series *api_find_forecast(const struct api_data *d, const char *place,
					   enum series_kind kind, int64_t by_s,
					   struct api_reply *r);

/* ---- pieces ---- */

/* 70000 -> 70, 118500 -> 118.5: g/kWh, exactly. */
void api_put_grams(struct buf *out, uint64_t mg);

/* "2022-05-17T20:45:11+00:00", in quotes. */
void api_put_time(struct buf *out, int64_t t_s);

/* A JSON string. */
void api_put_string(struct buf *out, const char *s);

/* Status 200, JSON; false and a 500 problem without memory. */
void api_done(struct api_reply *r);

#endif /* CLI_API_PARTS_H */
