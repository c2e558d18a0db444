/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_answer.c - do the end points answer as the Carbon Aware SDK's documentation shows it? */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cli/api.h"
#include "intensity/series_file.h"
#include "unit/random.h"

/* 2026-01-01. */
#define NOW INT64_C(1767225600)

/* Data and forecasts out of texts, as files would hold them. */
struct scene {
	struct series_set set[2];
	struct api_series series[16];
	struct api_data data;
};

static void scene_new(struct scene *s, const char *data, const char *forecast, int64_t generated_s)
{
	const char *const text[] = { data, forecast };
	struct why why = { "" };

	*s = (struct scene){ .data = { .series = s->series } };
	for (int i = 0; i < 2; i++) {
		if (!text[i])
			continue;
		cr_assert_eq(series_read("text", text[i], strlen(text[i]), &s->set[i], &why), 0,
			     "%s", why.text);
		for (size_t k = 0; k < s->set[i].n; k++)
			s->series[s->data.n++] = (struct api_series){
				.series = &s->set[i].series[k],
				.is_forecast = i == 1,
				.generated_s = i == 1 ? generated_s : API_GENERATED_NONE,
			};
	}
	cr_assert_eq(api_index(&s->data), 0);
}

static void scene_free(struct scene *s)
{
	api_index_free(&s->data);
	series_set_free(&s->set[0]);
	series_set_free(&s->set[1]);
}

/* Cuts "/path?a=b&c=d", which it changes, into q. */
static void request_of(struct api_request *q, char *url)
{
	char *rest = strchr(url, '?'), *one;

	q->path = url;
	if (!rest)
		return;
	*rest++ = '\0';
	while ((one = strsep(&rest, "&"))) {
		char *value = strchr(one, '=');

		if (value)
			*value++ = '\0';
		q->param[q->n_params++] = (struct api_param){ one, value ? value : "" };
	}
}

/* The answer's JSON, for json_decref(); NULL for 204. */
static json_t *ask(const struct scene *s, const char *method, const char *url, const char *body,
		   unsigned int status)
{
	struct api_request q = { .method = method, .body = body ? body : "", .now_s = NOW };
	const struct json_limits limits = { 1U << 26, 16, 1U << 22 };
	struct api_reply r = { 0 };
	char *copy = strdup(url), chunk[100];
	struct why why = { "" };
	json_t *json = NULL;
	size_t n;

	q.body_len = strlen(q.body);
	request_of(&q, copy);
	api_answer(&s->data, &q, &r);
	cr_assert_eq(r.status, status, "%s: %u: %s", url, r.status, r.body.data);
	while (r.stream && (n = api_stream_next(r.stream, chunk, sizeof(chunk))))
		buf_append(&r.body, chunk, n);
	if (r.body.len)
		cr_assert_eq(json_read_document(r.body.data, r.body.len, &limits, &json, &why), 0,
			     "%s: %s: %s", url, why.text, r.body.data);
	cr_assert_str_eq(r.type ? r.type : "", status == 204   ? ""
					       : status == 200 ? API_JSON_TYPE
							       : API_PROBLEM_TYPE);
	if (status >= 400) {
		cr_assert_eq(json_integer_value(json_object_get(json, "status")), status);
		cr_assert_gt(json_string_length(json_object_get(json, "detail")), 5);
		cr_assert(json_is_object(json_object_get(json, "errors")));
	}
	free(r.stream);
	buf_free(&r.body);
	free(copy);
	return json;
}

/* The answer is that JSON, numbers alike to a thousandth. */
static bool alike(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *value;

	if (json_is_number(a) && json_is_number(b))
		return fabs(json_number_value(a) - json_number_value(b)) < 0.001;
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_array(a)) {
		if (json_array_size(a) != json_array_size(b))
			return false;
		for (size_t i = 0; i < json_array_size(a); i++)
			if (!alike(json_array_get(a, i), json_array_get(b, i)))
				return false;
		return true;
	}
	if (json_is_object(a)) {
		if (json_object_size(a) != json_object_size(b))
			return false;
		json_object_foreach(
			(json_t *)a, name,
			value) if (!json_object_get(b, name) ||
				   !alike(value, json_object_get(b, name))) return false;
		return true;
	}
	return json_equal(a, b);
}

