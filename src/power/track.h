/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* track.h - one counter of one domain from window to window: its energy so far, or its gap. */
#ifndef POWER_TRACK_H
#define POWER_TRACK_H

#include <stddef.h>

#include "power/counter.h"
#include "types/energy.h"
#include "types/window.h"

/*
 * How old a RAPL counter's value may be: its update interval of about 1 ms and as much of jitter;
 * docs/power.md, "Uncertainty of RAPL".
 */
#define TRACK_RAPL_UPDATE_NS UINT64_C(2000000)

/* What RAPL rounds to where nothing says it: 2^-14 J, the commonest unit. */
#define TRACK_RAPL_RESOLUTION_UJ 61

/* Fields are track.c's own. */
struct track {
	size_t domain; /* index of its domain */
	uint64_t update_ns;
	struct counter counter;
	uint64_t energy_uj; /* since the window began */
	const char *gap;    /* the first in this window, or NULL */
};

/* update_ns: how old a value can be at most, uniformly between 0 and that. */
void track_start(struct track *t, size_t domain, uint64_t update_ns,
		 const struct counter_limits *limits, const struct counter_sample *first);

void track_sample(struct track *t, const struct counter_sample *s);

/* Ends window w: fills ret->reading of its domain or adds the gap, and begins the next window. */
void track_end(struct track *t, const struct window *w, struct energy *ret);

/* Whether the latest sample was a value to subtract from. */
bool track_is_alive(const struct track *t);

#endif /* POWER_TRACK_H */
