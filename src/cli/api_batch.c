/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_batch.c - see api_batch.h. */
#include "cli/api_batch.h"

#include <errno.h>

#include "intensity/stamp.h"

bool api_batch(const struct api_request *q, json_t **ret, struct api_reply *r)
{
	static const struct json_limits limits = {
		.max_bytes = API_MAX_BODY,
		.max_depth = 3,
		.max_values = 8 * API_MAX_BATCH,
	};
	struct why why = { "" };
	int err = json_read_document(q->body, q->body_len, &limits, ret, &why);

	if (err) {
		api_problem(r, err == -E2BIG ? 413 : 400, "body", "%s", why.text);
		return false;
	}
	if (json_is_array(*ret) && json_array_size(*ret) > 0 &&
	    json_array_size(*ret) <= API_MAX_BATCH)
		return true;
	api_problem(r, 400, "body", "an array of 1 to %u objects is wanted", API_MAX_BATCH);
	return false;
}

const char *api_element_location(const struct api_element *e, struct api_reply *r)
{
	const json_t *v = json_object_get(e->object, "location");

	if (json_is_string(v))
		return json_string_value(v);
	api_problem(r, 400, "location", "element %zu has no location", e->index);
	return NULL;
}

bool api_element_time(const struct api_element *e, const char *name, bool required, int64_t *ret_s,
		      struct api_reply *r)
{
	const json_t *v = json_object_get(e->object, name);
	bool assumed;

	if ((!v || json_is_null(v)) && !required)
		return true;
	if (json_is_string(v) &&
	    !stamp_read_time(json_string_value(v), json_string_length(v), ret_s, &assumed))
		return true;
	api_problem(r, 400, name, "element %zu: %s is no time; give 2022-05-17T20:45:00Z", e->index,
		    name);
	return false;
}

bool api_element_minutes(const struct api_element *e, const char *name, uint64_t *ret,
			 struct api_reply *r)
{
	const json_t *v = json_object_get(e->object, name);

	if (!v || json_is_null(v))
		return true;
	if (json_is_integer(v) && json_integer_value(v) > 0 &&
	    json_integer_value(v) <= API_MAX_MINUTES) {
		*ret = (uint64_t)json_integer_value(v);
		return true;
	}
	api_problem(r, 400, name, "element %zu: %s is no count of minutes, 1 to %d", e->index, name,
		    API_MAX_MINUTES);
	return false;
}