static void expect(const struct scene *s, const char *url, const char *want)
{
	json_t *got = ask(s, "GET", url, NULL, 200);
	json_t *wanted = json_loads(want, 0, NULL);
	char *text = json_dumps(got, JSON_COMPACT);

	cr_assert_not_null(wanted, "%s", want);
	cr_expect(alike(got, wanted), "%s:\n%s\nnot\n%s", url, text, want);
	free(text);
	json_decref(got);
	json_decref(wanted);
}

/* The documentation's two places, one moment. */
#define EXAMPLE                                                                                   \
	"[{\"location\":\"eastus\",\"time\":\"2022-05-17T20:45:11.5092741+00:00\",\"rating\":70," \
	"\"duration\":\"00:05:00\"},{\"location\":\"westus\",\"time\":\"2022-05-17T20:45:11."     \
	"5092741+00:00\",\"rating\":64,\"duration\":\"00:05:00\"}]"

Test(api_answer, the_published_example_by_location)
{
	struct scene s;

	scene_new(&s, EXAMPLE, NULL, 0);
	expect(&s, "/emissions/bylocation?location=eastus&time=2022-01-01&toTime=2022-05-18",
	       "[{\"location\":\"eastus\",\"time\":\"2022-05-17T20:45:11+00:00\",\"rating\":70,"
	       "\"duration\":\"00:05:00\"}]");
	expect(&s, "/Emissions/ByLocations?locations=eastus&locations=westus&time=2022-01-01",
	       "[{\"location\":\"eastus\",\"time\":\"2022-05-17T20:45:11+00:00\",\"rating\":70,"
	       "\"duration\":\"00:05:00\"},{\"location\":\"westus\",\"time\":"
	       "\"2022-05-17T20:45:11+00:00\",\"rating\":64,\"duration\":\"00:05:00\"}]");
	expect(&s,
	       "/emissions/bylocations/best?locations=eastus&locations=westus&time=2022-01-01"
	       "&toTime=2022-05-18",
	       "[{\"location\":\"westus\",\"time\":\"2022-05-17T20:45:11+00:00\",\"rating\":64,"
	       "\"duration\":\"00:05:00\"}]");
	json_decref(ask(&s, "GET",
			"/emissions/bylocation?location=eastus&time=2022-01-01&toTime=2022-05-17",
			NULL, 204));
	scene_free(&s);
}

Test(api_answer, locations)
{
	struct scene s;

	scene_new(&s, EXAMPLE, EXAMPLE, NOW);
	expect(&s, "/locations",
	       "{\"eastus\":{\"Latitude\":null,\"Longitude\":null,\"Name\":\"eastus\"},"
	       "\"westus\":{\"Latitude\":null,\"Longitude\":null,\"Name\":\"westus\"}}");
	scene_free(&s);
}

/* Half-hours of one afternoon, the second unknown; the published average is of the first. */
#define AFTERNOON                                     \
	"time,duration,zone,g_per_kwh\n"              \
	"2022-07-19T14:00Z,02:00:00,eastus,300.434\n" \
	"2022-07-19T16:00Z,02:00:00,eastus,390.434\n" \
	"2022-07-19T18:00Z,00:30:00,eastus,\n"        \
	"2022-07-19T18:30Z,00:30:00,eastus,100\n"

Test(api_answer, the_published_example_of_an_average)
{
	struct scene s;

	scene_new(&s, AFTERNOON, NULL, 0);
	expect(&s,
	       "/emissions/average-carbon-intensity?location=eastus&startTime=2022-07-19T14:00:00Z"
	       "&endTime=2022-07-19T18:00:00Z",
	       "{\"location\":\"eastus\",\"startTime\":\"2022-07-19T14:00:00+00:00\",\"endTime\":"
	       "\"2022-07-19T18:00:00+00:00\",\"carbonIntensity\":345.434}");
	scene_free(&s);
}

Test(api_answer, null_stays_null)
{
	struct scene s;

	scene_new(&s, AFTERNOON, NULL, 0);
	expect(&s,
	       "/emissions/average-carbon-intensity?location=EastUS&startTime=2022-07-19T17:30:00Z"
	       "&endTime=2022-07-19T19:00:00Z",
	       "{\"location\":\"EastUS\",\"startTime\":\"2022-07-19T17:30:00+00:00\",\"endTime\":"
	       "\"2022-07-19T19:00:00+00:00\",\"carbonIntensity\":null,\"missingSeconds\":1800}");
	expect(&s, "/emissions/bylocation?location=eastus&time=2022-07-19T18:00Z",
	       "[{\"location\":\"eastus\",\"time\":\"2022-07-19T18:30:00+00:00\",\"rating\":100,"
	       "\"duration\":\"00:30:00\"}]");
	scene_free(&s);
}

