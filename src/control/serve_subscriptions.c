/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* serve_subscriptions.c - what a connection is told without asking again. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "control/control_parts.h"
#include "daemon/capture_lines.h"
#include "daemon/span_capture.h"
#include "export/parts.h"

enum what { TOLD_WINDOWS = 0, TOLD_TICKS, TOLD_RECORDS, TOLD_CAPTURE };

struct client_subscription {
	struct client_subscription *next;
	uint64_t number;
	enum what what;
	uint64_t span; /* of a capture */
	struct span_capture *capture;
};

static void remove_subscription(struct client *c, struct client_subscription *s)
{
	struct client_subscription **at = &c->subscription;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	c->n_subscriptions--;
	c->control->n_captures -= s->what == TOLD_CAPTURE;
	span_capture_free(s->capture);
	free(s);
}

static void begin_event(struct answer *a, struct client *c, const char *name,
			const struct client_subscription *s)
{
	answer_event(a, c, name);
	json_kv_u64(&a->w, "subscription", s->number);
}

static void end_subscription(struct client *c, struct client_subscription *s)
{
	struct answer a;

	begin_event(&a, c, "end", s);
	answer_end(&a);
	remove_subscription(c, s);
}

/* Large answers are for few: a window's rows, or a tick's records, may be as many. */
static bool may_wait_for_much(struct client *c, enum what what)
{
	if (what != TOLD_CAPTURE && what != TOLD_RECORDS)
		return true;
	if (what == TOLD_CAPTURE && c->control->n_captures >= CONTROL_MAX_CAPTURES)
		return false;
	c->control->n_captures += what == TOLD_CAPTURE;
	c->max_waiting = CLIENT_MAX_WAITING_LARGE;
	return true;
}

static void add(const struct request *r, enum what what, uint64_t span,
		struct span_capture *capture)
{
	struct client *c = r->client;
	struct client_subscription *s = calloc(1, sizeof(*s));
	struct answer a;

	if (!s || c->n_subscriptions == CONTROL_MAX_SUBSCRIPTIONS || !may_wait_for_much(c, what)) {
		free(s);
		span_capture_free(capture);
		request_fail(r, "limit", "too many subscriptions");
		return;
	}
	*s = (struct client_subscription){ .next = c->subscription,
					   .number = ++c->control->last_subscription,
					   .what = what,
					   .span = span,
					   .capture = capture };
	c->subscription = s;
	c->n_subscriptions++;
	answer_begin(&a, c, r->id);
	json_object_begin(&a.w);
	json_kv_u64(&a.w, "subscription", s->number);
	json_object_end(&a.w);
	answer_end(&a);
}

static void subscribe_capture(const struct request *r)
{
	const struct control *c = r->client->control;
	struct span_capture *capture;
	struct capture_head head;
	struct span *span;
	struct intensity now;
	struct spans_moment m;
	uint64_t number = 0;

	if (!request_u64(r, "span", INT64_MAX, &number))
		return;
	span = client_span(r->client, number);
	if (!span || span_is_ending(span)) {
		request_fail(r, "unknown_span", "no such span of this connection is open");
		return;
	}
	pipeline_capture_head(c->pipeline, &head);
	/* What cgroups reserve is told apart by cgroup. */
	if (!r->client->privileged && head.idle_policy == METHOD_RESERVED) {
		request_fail(r, "not_available", "not with the idle policy 'reserved'");
		return;
	}
	head.tick_ns = c->o.interval_ns;
	control_now(&m);
	head.mono_ns = m.mono_ns;
	head.real_us = m.real_us;
	pipeline_intensity(c->pipeline, m.real_us, m.real_us, &now);
	if (span_capture_new(&head, &now, &capture)) {
		request_fail(r, "limit", "out of memory");
		return;
	}
	add(r, TOLD_CAPTURE, number, capture);
}

static bool is_shorter_than_a_second(const struct request *r, uint64_t ns)
{
	if (r->client->privileged || ns >= CONTROL_LEAST_NS)
		return false;
	request_fail(r, "not_available", "that is told more often than once a second");
	return true;
}

