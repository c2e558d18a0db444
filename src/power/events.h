/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events.h - the kernel's "power" PMU as sysfs describes it: which energy events, in what unit. */
#ifndef POWER_EVENTS_H
#define POWER_EVENTS_H

#include <stdint.h>

#include "power/places.h"
#include "types/energy.h"

#define EVENTS_DIR "sys/bus/event_source/devices/power"
#define EVENTS_MAX 8

struct event {
	enum energy_domain_kind kind;
	char name[32];	 /* "energy-pkg" */
	uint64_t config; /* of perf_event_attr */
	double joules;	 /* per count: > 0, <= 1 */
};

struct events {
	uint32_t type;	      /* of perf_event_attr */
	struct places places; /* one CPU per package or die, as the PMU's cpumask says */
	size_t n;
	struct event event[EVENTS_MAX];
};

/*
 * Reads root/sys/bus/event_source/devices/power. Events whose unit, scale or code cannot be
 * understood are left out. Returns 0 (at least one event); -ENOENT (no such PMU); -ENODATA (no
 * event or no CPU); -errno.
 */
int events_find(const char *root, struct events *ret);

/* Whether the PMU has an event of that kind. */
bool events_have(const struct events *e, enum energy_domain_kind kind);

/* count in µJ, rounded down; saturates. */
uint64_t event_uj(const struct event *e, uint64_t count);

#endif /* POWER_EVENTS_H */
