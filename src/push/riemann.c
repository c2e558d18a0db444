/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* riemann.c - Riemann, over TCP: an event for the host and for each consumer, acknowledged. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <riemann/riemann-client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "push/dial.h"
#include "push/sink.h"

#define DEFAULT_PORT "5555"
#define CONSUMERS    100
/* Ticks after which an event is no longer of the present. */
#define TTL_TICKS 3
/* An acknowledgement is a few bytes. */
#define ANSWER_BYTES 4096

struct riemann {
	struct dial_address address;
	int fd; /* -1 = not connected */
};

DEFINE_CLEANUP(struct riemann *, free)
DEFINE_CLEANUP(riemann_message_t *, riemann_message_free)

static int check(const char *address, struct why *why)
{
	struct dial_address a;

	return dial_read(address, DEFAULT_PORT, &a, why);
}

static int open_sink(const char *address, void **ret)
{
	CLEANUP(free_ptr) struct riemann *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->fd = -1;
	err = dial_read(address, DEFAULT_PORT, &r->address, NULL);
	if (err)
		return err;
	*ret = TAKE_PTR(r);
	return 0;
}

static void close_sink(void *sink)
{
	struct riemann *r = sink;

	cleanup_close(&r->fd);
	free(r);
}

/* ---- events ---- */

static void add_number(riemann_event_t *event, const char *name, double v)
{
	char text[64];

	if (isnan(v))
		return;
	snprintf(text, sizeof(text), "%.9g", v);
	riemann_event_string_attribute_add(event, name, text);
}

/* metric: NAN = not known; then there is none. The caller's, NULL without memory. */
static riemann_event_t *new_event(const struct sink_tick *t, const char *service, const char *kind,
				  double metric)
{
	const struct figures_host *h = &t->now->host;
	double ttl_s = TTL_TICKS * (isnan(h->tick_s) ? 10 : h->tick_s);
	/* A tick of our own tracer's: within what 64 bits hold, or not said. */
	int64_t at_us =
		h->tick_end_s > 0 && h->tick_end_s < 1e12 ? (int64_t)(h->tick_end_s * 1e6) : 0;
	riemann_event_t *event = riemann_event_create(
		RIEMANN_EVENT_FIELD_HOST, t->host, RIEMANN_EVENT_FIELD_SERVICE, service,
		RIEMANN_EVENT_FIELD_STATE, isnan(metric) ? "missing" : "ok",
		RIEMANN_EVENT_FIELD_TTL, ttl_s, RIEMANN_EVENT_FIELD_TIME,
		at_us / (int64_t)JT_US_PER_S, RIEMANN_EVENT_FIELD_TIME_MICROS, at_us,
		RIEMANN_EVENT_FIELD_TAGS, "jouletrail", kind, NULL, RIEMANN_EVENT_FIELD_NONE);

	if (event && !isnan(metric))
		riemann_event_set(event, RIEMANN_EVENT_FIELD_METRIC_D, metric,
				  RIEMANN_EVENT_FIELD_NONE);
	return event;
}

/* Takes the event. */
static int append(riemann_message_t *m, riemann_event_t *event)
{
	return event ? riemann_message_append_events(m, event, NULL) : -ENOMEM;
}

/* A figure of the host with its interval. */
static int append_interval(riemann_message_t *m, const struct sink_tick *t, const char *service,
			   const double v[3])
{
	riemann_event_t *event = new_event(t, service, "host", v[0]);

	if (!event)
		return -ENOMEM;
	add_number(event, "low", v[1]);
	add_number(event, "high", v[2]);
	add_number(event, "seconds", t->used->seconds);
	return append(m, event);
}

static int append_use(riemann_message_t *m, const struct sink_tick *t, const char *service,
		      const char *kind, const struct figures_use *u)
{
	riemann_event_t *event = new_event(t, service, kind, u->amount[FIGURES_ENERGY_J]);
	struct exposition_text rest = u->labels, name, value;

	if (!event)
		return -ENOMEM;
	add_number(event, "seconds", t->used->seconds);
	add_number(event, "co2e_g", u->amount[FIGURES_CO2E_G]);
	add_number(event, "cpu_s", u->amount[FIGURES_CPU_S]);
	while (exposition_label(&rest, &name, &value)) {
		CLEANUP(buf_free) struct buf key = { 0 };
		CLEANUP(buf_free) struct buf text = { 0 };

		buf_append(&key, name.data, name.len);
		if (exposition_label_value(u->labels, key.data, &text) && text.data)
			riemann_event_string_attribute_add(event, key.data, text.data);
	}
	return append(m, event);
}