Test(api_answer, averages_in_a_batch)
{
	struct scene s;
	json_t *got;

	scene_new(&s, AFTERNOON, NULL, 0);
	got = ask(&s, "POST", "/emissions/average-carbon-intensity/batch",
		  "[{\"location\":\"eastus\",\"startTime\":\"2022-07-19T14:00:00\",\"endTime\":"
		  "\"2022-07-19T16:00:00\"},{\"location\":\"eastus\",\"startTime\":"
		  "\"2022-07-19T10:00:00-04:00\",\"endTime\":\"2022-07-19T20:00:00\"}]",
		  200);
	cr_assert_eq(json_array_size(got), 2);
	cr_assert_float_eq(
		json_real_value(json_object_get(json_array_get(got, 0), "carbonIntensity")),
		300.434, 1e-9);
	cr_assert(json_is_null(json_object_get(json_array_get(got, 1), "carbonIntensity")));
	json_decref(got);
	json_decref(
		ask(&s, "POST", "/emissions/average-carbon-intensity/batch",
		    "[{\"location\":\"eastus\",\"startTime\":\"2022-07-19T14:00:00Z\","
		    "\"endTime\":\"2022-07-19T16:00:00Z\"},{\"location\":\"westus\",\"startTime\":"
		    "\"2022-07-19T14:00:00Z\",\"endTime\":\"2022-07-19T16:00:00Z\"}]",
		    400));
	scene_free(&s);
}

/* The SDK's forecast of its older OpenAPI file: four points of five minutes. */
#define FORECAST                                    \
	"time,duration,zone,g_per_kwh\n"            \
	"2022-05-23T00:05Z,00:05:00,eastus,195.2\n" \
	"2022-05-23T00:10Z,00:05:00,eastus,173.3\n" \
	"2022-05-23T00:15Z,00:05:00,eastus,222.4\n" \
	"2022-05-23T00:20Z,00:05:00,eastus,200.1\n"

/* A window of it. */
#define P_05                                                                    \
	"{\"location\":\"eastus\",\"timestamp\":\"2022-05-23T00:05:00+00:00\"," \
	"\"duration\":5,\"value\":195.2}"
#define P_10                                                                    \
	"{\"location\":\"eastus\",\"timestamp\":\"2022-05-23T00:10:00+00:00\"," \
	"\"duration\":5,\"value\":173.3}"
#define P_15                                                                    \
	"{\"location\":\"eastus\",\"timestamp\":\"2022-05-23T00:15:00+00:00\"," \
	"\"duration\":5,\"value\":222.4}"
#define P_20                                                                    \
	"{\"location\":\"eastus\",\"timestamp\":\"2022-05-23T00:20:00+00:00\"," \
	"\"duration\":5,\"value\":200.1}"

Test(api_answer, the_published_example_of_a_forecast)
{
	struct scene s;

	scene_new(&s, NULL, FORECAST, INT64_C(1653264000));
	expect(&s, "/emissions/forecasts/current?location=eastus",
	       "[{\"generatedAt\":\"2022-05-23T00:00:00+00:00\",\"requestedAt\":"
	       "\"2026-01-01T00:00:00+00:00\",\"location\":\"eastus\",\"dataStartAt\":"
	       "\"2022-05-23T00:05:00+00:00\",\"dataEndAt\":\"2022-05-23T00:25:00+00:00\","
	       "\"windowSize\":5,\"optimalDataPoint\":" P_10 ",\"optimalDataPoints\":[" P_10
	       "],\"forecastData\":[" P_05 "," P_10 "," P_15 "," P_20 "]}]");
	scene_free(&s);
}

