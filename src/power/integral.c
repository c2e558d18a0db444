/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* integral.c - see integral.h. */
#include "power/integral.h"

#include <math.h>

#include "power/counter.h"
#include "power/meter.h"

static bool is_good(const struct integral *g, const struct power_sample *s)
{
	return !s->err && s->uw <= g->max_power_uw;
}

void integral_start(struct integral *g, size_t domain, uint64_t max_power_uw,
		    uint64_t max_interval_ns, const struct power_sample *first)
{
	*g = (struct integral){
		.domain = domain,
		.max_power_uw = max_power_uw,
		.max_interval_ns = max_interval_ns,
		.last = *first,
	};
	g->based = is_good(g, first);
}

/* Adds the interval between two good samples, or says why it cannot be known. */
static const char *step(struct integral *g, const struct power_sample *s)
{
	uint64_t ns = s->mono_ns > g->last.mono_ns ? s->mono_ns - g->last.mono_ns : 0;
	double change = (double)s->uw - (double)g->last.uw;

	if (counter_is_suspend(g->last.suspended_ns, s->suspended_ns))
		return "suspend";
	if (ns > g->max_interval_ns)
		return "pause";
	g->uw_ns += ((jt_product)g->last.uw + s->uw) * ns / 2;
	g->var_uj2 += pow(change * (double)ns / JT_NS_PER_S, 2) / 12;
	return NULL;
}

void integral_sample(struct integral *g, const struct power_sample *s)
{
	const char *gap;

	if (!is_good(g, s)) {
		gap = s->err ? counter_reason_of_errno(s->err) : "rubbish";
		g->based = false;
	} else if (!g->based) {
		gap = "returned";
		g->based = true;
	} else {
		gap = step(g, s);
	}
	if (!g->gap)
		g->gap = gap;
	g->last = *s;
}

void integral_end(struct integral *g, const struct window *w, struct energy *ret)
{
	uint64_t uj = (uint64_t)(g->uw_ns / JT_NS_PER_S);

	if (g->gap) {
		meter_add_gap(ret, g->domain, g->gap, w);
		g->uw_ns = 0;
	} else {
		ret->reading[g->domain] = (struct energy_reading){
			.energy_uj = uj,
			.quality = ENERGY_MEASURED,
			.random_sd_uj = sqrt(g->var_uj2),
		};
		/* What is less than a microjoule goes to the next window. */
		g->uw_ns -= (jt_product)uj * JT_NS_PER_S;
	}
	g->var_uj2 = 0;
	g->gap = NULL;
}
