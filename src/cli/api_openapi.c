/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_openapi.c - the OpenAPI document of the end points, from tables. */
#include <string.h>

#include "cli/api_parts.h"

#define REF "#/components/schemas/"

struct field {
	const char *name;
	const char *type;   /* "string", …; or the name of a schema */
	const char *format; /* NULL = none */
	bool required;
	bool is_array;
	bool nullable;
};

struct operation {
	const char *path;
	const char *method; /* "get", "post" */
	const char *id;
	const char *summary;
	struct field param[6];
	const char *body; /* schema of the array's elements; NULL = no body */
	struct field answer;
};

#define KIND                                            \
	{                                               \
		.name = "kind", .type = "IntensityKind" \
	}
#define POINTS_PARAMS(name_, array_)                                                        \
	{                                                                                   \
		{ .name = name_, .type = "string", .required = true, .is_array = array_ },  \
			{ .name = "time", .type = "string", .format = "date-time" },        \
			{ .name = "toTime", .type = "string", .format = "date-time" }, KIND \
	}

static const struct operation operations[] = {
	{ "/emissions/bylocation",
	  "get",
	  "GetEmissionsDataForLocationByTime",
	  "Intensities of a location over a time",
	  POINTS_PARAMS("location", false),
	  NULL,
	  { .type = "EmissionsData", .is_array = true } },
	{ "/emissions/bylocations",
	  "get",
	  "GetEmissionsDataForLocationsByTime",
	  "Intensities of locations over a time",
	  POINTS_PARAMS("location", true),
	  NULL,
	  { .type = "EmissionsData", .is_array = true } },
	{ "/emissions/bylocations/best",
	  "get",
	  "GetBestEmissionsDataForLocationsByTime",
	  "The least intensities of locations over a time",
	  POINTS_PARAMS("location", true),
	  NULL,
	  { .type = "EmissionsData", .is_array = true } },
	{ "/emissions/forecasts/current",
	  "get",
	  "GetCurrentForecastData",
	  "The latest forecast of each location, as rolling means, with the least of them",
	  { { .name = "location", .type = "string", .required = true, .is_array = true },
	    { .name = "dataStartAt", .type = "string", .format = "date-time" },
	    { .name = "dataEndAt", .type = "string", .format = "date-time" },
	    { .name = "windowSize", .type = "integer", .format = "int32" },
	    KIND },
	  NULL,
	  { .type = "EmissionsForecast", .is_array = true } },
	{ "/emissions/forecasts/batch",
	  "post",
	  "BatchForecastDataAsync",
	  "The forecasts that were the latest at the times asked for",
	  { KIND },
	  "EmissionsForecastBatchParameters",
	  { .type = "EmissionsForecast", .is_array = true } },
	{ "/emissions/average-carbon-intensity",
	  "get",
	  "GetAverageCarbonIntensity",
	  "The time-weighted mean intensity of a location; null where a second is not known",
	  { { .name = "location", .type = "string", .required = true },
	    { .name = "startTime", .type = "string", .format = "date-time", .required = true },
	    { .name = "endTime", .type = "string", .format = "date-time", .required = true },
	    KIND },
	  NULL,
	  { .type = "CarbonIntensity" } },
	{ "/emissions/average-carbon-intensity/batch",
	  "post",
	  "GetAverageCarbonIntensityBatch",
	  "The same for several times of one location",
	  { KIND },
	  "CarbonIntensityBatchParameters",
	  { .type = "CarbonIntensity", .is_array = true } },
	{ "/locations",
	  "get",
	  "GetAllLocations",
	  "The locations that series were loaded for",
	  { { .name = NULL } },
	  NULL,
	  { .type = "Locations" } },
};

