/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_forecasts.c - /emissions/forecasts/current and …/batch: rolling means, and the least. */
#include <errno.h>
#include <stdlib.h>

#include "cli/api_batch.h"
#include "cli/api_parts.h"
#include "plan/plan.h"

struct forecast_query {
	const struct api_series *of;
	const char *place; /* as asked for */
	int64_t requested_s;
	int64_t start_s; /* INT64_MIN, INT64_MAX: as the forecast has it */
	int64_t end_s;
	uint64_t minutes; /* 0: of its first point */
};

/* Windows on their way into an array. */
struct forecast_windows {
	struct buf *out;
	const char *location;
	uint64_t duration_s;
	uint64_t only; /* those with that sum; UINT64_MAX: all */
	size_t n;
	size_t *left; /* how many more the answer may have */
	uint64_t best;
	int64_t best_start_s;
};

static void put_window(struct forecast_windows *f, int64_t start_s, uint64_t sum)
{
	buf_puts(f->out, "{\"location\":");
	api_put_string(f->out, f->location);
	buf_puts(f->out, ",\"timestamp\":");
	api_put_time(f->out, start_s);
	buf_puts(f->out, ",\"duration\":");
	buf_put_u64(f->out, f->duration_s / 60);
	buf_puts(f->out, ",\"value\":");
	api_put_grams(f->out, (sum + f->duration_s / 2) / f->duration_s);
	buf_putc(f->out, '}');
}

static bool take_window(int64_t start_s, uint64_t sum, void *arg)
{
	struct forecast_windows *f = arg;

	if (f->only != UINT64_MAX && sum != f->only)
		return true;
	if (*f->left == 0)
		return false;
	--*f->left;
	if (f->n++)
		buf_putc(f->out, ',');
	else
		f->best = UINT64_MAX;
	if (sum < f->best) {
		f->best = sum;
		f->best_start_s = start_s;
	}
	put_window(f, start_s, sum);
	return true;
}

/* forecastData, then the best of them: as one (the SDK's documentation) and as all (its code). */
static int put_windows(struct buf *out, const struct forecast_query *a, uint64_t duration_s,
		       size_t *left)
{
	const struct plan_series s = { .step = a->of->series->point, .n = a->of->series->n };
	const struct plan_span span = { .from_s = a->start_s,
					.until_s = a->end_s,
					.duration_s = duration_s };
	struct forecast_windows f = { .out = out,
				      .location = a->of->series->location,
				      .duration_s = duration_s,
				      .only = UINT64_MAX,
				      .left = left };
	size_t spare = API_MAX_WINDOWS;
	int err;

	buf_puts(out, ",\"forecastData\":[");
	err = plan_each(&s, &span, take_window, &f);
	if (err == -EINVAL || *left == 0)
		return err == -EINVAL ? err : -E2BIG;
	buf_puts(out, "],\"optimalDataPoint\":");
	if (f.n)
		put_window(&f, f.best_start_s, f.best);
	else
		buf_puts(out, "null");
	buf_puts(out, ",\"optimalDataPoints\":[");
	if (f.n) {
		f.only = f.best;
		f.n = 0;
		f.left = &spare;
		plan_each(&s, &span, take_window, &f);
	}
	buf_putc(out, ']');
	return 0;
}

/* What the forecast has where nothing was asked for. */
static uint64_t forecast_settle(struct forecast_query *a)
{
	const struct series *s = a->of->series;

	if (a->start_s == INT64_MIN)
		a->start_s = s->point[0].start_s;
	if (a->end_s == INT64_MAX)
		a->end_s = s->point[s->n - 1].end_s;
	if (a->minutes)
		return a->minutes * 60;
	return (uint64_t)(s->point[0].end_s - s->point[0].start_s);
}

