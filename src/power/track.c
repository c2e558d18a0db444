/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* track.c - see track.h. */
#include "power/track.h"

#include <math.h>

#include "power/meter.h"

void track_start(struct track *t, size_t domain, uint64_t update_ns,
		 const struct counter_limits *limits, const struct counter_sample *first)
{
	*t = (struct track){ .domain = domain, .update_ns = update_ns };
	counter_init(&t->counter, limits, first);
}

void track_sample(struct track *t, const struct counter_sample *s)
{
	uint64_t step_uj;
	const char *gap = counter_step(&t->counter, s, &step_uj);

	if (!gap)
		t->energy_uj += step_uj;
	else if (!t->gap)
		t->gap = gap;
}

/*
 * Both ends of the window: each is rounded to a step, and as old as the last update (uniform). The
 * end of one window is the beginning of the next, so adding windows as independent overstates it.
 */
static double random_sd_uj(const struct track *t, uint64_t resolution_uj, uint64_t window_ns)
{
	double step = (double)resolution_uj / sqrt(12.0);
	double stale = 0.0;

	if (window_ns)
		stale = (double)t->energy_uj / (double)window_ns * (double)t->update_ns /
			sqrt(12.0);
	return sqrt(2.0) * hypot(step, stale);
}

void track_end(struct track *t, const struct window *w, struct energy *ret)
{
	const struct energy_domain *d = &ret->domain[t->domain];

	if (t->gap)
		meter_add_gap(ret, t->domain, t->gap, w);
	else
		ret->reading[t->domain] = (struct energy_reading){
			.energy_uj = t->energy_uj,
			.quality = ENERGY_MEASURED,
			.random_sd_uj = random_sd_uj(t, d->resolution_uj, window_length_ns(w)),
		};
	t->energy_uj = 0;
	t->gap = NULL;
}

bool track_is_alive(const struct track *t)
{
	return t->counter.based;
}
