/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_parts.c - see api_parts.h. */
#include "cli/api_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "cli/nearest.h"
#include "intensity/intensity.h"
#include "intensity/stamp.h"

static const char *problem_title(unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *title;
	} titles[] = {
		{ 400, "Bad Request" },		  { 404, "Not Found" },
		{ 405, "Method Not Allowed" },	  { 413, "Content Too Large" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return "Error";
}

void api_problem(struct api_reply *r, unsigned int status, const char *field, const char *fmt, ...)
{
	struct json_writer w;
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	/* What was asked for is quoted, and may be cut within a character. */
	if (!json_utf8_valid(detail, strlen(detail)))
		for (char *c = detail; *c; c++)
			if (*c & 0x80)
				*c = '?';
	free(r->stream);
	r->stream = NULL;
	r->status = status;
	r->type = API_PROBLEM_TYPE;
	buf_reset(&r->body);
	json_begin(&w, &r->body);
	json_object_begin(&w);
	json_kv_str(&w, "type", "about:blank");
	json_kv_str(&w, "title", problem_title(status));
	json_kv_u64(&w, "status", status);
	json_kv_str(&w, "detail", detail);
	json_key(&w, "errors");
	json_object_begin(&w);
	if (field) {
		json_key(&w, field);
		json_array_begin(&w);
		json_str(&w, detail);
		json_array_end(&w);
	}
	json_object_end(&w);
	json_object_end(&w);
}

void api_done(struct api_reply *r)
{
	if (r->body.err) {
		buf_free(&r->body);
		r->body = (struct buf){ 0 };
		api_problem(r, 500, NULL, "out of memory");
		return;
	}
	r->status = 200;
	r->type = API_JSON_TYPE;
}

const char *api_param(const struct api_request *q, const char *name)
{
	for (size_t i = 0; i < q->n_params; i++)
		if (strcasecmp(q->param[i].name, name) == 0)
			return q->param[i].value;
	return NULL;
}

size_t api_locations_of(const struct api_request *q, const char **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n_params; i++)
		if (strcasecmp(q->param[i].name, "location") == 0 ||
		    strcasecmp(q->param[i].name, "locations") == 0)
			ret[n++] = q->param[i].value;
	return n;
}

bool api_time(const struct api_request *q, const char *name, int64_t *ret_s, struct api_reply *r)
{
	const char *value = api_param(q, name);
	char text[64], *blank;
	bool assumed;

	if (!value)
		return true;
	snprintf(text, sizeof(text), "%s", value);
	/* Behind the minutes a blank was a +: "…T20:45:11 00:00". */
	blank = strrchr(text, ' ');
	if (blank && memchr(text, ':', (size_t)(blank - text)))
		*blank = '+';
	if (strlen(value) < sizeof(text) && !stamp_read_time(text, strlen(text), ret_s, &assumed))
		return true;
	api_problem(r, 400, name, "'%.40s' is no time; give 2022-05-17T20:45:00Z", value);
	return false;
}

bool api_kind(const struct api_request *q, enum series_kind *ret, struct api_reply *r)
{
	const char *value = api_param(q, "kind");

	*ret = SERIES_AVERAGE;
	if (!value || strcasecmp(value, "average") == 0)
		return true;
	*ret = SERIES_MARGINAL;
	if (strcasecmp(value, "marginal") == 0)
		return true;
	api_problem(r, 400, "kind", "'%.40s' is neither average nor marginal", value);
	return false;
}

/* The known place that a mistyped one may have been meant to be; NULL: none. */
static const char *nearest_place(const struct api_data *d, const char *place)
{
	const char *best = NULL;

	for (size_t i = 0; i < d->n; i++) {
		const char *known = d->series[i].series->location;

		if (nearest_is_near(place, known) &&
		    (!best || nearest_distance(place, known) < nearest_distance(place, best)))
			best = known;
	}
	return best;
}

static void unknown_place(const struct api_data *d, const char *place, struct api_reply *r)
{
	const char *near = nearest_place(d, place);
	struct intensity row;

	if (!*place)
		api_problem(r, 400, "location", "a location is required");
	else if (near)
		api_problem(r, 400, "location", "unknown location '%.40s'; near: %s", place, near);
	else if (!intensity_lookup(place, &row, NULL))
		api_problem(r, 400, "location",
			    "no series was loaded for '%.40s'; its annual mean of %d is %" PRIu64
			    " mg/kWh. See /locations",
			    place, row.year, row.mg_per_kwh);
	else
		api_problem(r, 400, "location", "unknown location '%.40s'; see /locations", place);
}

static const struct api_series *find(const struct api_data *d, const char *place,
				     enum series_kind kind, bool forecast, int64_t by_s,
				     struct api_reply *r)
{
	const struct api_series *best = NULL;
	bool known = false, of_kind = false, other_kind = false;

	for (size_t i = 0; i < d->n; i++) {
		const struct api_series *s = &d->series[i];

		if (strcasecmp(s->series->location, place) != 0)
			continue;
		known = true;
		if (s->is_forecast != forecast)
			continue;
		other_kind |= s->series->kind != kind;
		of_kind |= s->series->kind == kind;
		if (s->series->kind != kind || (s->generated_s > by_s))
			continue;
		if (!best || s->generated_s >= best->generated_s)
			best = s;
	}
	if (best)
		return best;
	if (!known)
		unknown_place(d, place, r);
	else if (of_kind)
		api_problem(r, 404, "requestedAt", "no forecast of '%.40s' is that old", place);
	else if (other_kind)
		api_problem(r, 400, "kind", "'%.40s' has only %s intensities: add kind=%s", place,
			    series_kind_name(!kind), series_kind_name(!kind));
	else if (forecast)
		api_problem(r, 501, "location", "no forecast of '%.40s' was loaded", place);
	else
		api_problem(r, 404, "location", "only a forecast of '%.40s' was loaded", place);
	return NULL;
}

const struct api_series *api_find(const struct api_data *d, const char *place,
				  enum series_kind kind, struct api_reply *r)
{
	return find(d, place, kind, false, INT64_MAX, r);
}

const struct api_series *api_find_forecast(const struct api_data *d, const char *place,
					   enum series_kind kind, int64_t by_s, struct api_reply *r)
{
	return find(d, place, kind, true, by_s, r);
}

void api_put_grams(struct buf *out, uint64_t mg)
{
	unsigned int rest = (unsigned int)(mg % 1000), digits = 3;

	buf_put_u64(out, mg / 1000);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	buf_printf(out, ".%0*u", (int)digits, rest);
}

void api_put_time(struct buf *out, int64_t t_s)
{
	time_t t = (time_t)t_s;
	struct tm tm;
	char text[40];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "\"%Y-%m-%dT%H:%M:%S+00:00\"", &tm);
	buf_puts(out, text);
}

void api_put_string(struct buf *out, const char *s)
{
	struct json_writer w;

	json_begin(&w, out);
	json_bytes(&w, s, strlen(s));
}