static bool put_forecast(struct forecast_query *a, size_t *left, struct api_reply *r)
{
	uint64_t duration_s = forecast_settle(a);
	struct buf *out = &r->body;

	if (a->end_s <= a->start_s) {
		api_problem(r, 400, "dataEndAt", "dataEndAt is not after dataStartAt");
		return false;
	}
	buf_puts(out, "{\"generatedAt\":");
	if (a->of->generated_s == API_GENERATED_NONE)
		buf_puts(out, "null");
	else
		api_put_time(out, a->of->generated_s);
	buf_puts(out, ",\"requestedAt\":");
	api_put_time(out, a->requested_s);
	buf_puts(out, ",\"location\":");
	api_put_string(out, a->place);
	buf_puts(out, ",\"dataStartAt\":");
	api_put_time(out, a->start_s);
	buf_puts(out, ",\"dataEndAt\":");
	api_put_time(out, a->end_s);
	buf_puts(out, ",\"windowSize\":");
	buf_put_u64(out, duration_s / 60);
	switch (put_windows(out, a, duration_s, left)) {
	case 0:
		break;
	case -E2BIG:
		api_problem(r, 400, "dataEndAt",
			    "more than %d windows: narrow dataStartAt and dataEndAt",
			    API_MAX_WINDOWS);
		return false;
	default:
		api_problem(r, 400, "windowSize", "the forecast cannot be searched for that");
		return false;
	}
	buf_putc(out, '}');
	return true;
}

static bool query_minutes(const struct api_request *q, uint64_t *ret, struct api_reply *r)
{
	const char *value = api_param(q, "windowSize");
	char *end;

	if (!value)
		return true;
	*ret = strtoul(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && *ret >= 1 && *ret <= API_MAX_MINUTES)
		return true;
	api_problem(r, 400, "windowSize", "'%.40s' is no count of minutes, 1 to %d", value,
		    API_MAX_MINUTES);
	return false;
}

void api_forecasts_current(const struct api_data *d, const struct api_request *q,
			   struct api_reply *r)
{
	struct forecast_query a = { .requested_s = q->now_s,
				    .start_s = INT64_MIN,
				    .end_s = INT64_MAX };
	const char *place[API_MAX_PARAMS];
	size_t n = api_locations_of(q, place), left = API_MAX_WINDOWS;
	enum series_kind kind;

	if (!api_kind(q, &kind, r) || !api_time(q, "dataStartAt", &a.start_s, r) ||
	    !api_time(q, "dataEndAt", &a.end_s, r) || !query_minutes(q, &a.minutes, r))
		return;
	if (n == 0) {
		api_problem(r, 400, "location", "a location is required");
		return;
	}
	buf_putc(&r->body, '[');
	for (size_t i = 0; i < n; i++) {
		struct forecast_query one = a;

		one.place = place[i];
		one.of = api_find_forecast(d, place[i], kind, INT64_MAX, r);
		if (!one.of)
			return;
		if (i)
			buf_putc(&r->body, ',');
		if (!put_forecast(&one, &left, r))
			return;
	}
	buf_putc(&r->body, ']');
	api_done(r);
}

void api_forecasts_batch(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	CLEANUP(json_decref_ptr) json_t *array = NULL;
	size_t left = API_MAX_WINDOWS;
	enum series_kind kind;

	if (!api_kind(q, &kind, r) || !api_batch(q, &array, r))
		return;
	buf_putc(&r->body, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct api_element e = { json_array_get(array, i), i };
		struct forecast_query a = { .place = api_element_location(&e, r),
					    .start_s = INT64_MIN,
					    .end_s = INT64_MAX };

		if (!a.place || !api_element_time(&e, "requestedAt", true, &a.requested_s, r) ||
		    !api_element_time(&e, "dataStartAt", false, &a.start_s, r) ||
		    !api_element_time(&e, "dataEndAt", false, &a.end_s, r) ||
		    !api_element_minutes(&e, "windowSize", &a.minutes, r))
			return;
		a.of = api_find_forecast(d, a.place, kind, a.requested_s, r);
		if (!a.of)
			return;
		if (i)
			buf_putc(&r->body, ',');
		if (!put_forecast(&a, &left, r))
			return;
	}
	buf_putc(&r->body, ']');
	api_done(r);
}