static const struct {
	const char *name;
	struct field field[10];
} schemas[] = {
	{ "EmissionsData",
	  { { .name = "location", .type = "string", .required = true },
	    { .name = "time", .type = "string", .format = "date-time", .required = true },
	    { .name = "rating", .type = "number", .format = "double", .required = true },
	    { .name = "duration", .type = "string", .required = true } } },
	{ "EmissionsForecastData",
	  { { .name = "location", .type = "string", .required = true },
	    { .name = "timestamp", .type = "string", .format = "date-time", .required = true },
	    { .name = "duration", .type = "integer", .format = "int32", .required = true },
	    { .name = "value", .type = "number", .format = "double", .required = true } } },
	{ "EmissionsForecast",
	  { { .name = "generatedAt",
	      .type = "string",
	      .format = "date-time",
	      .required = true,
	      .nullable = true },
	    { .name = "requestedAt", .type = "string", .format = "date-time", .required = true },
	    { .name = "location", .type = "string", .required = true },
	    { .name = "dataStartAt", .type = "string", .format = "date-time", .required = true },
	    { .name = "dataEndAt", .type = "string", .format = "date-time", .required = true },
	    { .name = "windowSize", .type = "integer", .format = "int32", .required = true },
	    { .name = "optimalDataPoint",
	      .type = "EmissionsForecastData",
	      .required = true,
	      .nullable = true },
	    { .name = "optimalDataPoints",
	      .type = "EmissionsForecastData",
	      .required = true,
	      .is_array = true },
	    { .name = "forecastData",
	      .type = "EmissionsForecastData",
	      .required = true,
	      .is_array = true } } },
	{ "EmissionsForecastBatchParameters",
	  { { .name = "requestedAt", .type = "string", .format = "date-time", .required = true },
	    { .name = "location", .type = "string", .required = true },
	    { .name = "dataStartAt", .type = "string", .format = "date-time", .nullable = true },
	    { .name = "dataEndAt", .type = "string", .format = "date-time", .nullable = true },
	    { .name = "windowSize", .type = "integer", .format = "int32", .nullable = true } } },
	{ "CarbonIntensity",
	  { { .name = "location", .type = "string", .required = true },
	    { .name = "startTime", .type = "string", .format = "date-time", .required = true },
	    { .name = "endTime", .type = "string", .format = "date-time", .required = true },
	    { .name = "carbonIntensity",
	      .type = "number",
	      .format = "double",
	      .required = true,
	      .nullable = true },
	    { .name = "missingSeconds", .type = "integer", .format = "int64" } } },
	{ "CarbonIntensityBatchParameters",
	  { { .name = "location", .type = "string", .required = true },
	    { .name = "startTime", .type = "string", .format = "date-time", .required = true },
	    { .name = "endTime", .type = "string", .format = "date-time", .required = true } } },
	{ "Problem",
	  { { .name = "type", .type = "string", .required = true },
	    { .name = "title", .type = "string", .required = true },
	    { .name = "status", .type = "integer", .format = "int32", .required = true },
	    { .name = "detail", .type = "string", .required = true },
	    { .name = "errors", .type = "object", .required = true } } },
};

static void put_type(struct json_writer *w, const struct field *f)
{
	char ref[64] = REF;
	bool is_ref = f->type[0] >= 'A' && f->type[0] <= 'Z';

	json_object_begin(w);
	if (f->is_array) {
		struct field one = *f;

		one.is_array = one.nullable = false;
		json_kv_str(w, "type", "array");
		json_key(w, "items");
		put_type(w, &one);
	} else if (is_ref) {
		strncat(ref, f->type, sizeof(ref) - sizeof(REF));
		/* Beside a $ref nothing counts (OpenAPI 3.0). */
		if (f->nullable) {
			json_kv_bool(w, "nullable", true);
			json_key(w, "allOf");
			json_array_begin(w);
			json_object_begin(w);
			json_kv_str(w, "$ref", ref);
			json_object_end(w);
			json_array_end(w);
		} else {
			json_kv_str(w, "$ref", ref);
		}
	} else {
		json_kv_str(w, "type", f->type);
		if (f->format)
			json_kv_str(w, "format", f->format);
		if (f->nullable)
			json_kv_bool(w, "nullable", true);
	}
	json_object_end(w);
}

static void put_content(struct json_writer *w, const char *type, const struct field *f)
{
	json_key(w, "content");
	json_object_begin(w);
	json_key(w, type);
	json_object_begin(w);
	json_key(w, "schema");
	put_type(w, f);
	json_object_end(w);
	json_object_end(w);
}

static void put_response(struct json_writer *w, const char *status, const char *what,
			 const char *type, const struct field *f)
{
	json_key(w, status);
	json_object_begin(w);
	json_kv_str(w, "description", what);
	if (f)
		put_content(w, type, f);
	json_object_end(w);
}

