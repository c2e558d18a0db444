/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* serve_spans.c - the spans of a connection: what they are called, who waits for which. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "control/control_parts.h"
#include "export/parts.h"

#define MAX_NAME	128
#define MAX_LABELS	16
#define MAX_LABEL_NAME	64
#define MAX_LABEL_VALUE 256

struct client_span {
	struct client_span *next; /* the one that was begun before */
	uint64_t number;
	uint64_t parent; /* 0 = none */
	struct span *span;
	char *name;    /* as JSON */
	char *labels;  /* so */
	bool is_asked; /* somebody waits for its result */
	int64_t id;    /* of that request */
};

static void free_span(struct client_span *s)
{
	if (!s)
		return;
	if (s->span)
		span_close(s->span);
	free(s->name);
	free(s->labels);
	free(s);
}

DEFINE_CLEANUP(struct client_span *, free_span)

static void remove_span(struct client *c, struct client_span *s)
{
	struct client_span **at = &c->span;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	c->n_spans--;
	free_span(s);
}

static struct client_span *find(const struct client *c, uint64_t number)
{
	for (struct client_span *s = c->span; s; s = s->next)
		if (s->number == number)
			return s;
	return NULL;
}

/* The span that a request names; NULL: answered. */
static struct client_span *named(const struct request *r)
{
	struct client_span *s;
	uint64_t number = 0;

	if (!request_u64(r, "span", INT64_MAX, &number))
		return NULL;
	s = find(r->client, number);
	if (!s)
		request_fail(r, "unknown_span", "this connection has no such span");
	return s;
}

static bool read_labels(const struct request *r, const json_t *labels)
{
	bool ok = json_is_object(labels) && json_object_size(labels) <= MAX_LABELS;
	const char *name;
	json_t *value;

	if (ok) {
		json_object_foreach((json_t *)labels, name, value) ok &=
			strlen(name) <= MAX_LABEL_NAME && json_is_string(value) &&
			json_string_length(value) <= MAX_LABEL_VALUE;
	}
	if (!ok)
		request_fail(r, "bad_request",
			     "'labels' are at most 16 strings of 256 bytes, named by at most 64");
	return ok;
}

static bool read_parent(const struct request *r, uint64_t *ret)
{
	const struct client_span *parent;

	if (!request_u64(r, "parent", INT64_MAX, ret))
		return false;
	if (!json_object_get(r->body, "parent"))
		return true;
	parent = find(r->client, *ret);
	if (parent && !span_is_ending(parent->span))
		return true;
	request_fail(r, "unknown_span", "no such span of this connection is open");
	return false;
}

/* What ended and nobody asked for makes room: the oldest first. */
static bool make_room(struct client *c)
{
	struct client_span *oldest = NULL;

	if (c->n_spans < CONTROL_MAX_SPANS)
		return true;
	for (struct client_span *s = c->span; s; s = s->next)
		if (!s->is_asked && span_is_ending(s->span))
			oldest = s;
	if (oldest)
		remove_span(c, oldest);
	return oldest != NULL;
}

/* Of its user; root has no bound but that of all. */
static size_t n_spans_of(const struct client *c)
{
	size_t n = 0;

	for (const struct client *other = c->control->client; c->uid && other; other = other->next)
		n += other->uid == c->uid ? other->n_spans : 0;
	return n;
}

