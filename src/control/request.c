/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* request.c - a line of a stranger becomes a request, and goes to who answers it. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_read.h"
#include "control/control_parts.h"

#define MAX_DEPTH  8
#define MAX_VALUES 256

static const struct operation {
	const char *name;
	void (*serve)(const struct request *r);
} operations[] = {
	{ "version", serve_version },
	{ "status", serve_status },
	{ "totals", serve_totals },
	{ "consumers", serve_consumers },
	{ "intensity", serve_intensity },
	{ "span_begin", serve_span_begin },
	{ "span_end", serve_span_end },
	{ "span_read", serve_span_read },
	{ "spans", serve_spans },
	{ "subscribe", serve_subscribe },
	{ "unsubscribe", serve_unsubscribe },
};

void request_fail(const struct request *r, const char *code, const char *message)
{
	answer_error(r->client, r->id, code, message);
}

bool request_u64(const struct request *r, const char *name, uint64_t max, uint64_t *to)
{
	const json_t *v = json_object_get(r->body, name);
	struct why why;

	if (!v)
		return true;
	if (json_is_integer(v) && json_integer_value(v) >= 0 &&
	    (uint64_t)json_integer_value(v) <= max) {
		*to = (uint64_t)json_integer_value(v);
		return true;
	}
	why_set(&why, 0, "'%s' is a whole number from 0 to %llu", name, (unsigned long long)max);
	request_fail(r, "bad_request", why.text);
	return false;
}

bool request_str(const struct request *r, const char *name, size_t max_len, const char **to)
{
	const json_t *v = json_object_get(r->body, name);
	struct why why;

	if (!v)
		return true;
	if (json_is_string(v) && json_string_length(v) <= max_len) {
		*to = json_string_value(v);
		return true;
	}
	why_set(&why, 0, "'%s' is a string of at most %zu bytes", name, max_len);
	request_fail(r, "bad_request", why.text);
	return false;
}

static void dispatch(const struct request *r)
{
	const char *name = json_string_value(json_object_get(r->body, "op"));
	struct why why;

	if (!name) {
		request_fail(r, "bad_request", "'op' is a string");
		return;
	}
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(name, operations[i].name)) {
			operations[i].serve(r);
			return;
		}
	/* A name is cut where it may be in the middle of a character: only ASCII comes back. */
	for (size_t i = 0; name[i]; i++)
		if ((unsigned char)name[i] >= 0x80) {
			request_fail(r, "unknown_op", "there is no such op");
			return;
		}
	why_set(&why, 0, "there is no op '%.40s'", name);
	request_fail(r, "unknown_op", why.text);
}

/* Its id comes back, if that much of it can be read. */
static bool read_id(struct request *r)
{
	const json_t *id = json_object_get(r->body, "id");

	if (id && !json_is_integer(id)) {
		request_fail(r, "bad_request", "'id' is a whole number");
		return false;
	}
	r->id = json_integer_value(id);
	return true;
}

void request_serve(struct client *c, const char *line, size_t len)
{
	static const struct json_limits limits = { .max_bytes = CLIENT_MAX_LINE,
						   .max_depth = MAX_DEPTH,
						   .max_values = MAX_VALUES };
	CLEANUP(json_decref_ptr) json_t *body = NULL;
	struct request r = { .client = c };
	struct why why = { "" };
	int err = json_read_document(line, len, &limits, &body, &why);

	if (err) {
		/* What jansson says may quote bytes that are no UTF-8. */
		if (!json_utf8_valid(why.text, strlen(why.text)))
			why_set(&why, err, "no JSON");
		request_fail(&r, "bad_request", why.text);
		return;
	}
	r.body = body;
	if (!json_is_object(body))
		request_fail(&r, "bad_request", "a request is an object");
	else if (read_id(&r))
		dispatch(&r);
}