static void put_parameters(struct json_writer *w, const struct field *f, size_t n)
{
	json_key(w, "parameters");
	json_array_begin(w);
	for (size_t i = 0; i < n && f[i].name; i++) {
		json_object_begin(w);
		json_kv_str(w, "name", f[i].name);
		json_kv_str(w, "in", "query");
		json_kv_bool(w, "required", f[i].required);
		json_key(w, "schema");
		put_type(w, &f[i]);
		json_object_end(w);
	}
	json_array_end(w);
}

static void put_operation(struct json_writer *w, const struct operation *o)
{
	static const struct field problem = { .type = "Problem" };
	struct field body = { NULL, o->body, .is_array = true };

	json_key(w, o->path);
	json_object_begin(w);
	json_key(w, o->method);
	json_object_begin(w);
	json_kv_str(w, "operationId", o->id);
	json_kv_str(w, "summary", o->summary);
	put_parameters(w, o->param, sizeof(o->param) / sizeof(o->param[0]));
	if (o->body) {
		json_key(w, "requestBody");
		json_object_begin(w);
		json_kv_bool(w, "required", true);
		put_content(w, "application/json", &body);
		json_object_end(w);
	}
	json_key(w, "responses");
	json_object_begin(w);
	put_response(w, "200", "OK", "application/json", &o->answer);
	if (strcmp(o->answer.type, "EmissionsData") == 0)
		put_response(w, "204", "No point in that time", NULL, NULL);
	put_response(w, "default", "A problem (RFC 9457)", API_PROBLEM_TYPE, &problem);
	json_object_end(w);
	json_object_end(w);
	json_object_end(w);
}

static void put_schema(struct json_writer *w, const struct field *f, size_t n)
{
	json_object_begin(w);
	json_kv_str(w, "type", "object");
	json_key(w, "required");
	json_array_begin(w);
	for (size_t i = 0; i < n && f[i].name; i++)
		if (f[i].required)
			json_str(w, f[i].name);
	json_array_end(w);
	json_key(w, "properties");
	json_object_begin(w);
	for (size_t i = 0; i < n && f[i].name; i++) {
		json_key(w, f[i].name);
		put_type(w, &f[i]);
	}
	json_object_end(w);
	json_object_end(w);
}

/* The two that are no plain objects. */
static void put_odd_schemas(struct json_writer *w)
{
	static const struct field place[] = {
		{ .name = "Latitude",
		  .type = "number",
		  .format = "double",
		  .required = true,
		  .nullable = true },
		{ .name = "Longitude",
		  .type = "number",
		  .format = "double",
		  .required = true,
		  .nullable = true },
		{ .name = "Name", .type = "string", .required = true },
	};

	json_key(w, "IntensityKind");
	json_object_begin(w);
	json_kv_str(w, "type", "string");
	json_key(w, "enum");
	json_array_begin(w);
	json_str(w, "average");
	json_str(w, "marginal");
	json_array_end(w);
	json_kv_str(w, "default", "average");
	json_object_end(w);
	json_key(w, "Locations");
	json_object_begin(w);
	json_kv_str(w, "type", "object");
	json_key(w, "additionalProperties");
	put_schema(w, place, sizeof(place) / sizeof(place[0]));
	json_object_end(w);
}

void api_openapi(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	struct json_writer w;

	(void)d;
	(void)q;
	json_begin(&w, &r->body);
	json_object_begin(&w);
	json_kv_str(&w, "openapi", "3.0.3");
	json_key(&w, "info");
	json_object_begin(&w);
	json_kv_str(&w, "title", "jouletrail: carbon per kilowatt-hour, as the Carbon Aware SDK");
	json_kv_str(&w, "version", JT_VERSION);
	json_object_end(&w);
	json_key(&w, "paths");
	json_object_begin(&w);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		put_operation(&w, &operations[i]);
	json_object_end(&w);
	json_key(&w, "components");
	json_object_begin(&w);
	json_key(&w, "schemas");
	json_object_begin(&w);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		json_key(&w, schemas[i].name);
		put_schema(&w, schemas[i].field,
			   sizeof(schemas[i].field) / sizeof(schemas[i].field[0]));
	}
	put_odd_schemas(&w);
	json_object_end(&w);
	json_object_end(&w);
	json_object_end(&w);
	api_done(r);
}
