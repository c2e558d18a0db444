/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_average.c - /emissions/average-carbon-intensity and its batch: means, or null. */
#include <strings.h>

#include "cli/api_batch.h"
#include "cli/api_parts.h"
#include "plan/plan.h"

struct average_query {
	const struct api_series *of;
	const char *place; /* as asked for */
	int64_t start_s;
	int64_t end_s;
};

static bool average_is_sound(const struct average_query *a, struct api_reply *r)
{
	if (a->end_s > a->start_s)
		return true;
	api_problem(r, 400, "endTime", "endTime is not after startTime");
	return false;
}

/* A mean over time of which a second is not known is null, with how much is missing. */
static void put_average(struct buf *out, const struct average_query *a)
{
	const struct plan_series s = { .step = a->of->series->point, .n = a->of->series->n };
	struct plan_window w;
	uint64_t missing_s = 0;
	bool known = !plan_window(&s, a->start_s, a->end_s, &w, &missing_s);

	buf_puts(out, "{\"location\":");
	api_put_string(out, a->place);
	buf_puts(out, ",\"startTime\":");
	api_put_time(out, a->start_s);
	buf_puts(out, ",\"endTime\":");
	api_put_time(out, a->end_s);
	buf_puts(out, ",\"carbonIntensity\":");
	if (known) {
		api_put_grams(out, w.mg_per_kwh);
	} else {
		buf_puts(out, "null,\"missingSeconds\":");
		buf_put_u64(out, missing_s);
	}
	buf_putc(out, '}');
}

void api_average(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	struct average_query a = { .place = api_param(q, "location") };
	enum series_kind kind;

	if (!api_param(q, "startTime") || !api_param(q, "endTime")) {
		api_problem(r, 400, api_param(q, "startTime") ? "endTime" : "startTime",
			    "startTime and endTime are required");
		return;
	}
	if (!api_kind(q, &kind, r) || !api_time(q, "startTime", &a.start_s, r) ||
	    !api_time(q, "endTime", &a.end_s, r) || !average_is_sound(&a, r))
		return;
	a.of = api_find(d, a.place ? a.place : "", kind, r);
	if (!a.of)
		return;
	put_average(&r->body, &a);
	api_done(r);
}

void api_average_batch(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	CLEANUP(json_decref_ptr) json_t *array = NULL;
	const char *first = NULL;
	enum series_kind kind;

	if (!api_kind(q, &kind, r) || !api_batch(q, &array, r))
		return;
	buf_putc(&r->body, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct api_element e = { json_array_get(array, i), i };
		struct average_query a = { .place = api_element_location(&e, r) };

		if (!a.place || !api_element_time(&e, "startTime", true, &a.start_s, r) ||
		    !api_element_time(&e, "endTime", true, &a.end_s, r) || !average_is_sound(&a, r))
			return;
		if (first && strcasecmp(first, a.place) != 0) {
			api_problem(r, 400, "location",
				    "a batch is of one location: '%.40s' after "
				    "'%.40s'",
				    a.place, first);
			return;
		}
		first = a.place;
		a.of = api_find(d, a.place, kind, r);
		if (!a.of)
			return;
		if (i)
			buf_putc(&r->body, ',');
		put_average(&r->body, &a);
	}
	buf_putc(&r->body, ']');
	api_done(r);
}
