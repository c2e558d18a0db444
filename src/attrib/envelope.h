/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* envelope.h - static power of a domain, learnt from its quietest windows of the last hour. */
#ifndef ATTRIB_ENVELOPE_H
#define ATTRIB_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

/* The horizon is so many buckets of time; the oldest is dropped as a new one begins. */
#define ENVELOPE_BUCKETS   12
#define ENVELOPE_BUCKET_NS (300 * UINT64_C(1000000000))

/* One window of the domain. */
struct envelope_point {
	double power_w;
	double busy;	/* part of its CPUs' time in which a task ran, 0 to 1 */
	double noise_w; /* standard deviation of power_w */
};

struct envelope_bucket {
	uint64_t number;	      /* end of its windows / ENVELOPE_BUCKET_NS, + 1; 0 = empty */
	struct envelope_point lowest; /* the window of least power */
	struct envelope_point busiest;
};

/* Zero-initialise. */
struct envelope {
	struct envelope_bucket bucket[ENVELOPE_BUCKETS];
};

struct envelope_level {
	double power_w;
	double sd_w;
};

void envelope_add(struct envelope *v, uint64_t end_mono_ns, const struct envelope_point *p);

/*
 * The least power of any window of the horizon, less what its own tasks drew: its busy part times
 * the slope between it and the busiest window. It falls with the first quieter window, and rises
 * when the windows it was learnt from have left the horizon.
 *
 * sd: half of what was taken off for tasks (power over load is bent: the slope near idle is up to
 * twice the mean one), and three times the window's noise (it is the least of many).
 *
 * Returns false, *ret untouched, where the machine was never quiet enough: tasks have more than
 * half of the least power, or there is no slope and tasks ran for more than 2 %.
 * Source: docs/method.md, "Static power".
 */
bool envelope_level(const struct envelope *v, struct envelope_level *ret);

#endif /* ATTRIB_ENVELOPE_H */
