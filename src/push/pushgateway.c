/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pushgateway.c - a Prometheus Pushgateway: each tick replaces the group's figures by the text. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "feed/fetch.h"
#include "push/sink.h"

/* Of what it answers; none of it is needed. */
#define ANSWER_BYTES 4096

struct pushgateway {
	struct fetch *fetch;
	char *url; /* without a path where this machine's name is still to be put in */
	bool has_path;
};

DEFINE_CLEANUP(struct pushgateway *, free)

static int check(const char *address, struct why *why)
{
	size_t len = strcspn(address, "/");

	if (len == 0 || memchr(address, '@', len) || strpbrk(address, "?#"))
		return why_set(why, -EINVAL,
			       "'%.100s' is no HOST:PORT with a path; there is no room for a user "
			       "or a password, which all could read in a list of processes",
			       address);
	return 0;
}

static int open_at(const char *scheme, const char *address, void **ret)
{
	CLEANUP(free_ptr) struct pushgateway *p = calloc(1, sizeof(*p));
	CLEANUP(buf_free) struct buf url = { 0 };
	size_t host_len = strcspn(address, "/");

	if (!p)
		return -ENOMEM;
	p->has_path = strlen(address) > host_len + 1;
	buf_puts(&url, scheme);
	buf_append(&url, address, p->has_path ? strlen(address) : host_len);
	if (url.err || fetch_new(ANSWER_BYTES, SINK_TIMEOUT_NS / JT_NS_PER_MS, &p->fetch))
		return -ENOMEM;
	p->url = url.data;
	url = (struct buf){ 0 };
	*ret = TAKE_PTR(p);
	return 0;
}

static int open_http(const char *address, void **ret)
{
	return open_at("http://", address, ret);
}

static int open_https(const char *address, void **ret)
{
	return open_at("https://", address, ret);
}

static void close_sink(void *sink)
{
	struct pushgateway *p = sink;

	fetch_free(p->fetch);
	free(p->url);
	free(p);
}

/* The group of this machine: RFC 3986, 2.1. */
static void put_group(struct buf *out, const char *host)
{
	buf_puts(out, "/metrics/job/jouletrail/instance/");
	for (; *host; host++) {
		bool plain = (*host >= 'a' && *host <= 'z') || (*host >= 'A' && *host <= 'Z') ||
			     (*host >= '0' && *host <= '9') || strchr("-._~", *host);

		if (plain)
			buf_putc(out, *host);
		else
			buf_printf(out, "%%%02X", (unsigned char)*host);
	}
}

static int send_tick(void *sink, const struct sink_tick *t, struct why *why)
{
	CLEANUP(buf_free) struct buf url = { 0 };
	struct fetch_reply reply = { 0 };
	const struct pushgateway *p = sink;
	struct fetch_request request = { .header = "Content-Type: text/plain; version=0.0.4",
					 .put = t->text };
	int err;

	buf_puts(&url, p->url);
	if (!p->has_path)
		put_group(&url, t->host);
	if (url.err)
		return why_set(why, url.err, "%s", strerror(-url.err));
	request.url = url.data;
	err = fetch_run(p->fetch, &request, &reply, why);
	buf_free(&reply.body);
	return err;
}

const struct sink_kind sink_pushgateway_http = {
	.scheme = "pushgateway+http://",
	.check = check,
	.open = open_http,
	.send = send_tick,
	.close = close_sink,
};

const struct sink_kind sink_pushgateway_https = {
	.scheme = "pushgateway+https://",
	.check = check,
	.open = open_https,
	.send = send_tick,
	.close = close_sink,
};
