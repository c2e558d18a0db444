/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* integral.h - energy of a domain of which only the power can be read: samples summed over time. */
#ifndef POWER_INTEGRAL_H
#define POWER_INTEGRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jouletrail/units.h"
#include "types/energy.h"
#include "types/window.h"

/*
 * Pure. Each interval between two samples is a trapezoid; what the power did within it is not
 * known, which adds (|ΔP|·Δt)²/12 to the variance. A sensor that is constant is taken as constant.
 */
struct power_sample {
	int err;     /* 0, or why there is no value: -errno */
	uint64_t uw; /* meaningless where err */
	uint64_t mono_ns;
	uint64_t suspended_ns; /* time asleep since boot */
};

/* Fields are integral.c's own. */
struct integral {
	size_t domain;
	uint64_t max_power_uw;
	uint64_t max_interval_ns;
	struct power_sample last;
	bool based;	  /* last.uw is a value to go on from */
	jt_product uw_ns; /* since the window began */
	double var_uj2;
	const char *gap; /* the first in this window, or NULL */
};

/* max_power_uw: more than that is rubbish; max_interval_ns: samples further apart are a "pause". */
void integral_start(struct integral *g, size_t domain, uint64_t max_power_uw,
		    uint64_t max_interval_ns, const struct power_sample *first);

/* Gaps have the reasons of counter_step(); a sensor is never "stale", "reset" or a "jump". */
void integral_sample(struct integral *g, const struct power_sample *s);

/* Ends window w: fills ret->reading of its domain or adds the gap, and begins the next window. */
void integral_end(struct integral *g, const struct window *w, struct energy *ret);

#endif /* POWER_INTEGRAL_H */