/* Host and service are an event's key: the name, and the number where there is one. */
static int append_consumer(riemann_message_t *m, const struct sink_tick *t,
			   const struct figures_use *u)
{
	CLEANUP(buf_free) struct buf service = { 0 };

	buf_puts(&service, "jouletrail energy of ");
	exposition_label_value(u->labels, "consumer", &service);
	buf_putc(&service, ' ');
	if (!exposition_label_value(u->labels, "id", &service) && service.len)
		service.data[--service.len] = '\0';
	return service.err ? service.err : append_use(m, t, service.data, "consumer", u);
}

static int fill(riemann_message_t *m, const struct sink_tick *t)
{
	const struct figures_between *u = t->used;
	const double power_w[3] = { t->now->host.power_w, NAN, NAN };
	int err = append_interval(m, t, "jouletrail energy", u->energy_j);

	if (!err)
		err = append_interval(m, t, "jouletrail co2e", u->co2e_g);
	if (!err)
		err = append_interval(m, t, "jouletrail power", power_w);
	if (!err)
		err = append_interval(m, t, "jouletrail intensity",
				      t->now->host.intensity_g_per_kwh);
	if (!err)
		err = append_use(m, t, "jouletrail energy idle", "idle", &u->idle);
	if (!err)
		err = append_use(m, t, "jouletrail energy unattributed", "unattributed",
				 &u->unattributed);
	if (!err)
		err = append_use(m, t, "jouletrail energy other", "other", &u->others);
	for (size_t i = 0; i < u->n && !err; i++)
		err = append_consumer(m, t, &u->row[i]);
	return err;
}

/* ---- the connection: a message is its length and its bytes ---- */

static int send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_all(int fd, void *ret, size_t len)
{
	/* The limit is that of the whole of it: tcp_recvmsg() counts it down. */
	ssize_t n = recv(fd, ret, len, MSG_WAITALL);

	if (n == (ssize_t)len)
		return 0;
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return n ? -ETIMEDOUT : -ECONNRESET;
}

/* Read here: the library makes room for whatever length it is told. */
static int receive_answer(int fd, struct why *why)
{
	CLEANUP(riemann_message_free_ptr) riemann_message_t *m = NULL;
	uint8_t body[ANSWER_BYTES];
	uint32_t len;
	int err = receive_all(fd, &len, sizeof(len));

	if (err)
		return why_set(why, err, "no answer: %s", strerror(-err));
	len = ntohl(len);
	if (len > sizeof(body))
		return why_set(why, -EFBIG, "an answer of %u bytes", len);
	err = len ? receive_all(fd, body, len) : 0;
	if (err)
		return why_set(why, err, "no whole answer: %s", strerror(-err));
	m = riemann_message_from_buffer(body, len);
	if (!m)
		return why_set(why, -EPROTO, "what it answers is no message of Riemann's");
	if (m->has_ok && !m->ok)
		return why_set(why, -EPROTO, "it refuses the events");
	return 0;
}

static int exchange(struct riemann *r, riemann_message_t *m, struct why *why)
{
	size_t len;
	uint8_t *data = riemann_message_to_buffer(m, &len); /* the length is in it */
	int err;

	if (!data)
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	err = send_all(r->fd, data, len);
	free(data);
	if (err)
		return why_set(why, err, "%s", strerror(-err));
	return receive_answer(r->fd, why);
}

static int send_tick(void *sink, const struct sink_tick *t, struct why *why)
{
	CLEANUP(riemann_message_free_ptr) riemann_message_t *m = riemann_message_new();
	struct riemann *r = sink;
	int err = m ? fill(m, t) : -ENOMEM;

	if (err)
		return why_set(why, err, "its events cannot be made: %s", strerror(-err));
	dial_drop_ended(&r->fd);
	if (r->fd < 0) {
		int fd = dial(&r->address, SOCK_STREAM, why);

		if (fd < 0)
			return fd;
		r->fd = fd;
	}
	err = exchange(r, m, why);
	if (err) {
		close(r->fd);
		r->fd = -1;
	}
	return err;
}

const struct sink_kind sink_riemann = {
	.scheme = "riemann://",
	.n_consumers = CONSUMERS,
	.check = check,
	.open = open_sink,
	.send = send_tick,
	.close = close_sink,
};