Test(api_answer, forecasts_as_rolling_means)
{
	struct scene s;
	json_t *got, *one;

	scene_new(&s, NULL, FORECAST, INT64_C(1653264000));
	got = ask(
		&s, "POST", "/emissions/forecasts/batch",
		"[{\"location\":\"eastus\",\"requestedAt\":\"2022-05-23T00:01:00Z\",\"windowSize\":"
		"10,"
		"\"dataStartAt\":\"2022-05-23T00:07:00Z\",\"dataEndAt\":\"2022-05-23T00:25:00Z\"}]",
		200);
	one = json_array_get(got, 0);
	cr_assert_eq(json_array_size(json_object_get(one, "forecastData")), 3);
	cr_assert_str_eq(json_string_value(json_object_get(json_object_get(one, "optimalDataPoint"),
							   "timestamp")),
			 "2022-05-23T00:07:00+00:00");
	/* 3 minutes of 195.2, 5 of 173.3, 2 of 222.4 */
	cr_assert_float_eq(json_number_value(json_object_get(
				   json_object_get(one, "optimalDataPoint"), "value")),
			   189.69, 0.001);
	json_decref(got);
	got = ask(&s, "GET", "/emissions/forecasts/current?location=eastus&windowSize=60", NULL,
		  200);
	one = json_array_get(got, 0);
	cr_assert_eq(json_array_size(json_object_get(one, "forecastData")), 0, "too long");
	cr_assert(json_is_null(json_object_get(one, "optimalDataPoint")));
	json_decref(got);
	/* A problem stands alone, however much was answered before it. */
	json_decref(ask(&s, "GET", "/emissions/forecasts/current?location=eastus&location=x", NULL,
			400));
	json_decref(ask(&s, "POST", "/emissions/forecasts/batch",
			"[{\"location\":\"eastus\",\"requestedAt\":\"2022-05-24\"},"
			"{\"location\":\"eastus\",\"requestedAt\":\"2022-05-22T23:59:59Z\"}]",
			404));
	scene_free(&s);
}

