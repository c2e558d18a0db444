/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* client.c - the calls of jouletrail/client.h: each is a request and what its answer holds. */
#include "jouletrail/client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "client/connection.h"
#include "client/figures.h"
#include "jouletrail/units.h"

#define PROTOCOL 1

/* Does the other end speak it, and how long are the windows that an end waits for? */
static int client_greet(struct jt_client *c)
{
	uint64_t protocol = 0, interval_ns = JT_NS_PER_S;
	struct client_request *r;
	struct answer_value v;
	int err = client_ask(c, "version", NULL, 0, &r);

	if (err)
		return err;
	if (answer_member(r->ok, "protocol", &v) || answer_u64(v, &protocol) ||
	    protocol != PROTOCOL)
		err = -EPROTO;
	if (!answer_member(r->ok, "interval_ns", &v))
		answer_u64(v, &interval_ns);
	client_done(c, r);
	/* The unprivileged have windows of a second, and the one that ends may be a whole one. */
	if (interval_ns < JT_NS_PER_S)
		interval_ns = JT_NS_PER_S;
	c->window_ns = interval_ns < INT64_MAX / 4 ? 2 * interval_ns : INT64_MAX / 2;
	return err ? client_fail(c, err, "another protocol than version %d", PROTOCOL) : 0;
}

int jt_client_open(const struct jt_client_options *o, struct jt_client **ret)
{
	char why[sizeof((*ret)->error)];
	struct jt_client *c;
	int err = client_new(o, &c);

	if (err)
		return err;
	err = client_connect(c);
	if (!err) {
		err = client_greet(c);
		jt_client_error(c, why, sizeof(why));
		if (err)
			client_break(c, err, why);
	}
	*ret = c;
	return err;
}

static void put_labels(struct json_writer *w, const struct jt_span_options *o)
{
	if (!o->n_labels)
		return;
	json_key(w, "labels");
	json_object_begin(w);
	for (size_t i = 0; i < o->n_labels; i++)
		json_kv_str(w, o->label[i].key ?: "", o->label[i].value ?: "");
	json_object_end(w);
}

static void put_target(struct json_writer *w, const struct jt_span_options *o)
{
	if (!o->pid && !o->cgroup)
		return;
	json_key(w, "target");
	json_object_begin(w);
	if (o->cgroup)
		json_kv_str(w, "cgroup", o->cgroup);
	else
		json_kv_i64(w, "pid", o->pid);
	json_object_end(w);
}

int jt_span_begin(struct jt_client *c, const struct jt_span_options *o, uint64_t *ret_span)
{
	static const struct jt_span_options none;
	struct client_request *r;
	struct buf out = { 0 };
	struct json_writer w;
	struct answer_value v;
	uint64_t span = 0;
	int err;

	o = o ?: &none;
	if (o->pid < 0 || (o->pid && o->cgroup) || (o->n_labels && !o->label))
		return client_refuse(c, -EINVAL, "a span of one target, with its labels");
	err = client_begin(c, "span_begin", &w, &out);
	if (err)
		return err;
	put_labels(&w, o);
	if (o->name)
		json_kv_str(&w, "name", o->name);
	if (o->parent)
		json_kv_u64(&w, "parent", o->parent);
	put_target(&w, o);
	err = client_send(c, &w, 0, &r);
	if (err)
		return err;
	err = client_await(c, r, c->timeout_ns);
	if (!err && (answer_member(r->ok, "span", &v) || answer_u64(v, &span) || !span))
		err = client_refuse(c, -EPROTO, "a span that has begun has no number");
	client_done(c, r);
	if (!err)
		*ret_span = span;
	return err;
}

/* The result of an answered request, which is done with. */
static int take_result(struct jt_client *c, struct client_request *r, struct jt_result *ret)
{
	struct jt_result result;
	int err = figures_result(r->ok, &result);

	client_done(c, r);
	if (err)
		return client_refuse(c, err, "the daemon's result is none");
	if (ret)
		*ret = result;
	return 0;
}

int jt_span_read(struct jt_client *c, uint64_t span, struct jt_result *ret)
{
	struct client_request *r;
	int err = client_ask(c, "span_read", "span", span, &r);

	return err ? err : take_result(c, r, ret);
}

int jt_span_end_async(struct jt_client *c, uint64_t span)
{
	struct client_request *r;
	struct buf out = { 0 };
	struct json_writer w;
	int err;

	if (!span)
		return client_refuse(c, -ENOENT, "span 0 is none");
	err = client_begin(c, "span_end", &w, &out);
	if (err)
		return err;
	json_kv_u64(&w, "span", span);
	return client_send(c, &w, span, &r);
}

/* -ETIMEDOUT: not yet. */
static int span_wait(struct jt_client *c, uint64_t span, uint64_t timeout_ns, struct jt_result *ret)
{
	struct client_request *r;
	int err = client_find_end(c, span, &r);

	if (err)
		return err;
	err = client_await(c, r, timeout_ns);
	if (!err)
		return take_result(c, r, ret);
	if (err == -ETIMEDOUT)
		client_leave_end(c, r);
	else
		client_done(c, r);
	return err;
}

int jt_span_wait(struct jt_client *c, uint64_t span, uint32_t timeout_ms, struct jt_result *ret)
{
	int err = span_wait(c, span, timeout_ms * JT_NS_PER_MS, ret);

	return err == -ETIMEDOUT ? -EAGAIN : err;
}

int jt_span_end(struct jt_client *c, uint64_t span, struct jt_result *ret)
{
	int err = jt_span_end_async(c, span);

	return err ? err : span_wait(c, span, c->timeout_ns + c->window_ns, ret);
}

int jt_epoch_begin(struct jt_client *c, uint64_t parent, uint64_t n, uint64_t *ret_span)
{
	char number[24];
	const struct jt_label label = { "n", number };
	const struct jt_span_options o = {
		.name = "epoch", .label = &label, .n_labels = 1, .parent = parent
	};

	snprintf(number, sizeof(number), "%" PRIu64, n);
	return jt_span_begin(c, &o, ret_span);
}

int jt_epoch_end(struct jt_client *c, uint64_t span, struct jt_result *ret)
{
	return jt_span_end(c, span, ret);
}

int jt_totals(struct jt_client *c, struct jt_host_totals *ret)
{
	struct client_request *r;
	int err = client_ask(c, "totals", NULL, 0, &r);

	if (err)
		return err;
	err = figures_totals(r->ok, ret);
	client_done(c, r);
	return err ? client_refuse(c, err, "the daemon's totals are none") : 0;
}

int jt_status(struct jt_client *c, struct jt_daemon_status *ret)
{
	struct client_request *r;
	int err = client_ask(c, "status", NULL, 0, &r);

	if (err)
		return err;
	err = figures_status(r->ok, ret);
	client_done(c, r);
	return err ? client_refuse(c, err, "the daemon's status is none") : 0;
}
