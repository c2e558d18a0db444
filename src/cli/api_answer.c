/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_answer.c - the end points by path and method, and the list of locations. */
#include <string.h>
#include <strings.h>

#include "cli/api_parts.h"

static const struct {
	const char *path;
	const char *method;
	api_handler *handler;
} routes[] = {
	{ "/emissions/bylocations/best", "GET", api_best },
	{ "/emissions/bylocations", "GET", api_by_location },
	{ "/emissions/bylocation", "GET", api_by_location },
	{ "/emissions/forecasts/current", "GET", api_forecasts_current },
	{ "/emissions/forecasts/batch", "POST", api_forecasts_batch },
	{ "/emissions/average-carbon-intensity", "GET", api_average },
	{ "/emissions/average-carbon-intensity/batch", "POST", api_average_batch },
	{ "/locations", "GET", api_locations },
	{ "/openapi.json", "GET", api_openapi },
	/* Where the SDK has it. */
	{ "/swagger/v1/swagger.json", "GET", api_openapi },
};

void api_answer(const struct api_data *d, const struct api_request *q, struct api_reply *reply)
{
	const char *method = strcmp(q->method, "HEAD") == 0 ? "GET" : q->method;
	size_t len = strlen(q->path);

	/* ASP.NET takes any case, and a / behind. */
	if (len > 1 && q->path[len - 1] == '/')
		len--;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strlen(routes[i].path) != len || strncasecmp(routes[i].path, q->path, len) != 0)
			continue;
		if (strcmp(routes[i].method, method) == 0)
			routes[i].handler(d, q, reply);
		else
			api_problem(reply, 405, NULL, "%s takes %s", routes[i].path,
				    routes[i].method);
		return;
	}
	api_problem(reply, 404, NULL, "no end point '%.100s'; see /openapi.json", q->path);
}

/* A place is listed once, whatever is known of it. Coordinates are not known. */
void api_locations(const struct api_data *d, const struct api_request *q, struct api_reply *r)
{
	struct json_writer w;

	(void)q;
	json_begin(&w, &r->body);
	json_object_begin(&w);
	for (size_t i = 0; i < d->n; i++) {
		const char *name = d->series[i].series->location;
		size_t k = 0;

		while (strcasecmp(d->series[k].series->location, name) != 0)
			k++;
		if (k < i)
			continue;
		json_key(&w, name);
		json_object_begin(&w);
		json_key(&w, "Latitude");
		json_put_null(&w);
		json_key(&w, "Longitude");
		json_put_null(&w);
		json_kv_str(&w, "Name", name);
		json_object_end(&w);
	}
	json_object_end(&w);
	api_done(r);
}
