/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* perf.c - RAPL through perf's "power" PMU: 64-bit counters that need no root, only CAP_PERFMON. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "power/domains.h"
#include "power/events.h"
#include "power/meter.h"
#include "power/track.h"
#include "power/zones.h"

struct source {
	int fd;
	const struct event *event;
	struct track track;
};

struct perf {
	struct events events;
	size_t n;
	struct source source[ENERGY_MAX_DOMAINS];
};

static void perf_close(void *meter)
{
	struct perf *p = meter;

	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		cleanup_close(&p->source[i].fd);
	free(p);
}

static inline void perf_close_ptr(struct perf **p)
{
	perf_close(*p);
}

static int machine_event_open(struct perf_event_attr *attr, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* A descriptor, or -errno. */
static int open_event(const struct power_options *o, const struct events *ev, size_t i, int cpu)
{
	struct perf_event_attr attr = {
		.type = ev->type,
		.size = sizeof(attr),
		.config = ev->event[i].config,
	};
	int fd = (o->hooks->perf_event_open ?: machine_event_open)(&attr, cpu);

	return fd < 0 ? -errno : fd;
}

static struct counter_sample take_sample(const struct source *s, const struct meter_time *t)
{
	struct counter_sample ret = { .mono_ns = t->mono_ns, .suspended_ns = t->suspended_ns };
	uint64_t count;
	ssize_t n;

	do /* perf's files have no position: pread() fails */
		n = read(s->fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		ret.err = -errno;
	else if (n != (ssize_t)sizeof(count))
		ret.err = -EIO; /* an event in error is at its end of file */
	else
		ret.value_uj = event_uj(s->event, count);
	return ret;
}

static void add_source(struct perf *p, struct energy *e, const struct place *place, int fd,
		       const struct source *like, const struct meter_time *now)
{
	struct source *s = &p->source[p->n++];
	struct energy_domain *d = &e->domain[e->n_domains];
	/* The kernel follows the 32-bit wraps itself: 2^64 counts of 2^-32 J are never reached. */
	struct counter_limits limits = { .max_power_uw = domains_most_power_uw(like->event->kind) };
	struct counter_sample first;

	*s = *like;
	s->fd = fd;
	domains_fill(s->event->kind, place->package, place->die, d);
	d->resolution_uj = TRACK_RAPL_RESOLUTION_UJ;
	snprintf(d->source, sizeof(d->source), "perf power/%s/ on CPU %u", s->event->name,
		 place->cpu);
	first = take_sample(s, now);
	track_start(&s->track, e->n_domains++, TRACK_RAPL_UPDATE_NS, &limits, &first);
}

/* Every event of one place. 0, or the -errno why a package's event cannot be opened. */
static int add_place(struct perf *p, struct energy *e, const struct power_options *o, size_t place)
{
	const struct meter_time now = meter_now(o);
	const struct place *at = &p->events.places.place[place];

	for (size_t i = 0; i < p->events.n; i++) {
		struct source like = { .event = &p->events.event[i] };
		int fd;

		/* One for the whole machine. */
		if (like.event->kind == ENERGY_PSYS && place > 0)
			continue;
		if (e->n_domains == ENERGY_MAX_DOMAINS - 1)
			return -E2BIG;
		fd = open_event(o, &p->events, i, (int)at->cpu);
		if (fd >= 0)
			add_source(p, e, at, fd, &like, &now);
		else if (like.event->kind == ENERGY_PACKAGE)
			return fd;
	}
	return 0;
}

/* As powercap.c does the other way: where zones are there and none is DRAM, ours is not added. */
static void agree_with_powercap(struct energy *e, size_t first, const char *root)
{
	CLEANUP(cleanup_free) struct zones *zs = malloc(sizeof(*zs));
	bool package = false, dram = false;

	if (!zs || zones_find(root, zs))
		return;
	for (size_t i = 0; i < zs->n; i++) {
		package |= domains_kind(zs->zone[i].name) == ENERGY_PACKAGE;
		dram |= domains_kind(zs->zone[i].name) == ENERGY_DRAM;
	}
	for (size_t i = first; i < e->n_domains && package && !dram; i++) {
		struct energy_domain *d = &e->domain[i];

		if (d->kind != ENERGY_DRAM || !d->counted)
			continue;
		d->counted = false;
		d->why_not = "powercap has no dram here";
	}
}

static int perf_open(const struct power_options *o, struct energy *domains, void **ret,
		     struct why *why)
{
	CLEANUP(perf_close_ptr) struct perf *p = calloc(1, sizeof(*p));
	const char *root = o->root ? o->root : "";
	size_t first = domains->n_domains;
	int err;

	if (!p)
		return why_set(why, -ENOMEM, "perf: out of memory");
	err = events_find(o->root, &p->events);
	if (err == -ENOENT)
		return why_set(why, err, "perf: no PMU %s/" EVENTS_DIR " (modprobe rapl)", root);
	if (err)
		return why_set(why, err, "perf: %s/" EVENTS_DIR ": %s", root,
			       err == -ENODATA ? "no energy event in Joules" : strerror(-err));
	for (size_t i = 0; i < p->events.places.n; i++) {
		err = add_place(p, domains, o, i);
		if (err == -EACCES || err == -EPERM)
			return why_set(why, err,
				       "perf: power/energy-pkg/: not permitted: run as root, with "
				       "CAP_PERFMON, or with kernel.perf_event_paranoid=0");
		if (err)
			return why_set(why, err, "perf: power/energy-pkg/ on CPU %u: %s",
				       p->events.places.place[i].cpu,
				       err == -E2BIG ? "too many domains" : strerror(-err));
	}
	if (domains->n_domains == first)
		return why_set(why, -ENODEV, "perf: no event of the PMU power can be opened");
	domains_build_tree(domains, first, !events_have(&p->events, ENERGY_PACKAGE));
	agree_with_powercap(domains, first, o->root);
	*ret = TAKE_PTR(p);
	return 0;
}

static void perf_sample(void *meter, const struct meter_time *t)
{
	struct perf *p = meter;

	for (size_t i = 0; i < p->n; i++) {
		struct counter_sample sample = take_sample(&p->source[i], t);

		track_sample(&p->source[i].track, &sample);
	}
}

static void perf_read(void *meter, const struct usage *u, struct energy *ret)
{
	struct perf *p = meter;

	for (size_t i = 0; i < p->n; i++)
		track_end(&p->source[i].track, &u->window, ret);
}

const struct meter_ops perf_ops = {
	.name = "perf",
	.covers = METER_CPU,
	.open = perf_open,
	.sample = perf_sample,
	.read = perf_read,
	.close = perf_close,
};