void serve_subscribe(const struct request *r)
{
	const struct control *c = r->client->control;
	const char *to = "";

	if (!request_str(r, "to", 32, &to))
		return;
	if (c->is_stopping) {
		request_fail(r, "stopping", "the daemon ends");
	} else if (!strcmp(to, "windows")) {
		if (!json_object_get(r->body, "span"))
			add(r, TOLD_WINDOWS, 0, NULL);
		else if (!is_shorter_than_a_second(r, c->o.interval_ns))
			subscribe_capture(r);
	} else if (!strcmp(to, "ticks")) {
		if (!is_shorter_than_a_second(
			    r, c->o.tick_ns > c->o.interval_ns ? c->o.tick_ns : c->o.interval_ns))
			add(r, TOLD_TICKS, 0, NULL);
	} else if (!strcmp(to, "records")) {
		if (!r->client->privileged)
			request_fail(r, "forbidden", "records are for the privileged");
		else if (!c->o.ledger_dir)
			request_fail(r, "not_available", "the daemon has no ledger");
		else
			add(r, TOLD_RECORDS, 0, NULL);
	} else {
		request_fail(r, "bad_request", "'to' is windows, ticks or records");
	}
}

void serve_unsubscribe(const struct request *r)
{
	struct client_subscription *s = r->client->subscription;
	uint64_t number = 0;
	struct answer a;

	if (!request_u64(r, "subscription", INT64_MAX, &number))
		return;
	while (s && s->number != number)
		s = s->next;
	if (!s) {
		request_fail(r, "not_found", "this connection has no such subscription");
		return;
	}
	remove_subscription(r->client, s);
	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	json_object_end(&a.w);
	answer_end(&a);
}

/* The window's figures of the host, as of a total over it alone. */
static void tell_window(struct client *c, const struct client_subscription *s,
			const struct account *one)
{
	bool known = export_has_energy(&one->tick);
	struct answer a;

	begin_event(&a, c, "window", s);
	parts_json_window(&a.w, &one->tick);
	json_kv_u64(&a.w, "cpu_ns", one->tick.books.task_ns);
	put_figures(&a.w, "host", known, &one->tick.host_energy, &one->tick.host_co2e);
	put_figures(&a.w, "idle", known, &one->tick.idle_energy, &one->tick.idle_co2e);
	json_kv_str(&a.w, "quality", energy_quality_name(one->tick.quality));
	answer_end(&a);
}

static void tell_lines(struct client *c, const char *event, const struct client_subscription *s,
		       const char *lines, size_t len)
{
	struct buf line = { 0 };
	struct answer a;

	while (len && !c->is_broken) {
		const char *end = memchr(lines, '\n', len);
		size_t n = end ? (size_t)(end - lines) : len;

		buf_reset(&line);
		buf_append(&line, lines, n);
		begin_event(&a, c, event, s);
		json_kv_str(&a.w, "line", line.data ? line.data : "");
		answer_end(&a);
		lines += end ? n + 1 : n;
		len -= end ? n + 1 : n;
	}
	buf_free(&line);
}

static void tell_capture(struct client *c, struct client_subscription *s,
			 const struct course_window *w)
{
	struct span *span = client_span(c, s->span);
	const struct buf *lines;

	if (!span) {
		end_subscription(c, s);
		return;
	}
	lines = span_capture_window(s->capture, span, w);
	if (lines->err)
		c->is_broken = true;
	else
		tell_lines(c, "capture", s, lines->data, lines->len);
	if (span_is_done(span))
		end_subscription(c, s);
}

void client_subscriptions_window(struct client *c, const struct course_window *w,
				 const struct account *one)
{
	for (struct client_subscription *s = c->subscription, *next; s; s = next) {
		next = s->next;
		if (s->what == TOLD_WINDOWS && one)
			tell_window(c, s, one);
		else if (s->what == TOLD_CAPTURE)
			tell_capture(c, s, w);
	}
}

void client_subscriptions_tick(struct client *c)
{
	struct answer a;

	for (const struct client_subscription *s = c->subscription; s; s = s->next) {
		if (s->what != TOLD_TICKS)
			continue;
		begin_event(&a, c, "tick", s);
		put_consumers(&a, &c->control->shown, SHOWN_MAX);
		answer_end(&a);
	}
}

void client_subscriptions_records(struct client *c, const char *lines, size_t len)
{
	for (const struct client_subscription *s = c->subscription; s; s = s->next)
		if (s->what == TOLD_RECORDS)
			tell_lines(c, "record", s, lines, len);
}

void client_subscriptions_stop(struct client *c)
{
	while (c->subscription)
		end_subscription(c, c->subscription);
}

bool client_is_told_windows(const struct client *c)
{
	for (const struct client_subscription *s = c->subscription; s; s = s->next)
		if (s->what == TOLD_WINDOWS)
			return true;
	return false;
}

void client_subscriptions_free(struct client *c)
{
	while (c->subscription)
		remove_subscription(c, c->subscription);
}
