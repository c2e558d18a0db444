/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan_signals.c - what is known of each zone of a plan: out of a file, a live feed, the table. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/plan.h"
#include "intensity/intensity.h"
#include "jouletrail/units.h"
#include "quant/temporal.h"

static void signal_of_series(struct plan_signal *g, const struct series *s)
{
	g->series = (struct plan_series){
		.step = s->point,
		.n = s->n,
		.moment_sd = PLAN_FORECAST_SD,
	};
	g->boundary = s->boundary;
	g->source = s->source;
}

/* The annual mean of the table, for as long as the work lasts: it tells where, never when. */
static void signal_of_table(struct plan_signal *g, const struct intensity *i,
			    const struct plan_span *span)
{
	g->mean = (struct series_point){
		.start_s = span->from_s,
		.end_s = span->from_s + (int64_t)span->duration_s,
		.mg_per_kwh = (uint32_t)i->mg_per_kwh,
		.low_mg_per_kwh = (uint32_t)i->low_mg_per_kwh,
		.high_mg_per_kwh = (uint32_t)i->high_mg_per_kwh,
	};
	g->series = (struct plan_series){
		.step = &g->mean,
		.n = 1,
		.moment_sd = quant_temporal_sd(span->duration_s * JT_NS_PER_S),
	};
	g->is_annual_mean = true;
	g->boundary = i->boundary;
	g->source = i->source;
}

/*
 * What the feed says of one zone. One that gives nothing for it leaves the others; a question that
 * cannot be asked at all - no key, no such place - is an error.
 */
static int ask_feed(struct plan_zone *z, const struct grid_options *forecast, struct why *why)
{
	struct why nothing = { "" };
	char cache[FS_PATH_LEN];
	int err = grid_ask_feed(forecast, z->name, cache, why);

	if (err)
		return err;
	if (series_load(cache, &z->fed, &nothing))
		snprintf(z->excluded, sizeof(z->excluded), "the feed has given nothing of it");
	else if (z->fed.series[0].trouble[0])
		log_warning("plan: %s: %s; what was known before holds", z->name,
			    z->fed.series[0].trouble);
	return 0;
}

/* Reads the file, or asks the feed for every zone that is left. */
static int read_forecast(struct plan *p, const struct grid_options *forecast, struct why *why)
{
	int err = 0;

	p->has_forecast = forecast->spec;
	if (!forecast->spec)
		return 0;
	if (!grid_is_feed(forecast->spec))
		return series_load(forecast->spec, &p->set, why);
	for (size_t i = 0; i < p->n && !err; i++)
		if (!p->zone[i].excluded[0])
			err = ask_feed(&p->zone[i], forecast, why);
	return err;
}

int plan_signals(struct plan *p, const struct grid_options *forecast, struct why *why)
{
	bool is_feed = forecast->spec && grid_is_feed(forecast->spec);
	int err = read_forecast(p, forecast, why);

	for (size_t i = 0; i < p->n && !err; i++) {
		struct plan_zone *z = &p->zone[i];
		/* A feed refuses the places that it does not know; else unknown is an error. */
		bool known = is_feed;
		struct intensity row;

		for (enum series_kind k = SERIES_AVERAGE; k <= SERIES_MARGINAL; k++) {
			const struct series *s =
				series_set_find_kind(is_feed ? &z->fed : &p->set, z->name, k);

			if (s)
				signal_of_series(&z->signal[k], s);
			known |= s != NULL;
		}
		/* Near misses are in why. */
		if ((!known || !p->has_forecast) && intensity_lookup(z->name, &row, why))
			return -ENOENT;
		if (p->has_forecast)
			continue;
		signal_of_table(&z->signal[SERIES_AVERAGE], &row, &p->span);
		if (!intensity_lookup_marginal(z->name, &row, NULL))
			signal_of_table(&z->signal[SERIES_MARGINAL], &row, &p->span);
	}
	return err;
}
