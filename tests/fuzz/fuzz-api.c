/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz-api.c - requests to the API: a line "METHOD PATH?QUERY", then the body. What comes back is
 * JSON with a sane status, whatever comes in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "cli/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two kinds, a hole, a forecast: see what each end point tells apart. */
static struct series_point points[] = {
	{ 1640995200, 1640998800, 70000, 60000, 80000, 0 },
	{ 1640998800, 1641002400, 64123, 60000, 80000, 0 },
	{ 1641006000, 1641009600, 64123, 60000, 80000, SERIES_FORECAST },
};
static struct series average = { .location = "eastus", .n = 3, .point = points };
static struct series marginal = {
	.location = "eastus", .kind = SERIES_MARGINAL, .n = 2, .point = points
};
static struct api_series series[] = {
	{ .series = &average, .generated_s = API_GENERATED_NONE },
	{ .series = &marginal, .generated_s = API_GENERATED_NONE },
	{ .series = &average, .is_forecast = true, .generated_s = 1640990000 },
};
static struct api_data served = { .n = 3, .series = series };

static void cut_query(struct api_request *q, char *query)
{
	char *one;

	while ((one = strsep(&query, "&")) && q->n_params < API_MAX_PARAMS) {
		char *value = strchr(one, '=');

		if (value)
			*value++ = '\0';
		q->param[q->n_params++] = (struct api_param){ one, value ? value : "" };
	}
}

static void check(struct api_reply *r)
{
	const struct json_limits limits = { 1U << 26, 16, 1U << 22 };
	char piece[97];
	json_t *json = NULL;
	size_t n;

	while (r->stream && (n = api_stream_next(r->stream, piece, sizeof(piece))))
		buf_append(&r->body, piece, n);
	if (r->status < 200 || r->status > 599 || (r->status == 204) != (r->body.len == 0))
		abort();
	if (r->body.len && json_read_document(r->body.data, r->body.len, &limits, &json, NULL))
		abort();
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct api_request q = { .now_s = 1641009600 };
	struct api_reply r = { 0 };
	char *copy = malloc(size + 1), *line = copy, *rest, *path;

	if (!copy || (!series[0].block_min && api_index(&served)))
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	rest = memchr(copy, '\n', size);
	q.body = rest ? rest + 1 : copy + size;
	q.body_len = (size_t)(copy + size - q.body);
	if (rest)
		*rest = '\0';
	path = strchr(line, ' ');
	if (path)
		*path++ = '\0';
	q.method = line;
	q.path = path ? path : "/";
	if (path && strchr(path, '?')) {
		rest = strchr(path, '?');
		*rest++ = '\0';
		cut_query(&q, rest);
	}
	api_answer(&served, &q, &r);
	check(&r);
	free(r.stream);
	buf_free(&r.body);
	free(copy);
	return 0;
}
