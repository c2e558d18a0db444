/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sink.h - where ticks are pushed: each kind of sink is a row of one table.
 *
 *	pushgateway+http://HOST:PORT[/metrics/job/NAME…]	Prometheus Pushgateway; also +https
 *	riemann://HOST[:PORT]					Riemann, over TCP
 *	emf:/FILE  emf:-  emf+tcp://HOST:PORT  emf+udp://…	CloudWatch embedded metric format
 */
#ifndef PUSH_SINK_H
#define PUSH_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"
#include "expo/figures.h"
#include "jouletrail/units.h"

/* For one delivery, and for a sink to be reached. */
#define SINK_TIMEOUT_NS (5 * JT_NS_PER_S)

/* A tick to be delivered. */
struct sink_tick {
	const char *host;	   /* this machine's name */
	const struct buf *text;	   /* as Prometheus reads it */
	const struct figures *now; /* text, read; for sinks with n_consumers alone, as the next */
	const struct figures_between *used; /* since the last delivery that succeeded */
};

struct sink_kind {
	const char *scheme; /* what addresses begin with: "emf:" */
	size_t n_consumers; /* that get figures of their own; 0 = the text is all it needs */
	/* Whether what follows the scheme is an address. Returns 0 or -EINVAL with why. */
	int (*check)(const char *address, struct why *why);
	/* Makes what send() needs; reaches nobody yet. Returns 0 (*ret for close()) or -errno. */
	int (*open)(const char *address, void **ret);
	/*
	 * Delivers, within about SINK_TIMEOUT_NS, whole or, as far as the sink's protocol can
	 * tell, not at all. Returns 0 or -errno with why.
	 */
	int (*send)(void *sink, const struct sink_tick *t, struct why *why);
	void (*close)(void *sink);
};

/*
 * The kind of an address, whose rest is at *ret_address then; it is checked. NULL: it is none, with
 * why.
 */
const struct sink_kind *sink_find(const char *address, const char **ret_rest, struct why *why);

extern const struct sink_kind sink_pushgateway_http, sink_pushgateway_https, sink_riemann,
	sink_emf_file, sink_emf_tcp, sink_emf_udp;

#endif /* PUSH_SINK_H */