static int make_text(const struct request *r, struct client_span *s)
{
	const json_t *labels = json_object_get(r->body, "labels");
	const json_t *name = json_object_get(r->body, "name");

	s->name = name ? json_dumps(name, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("\"\"");
	s->labels = labels ? json_dumps(labels, JSON_COMPACT) : strdup("{}");
	return s->name && s->labels ? 0 : -ENOMEM;
}

static void begin(const struct request *r, struct client_span *s, const struct spans_target *t)
{
	struct client *c = r->client;
	struct spans_moment now;
	struct answer a;
	int err;

	control_now(&now);
	err = make_text(r, s);
	if (!err)
		err = spans_begin(client_spans(c), t, &now, &s->span);
	if (err) {
		request_fail(r, err == -ESRCH ? "not_found" : "limit",
			     err == -ESRCH ? "the process has ended"
					   : "too many spans are open, of everybody");
		free_span(s);
		return;
	}
	s->number = ++c->control->last_span;
	s->next = c->span;
	c->span = s;
	c->n_spans++;
	answer_begin(&a, c, r->id);
	json_object_begin(&a.w);
	json_kv_u64(&a.w, "span", s->number);
	json_kv_i64(&a.w, "begin_real_us", now.real_us);
	json_object_end(&a.w);
	answer_end(&a);
}

void serve_span_begin(const struct request *r)
{
	const json_t *labels = json_object_get(r->body, "labels");
	struct client_span *s;
	const char *name = "";
	struct spans_target t;
	uint64_t parent = 0;

	if (!request_str(r, "name", MAX_NAME, &name) || (labels && !read_labels(r, labels)) ||
	    !read_parent(r, &parent) || !target_read(r, &t))
		return;
	if (r->client->control->is_stopping) {
		request_fail(r, "stopping", "the daemon ends");
		return;
	}
	if (!make_room(r->client)) {
		request_fail(r, "limit", "64 spans of this connection are open");
		return;
	}
	if (n_spans_of(r->client) >= CONTROL_MAX_SPANS_OF_UID) {
		request_fail(r, "limit", "too many spans of yours are open");
		return;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		request_fail(r, "limit", "out of memory");
		return;
	}
	s->parent = parent;
	begin(r, s, &t);
}

static void put_host(struct json_writer *w, bool known, const struct span_result *v)
{
	json_key(w, "host");
	json_object_begin(w);
	parts_json_interval(w, "energy_uj", known, &v->host_energy);
	parts_json_interval(w, "co2e_ug", known, &v->host_co2e);
	json_kv_u64(w, "wall_ns", v->host_wall_ns);
	json_object_end(w);
}

static void put_result(struct json_writer *w, const struct client *c, const struct client_span *s)
{
	struct span_result v;
	bool known;

	span_result(s->span, &v);
	known = v.n_windows && (v.host_energy.value || v.quality != ENERGY_MISSING);
	json_object_begin(w);
	json_kv_u64(w, "span", s->number);
	json_key(w, "name");
	json_raw(w, s->name, strlen(s->name));
	json_key(w, "labels");
	json_raw(w, s->labels, strlen(s->labels));
	json_kv_i64(w, "begin_real_us", v.begin.real_us);
	json_kv_i64(w, "end_real_us", v.end.mono_ns ? v.end.real_us : v.begin.real_us);
	json_kv_u64(w, "wall_ns",
		    v.end.mono_ns > v.begin.mono_ns ? v.end.mono_ns - v.begin.mono_ns : 0);
	json_kv_u64(w, "cpu_ns", v.cpu_ns);
	json_kv_u64(w, "n_windows", v.n_windows);
	json_kv_u64(w, "n_processes", v.n_processes);
	parts_json_interval(w, "energy_uj", known, &v.energy);
	parts_json_interval(w, "co2e_ug", known, &v.co2e);
	put_host(w, known, &v);
	parts_json_interval(w, "intensity_mg_per_kwh", v.n_windows > 0,
			    &(struct quant_interval_u64){ v.intensity.mg_per_kwh,
							  v.intensity.low_mg_per_kwh,
							  v.intensity.high_mg_per_kwh });
	json_kv_str(w, "zone", v.intensity.zone);
	json_kv_str(w, "quality", energy_quality_name(v.quality));
	json_kv_bytes(w, "power_source", pipeline_power_choice(c->control->pipeline));
	json_kv_u64(w, "border_ppm", v.border_ppm);
	json_kv_str(w, "ended_by", span_is_ending(s->span) ? spans_end_name(v.ended_by) : "");
	json_kv_bool(w, "lost", v.lost);
	json_object_end(w);
}

static void answer_result(struct client *c, int64_t id, const struct client_span *s)
{
	struct answer a;

	answer_begin(&a, c, id);
	put_result(&a.w, c, s);
	answer_end(&a);
}

/* What lies in one that ends, and in those, ends with it. */
static void end_inner(struct client *c, const struct spans_moment *now)
{
	bool more = true;

	while (more) {
		more = false;
		for (struct client_span *s = c->span; s; s = s->next) {
			const struct client_span *parent = find(c, s->parent);

			if (span_is_ending(s->span) || !parent || !span_is_ending(parent->span))
				continue;
			span_end(s->span, now, SPANS_BY_PARENT);
			more = true;
		}
	}
}

void serve_span_end(const struct request *r)
{
	struct client_span *s = named(r);
	struct spans_moment now;

	if (!s)
		return;
	if (s->is_asked) {
		request_fail(r, "unknown_span", "it is being ended");
		return;
	}
	if (span_is_done(s->span)) {
		answer_result(r->client, r->id, s);
		remove_span(r->client, s);
		return;
	}
	control_now(&now);
	s->is_asked = true;
	s->id = r->id;
	span_end(s->span, &now, SPANS_BY_CLIENT);
	end_inner(r->client, &now);
}

void serve_span_read(const struct request *r)
{
	const struct client_span *s = named(r);

	if (s)
		answer_result(r->client, r->id, s);
}

void serve_spans(const struct request *r)
{
	struct span_result v;
	struct answer a;

	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	json_key(&a.w, "spans");
	json_array_begin(&a.w);
	for (const struct client_span *s = r->client->span; s; s = s->next) {
		if (span_is_ending(s->span))
			continue;
		span_result(s->span, &v);
		json_object_begin(&a.w);
		json_kv_u64(&a.w, "span", s->number);
		json_key(&a.w, "name");
		json_raw(&a.w, s->name, strlen(s->name));
		json_kv_i64(&a.w, "begin_real_us", v.begin.real_us);
		json_kv_u64(&a.w, "parent", s->parent);
		json_object_end(&a.w);
	}
	json_array_end(&a.w);
	json_object_end(&a.w);
	answer_end(&a);
}

void client_spans_window(struct client *c)
{
	for (struct client_span *s = c->span, *next; s; s = next) {
		next = s->next;
		if (!s->is_asked || !span_is_done(s->span))
			continue;
		answer_result(c, s->id, s);
		remove_span(c, s);
	}
}

void client_spans_forsake(struct client *c)
{
	for (struct client_span *s = c->span, *next; s; s = next) {
		next = s->next;
		if (!s->is_asked)
			remove_span(c, s);
	}
}

void client_spans_stop(struct client *c, const struct spans_moment *now)
{
	for (struct client_span *s = c->span; s; s = s->next)
		span_end(s->span, now, SPANS_BY_STOPPING);
}

void client_spans_tell(struct client *c)
{
	struct answer a;

	for (const struct client_span *s = c->span; s; s = s->next) {
		if (!span_is_done(s->span))
			continue;
		answer_event(&a, c, "span");
		json_key(&a.w, "result");
		put_result(&a.w, c, s);
		answer_end(&a);
	}
}

struct span *client_span(const struct client *c, uint64_t number)
{
	struct client_span *s = find(c, number);

	return s ? s->span : NULL;
}

void client_spans_free(struct client *c)
{
	while (c->span)
		remove_span(c, c->span);
}

bool client_is_waiting(const struct client *c)
{
	return c->span || c->subscription;
}
