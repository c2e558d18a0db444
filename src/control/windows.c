/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* windows.c - what every window, tick and record does to the clients of the control socket. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "control/control_parts.h"

struct spans *client_spans(const struct client *c)
{
	return c->privileged || !c->control->spans_of_all ? c->control->spans
							  : c->control->spans_of_all;
}

static void read_clocks(void *arg)
{
	struct control *c = arg;

	spans_read(c->spans);
	/* The last window ends all that there is. */
	c->slow_ends = c->slow && !slow_is_empty(c->slow) &&
		       (c->is_stopping ||
			clock_mono_ns() - slow_begin_mono_ns(c->slow) >= CONTROL_LEAST_NS);
	if (c->slow_ends)
		spans_read(c->spans_of_all);
}

/* The window alone as a tick, where somebody wants it. The caller's, for free(). */
static struct account *window_alone(const struct control *c, const struct course_window *w)
{
	struct course course = { .n_windows = 0 };
	size_t map[SHARES_MAX_FACTORS];
	struct account *one;
	bool wanted = false;

	for (const struct client *client = c->client; client; client = client->next)
		wanted |= client_is_told_windows(client);
	one = wanted ? malloc(sizeof(*one)) : NULL;
	if (!one || course_add_window(&course, w, map)) {
		free(one);
		return NULL;
	}
	course_finish(&course, one);
	one->tick.books = w->usage->books;
	return one;
}

/* A window for those whose spans are `spans`: the answers that waited for it. */
static void tell_clients(struct control *c, struct spans *spans, const struct course_window *w,
			 struct identity *id)
{
	CLEANUP(cleanup_free) struct account *one = window_alone(c, w);

	spans_window(spans, w, id);
	for (struct client *client = c->client, *next; client; client = next) {
		next = client->next;
		if (client_spans(client) != spans)
			continue;
		client_subscriptions_window(client, w, one);
		client_spans_window(client);
		if (c->is_stopping)
			client_spans_tell(client);
		control_settle(client);
	}
}

/* Short windows are put together for those who may see no shorter ones than a second. */
static void add_slow(struct control *c, const struct course_window *w, struct identity *id)
{
	struct course_window whole;
	bool wanted = false;

	for (const struct client *client = c->client; client; client = client->next)
		wanted |= !client->privileged;
	if (!wanted) {
		slow_reset(c->slow);
		return;
	}
	if (slow_add(c->slow, w) || !c->slow_ends)
		return;
	whole = slow_window(c->slow);
	tell_clients(c, c->spans_of_all, &whole, id);
	slow_reset(c->slow);
}

static void window(const struct course_window *w, struct identity *id, void *arg)
{
	struct control *c = arg;
	size_t map[SHARES_MAX_FACTORS];

	course_add_window(&c->total, w, map);
	if (w->usage->window.end_mono_ns - c->total_of_all.window.end_mono_ns >= CONTROL_LEAST_NS)
		c->total_of_all = c->total;
	usage_losses_add(&c->sums->losses, &w->usage->losses);
	c->sums->self_cpu_ns += w->usage->self_cpu_ns;
	for (struct client *client = c->client, *next; client; client = next) {
		bool was_resting = client->is_resting;

		next = client->next;
		client->n_served = 0;
		client->is_resting = false;
		if (was_resting)
			control_settle(client);
	}
	if (c->is_deaf)
		control_listen(c, true);
	tell_clients(c, c->spans, w, id);
	if (c->slow)
		add_slow(c, w, id);
}

struct pipeline_watcher control_watcher(struct control *c)
{
	return (struct pipeline_watcher){ .read = read_clocks, .window = window, .arg = c };
}

static void add_conservation(struct record_conservation *to, const struct record_conservation *c)
{
	to->time_ppm = c->time_ppm > to->time_ppm ? c->time_ppm : to->time_ppm;
	to->cells_ppm = c->cells_ppm > to->cells_ppm ? c->cells_ppm : to->cells_ppm;
	to->energy_uj += c->energy_uj;
	to->n_breaches += c->n_breaches;
	to->breached |= c->breached;
}

void control_publish(const struct tick *t, void *arg)
{
	struct control *c = arg;

	c->n_ticks++;
	c->sums->n_forgotten += t->n_forgotten;
	usage_books_add(&c->sums->books, &t->books);
	add_conservation(&c->sums->conservation, &t->conservation);
	record_audit_add(&c->sums->audit, &t->audit);
	shown_take(&c->shown, t);
	for (struct client *client = c->client, *next; client; client = next) {
		next = client->next;
		if (c->shown.has_tick)
			client_subscriptions_tick(client);
		control_settle(client);
	}
}

static void told_records(uint64_t first, uint64_t n, const char *lines, size_t len, void *arg)
{
	struct control *c = arg;

	(void)first;
	(void)n;
	for (struct client *client = c->client, *next; client; client = next) {
		next = client->next;
		client_subscriptions_records(client, lines, len);
		control_settle(client);
	}
}

void control_attach(struct control *c, struct pipeline *p)
{
	c->pipeline = p;
	pipeline_tell_records(p, told_records, c);
}