Test(api_answer, what_is_wrong_is_told)
{
	static const struct {
		unsigned int status;
		const char *method, *url, *body;
	} cases[] = {
		{ 404, "GET", "/", NULL },
		{ 404, "GET", "/emissions", NULL },
		{ 404, "GET", "/emissions/bylocation/x", NULL },
		{ 405, "POST", "/emissions/bylocation", "" },
		{ 405, "DELETE", "/locations", NULL },
		{ 405, "GET", "/emissions/forecasts/batch", NULL },
		{ 400, "GET", "/emissions/bylocation", NULL },
		{ 400, "GET", "/emissions/bylocation?location=", NULL },
		{ 400, "GET", "/emissions/bylocation?location=nowhere", NULL },
		{ 400, "GET", "/emissions/bylocation?location=\xff\xfe\"\\", NULL },
		{ 400, "GET", "/emissions/bylocation?location=eastus&time=soon", NULL },
		{ 400, "GET", "/emissions/bylocation?location=eastus&time=2022-02-31", NULL },
		{ 400, "GET",
		  "/emissions/bylocation?location=eastus&time=2022-05-18&toTime=2022-05-17", NULL },
		{ 400, "GET", "/emissions/bylocation?location=eastus&kind=marginal", NULL },
		{ 400, "GET", "/emissions/bylocation?location=eastus&kind=both", NULL },
		{ 400, "GET", "/emissions/bylocations/best?locations=eastus&locations=FR", NULL },
		{ 400, "GET", "/emissions/average-carbon-intensity?location=eastus", NULL },
		{ 400, "GET",
		  "/emissions/average-carbon-intensity?location=eastus&startTime=2022-01-01&"
		  "endTime=2022-01-01",
		  NULL },
		{ 501, "GET", "/emissions/forecasts/current?location=eastus", NULL },
		{ 400, "GET", "/emissions/forecasts/current", NULL },
		{ 400, "GET", "/emissions/forecasts/current?location=eastus&windowSize=0", NULL },
		{ 400, "GET", "/emissions/forecasts/current?location=eastus&windowSize=-5", NULL },
		{ 400, "GET", "/emissions/forecasts/current?location=eastus&windowSize=9e9", NULL },
		{ 400, "POST", "/emissions/forecasts/batch", "" },
		{ 400, "POST", "/emissions/forecasts/batch", "{}" },
		{ 400, "POST", "/emissions/forecasts/batch", "[]" },
		{ 400, "POST", "/emissions/forecasts/batch", "[1]" },
		{ 400, "POST", "/emissions/forecasts/batch", "[{}]" },
		{ 413, "POST", "/emissions/forecasts/batch", "[[[[[[[[[[[[]]]]]]]]]]]]" },
		{ 400, "POST", "/emissions/forecasts/batch", "[{\"location\":\"eastus\"" },
		{ 400, "POST", "/emissions/forecasts/batch",
		  "[{\"location\":\"eastus\",\"requestedAt\":17}]" },
		{ 400, "POST", "/emissions/forecasts/batch",
		  "[{\"location\":\"a\\u0000b\",\"requestedAt\":\"2022-01-01\"}]" },
	};
	struct scene s;

	scene_new(&s, EXAMPLE, NULL, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		json_decref(ask(&s, cases[i].method, cases[i].url, cases[i].body, cases[i].status));
	scene_free(&s);
}

Test(api_answer, kinds_are_never_mixed)
{
	struct scene s;

	scene_new(&s,
		  "time,duration,zone,kind,g_per_kwh\n2022-01-01,01:00:00,DE,average,400\n"
		  "2022-01-01,01:00:00,DE,marginal,700\n2022-01-01,01:00:00,PL,marginal,900\n",
		  NULL, 0);
	expect(&s, "/emissions/bylocation?location=DE",
	       "[{\"location\":\"DE\",\"time\":\"2022-01-01T00:00:00+00:00\",\"rating\":400,"
	       "\"duration\":\"01:00:00\"}]");
	expect(&s, "/emissions/bylocation?location=DE&kind=marginal",
	       "[{\"location\":\"DE\",\"time\":\"2022-01-01T00:00:00+00:00\",\"rating\":700,"
	       "\"duration\":\"01:00:00\"}]");
	json_decref(
		ask(&s, "GET", "/emissions/bylocations/best?location=DE&location=PL", NULL, 400));
	scene_free(&s);
}

Test(api_answer, the_best_of_many_points_is_the_least)
{
	struct random_source r = { .seed = 5 };

	for (int i = 0; i < 200; i++) {
		struct series series = { .location = "X" };
		struct api_series one = { .series = &series, .generated_s = API_GENERATED_NONE };
		struct scene s = { .data = { .n = 1, .series = &one } };
		int64_t from_s, to_s;
		uint32_t least = UINT32_MAX;
		size_t n_least = 0;
		char url[120];
		json_t *got;

		for (int64_t t = 0; t < 2000; t++) {
			struct series_point p = { t * 60, t * 60 + 60, 0, 0, 0, 0 };

			p.mg_per_kwh = p.low_mg_per_kwh = p.high_mg_per_kwh =
				1000 + (uint32_t)random_below(&r, 1 + i) * 1000;
			cr_assert_eq(series_add(&series, &p), 0);
		}
		cr_assert_eq(series_finish(&series), 0);
		cr_assert_eq(api_index(&s.data), 0);
		from_s = (int64_t)random_below(&r, 60 * 1999);
		to_s = from_s + 1 + (int64_t)random_below(&r, 60 * 2000);
		for (size_t k = 0; k < series.n; k++) {
			const struct series_point *p = &series.point[k];

			if (p->end_s <= from_s || p->start_s >= to_s || p->mg_per_kwh > least)
				continue;
			n_least = p->mg_per_kwh < least ? 1 : n_least + 1;
			least = p->mg_per_kwh;
		}
		snprintf(url, sizeof(url),
			 "/emissions/bylocations/best?location=x&time=%lld&toTime=%lld",
			 (long long)from_s, (long long)to_s);
		got = ask(&s, "GET", url, NULL, 200);
		cr_assert_eq(json_array_size(got), n_least, "%s", url);
		cr_assert_float_eq(
			json_number_value(json_object_get(json_array_get(got, 0), "rating")),
			least / 1000.0, 1e-9);
		json_decref(got);
		api_index_free(&s.data);
		series_free(&series);
	}
}

Test(api_answer, the_openapi_document_names_every_end_point)
{
	static const char *const paths[] = {
		"/emissions/bylocation",
		"/emissions/bylocations",
		"/emissions/bylocations/best",
		"/emissions/forecasts/current",
		"/emissions/forecasts/batch",
		"/emissions/average-carbon-intensity",
		"/emissions/average-carbon-intensity/batch",
		"/locations",
	};
	struct scene s = { .data = { .n = 0 } };
	json_t *got = ask(&s, "GET", "/openapi.json", NULL, 200);

	cr_assert_eq(json_object_size(json_object_get(got, "paths")),
		     sizeof(paths) / sizeof(paths[0]));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		cr_expect_not_null(json_object_get(json_object_get(got, "paths"), paths[i]), "%s",
				   paths[i]);
	json_decref(got);
}
