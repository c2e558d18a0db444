/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * plan.h - the zones of a plan, what is known of each, and what came of it: from the options to
 * the outputs of `jouletrail plan`.
 */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"
#include "daemon/grid.h"
#include "export/export.h"
#include "intensity/series_file.h"
#include "plan/plan.h"

#define PLAN_MAX_ZONES 256
/* Of a plan's window at most: what is planned is work, not a year. */
#define PLAN_MAX_DURATION_S (31 * 86400)

/*
 * How far published forecasts of the next days are from what came, in ln space: a mean absolute
 * percentage error of 9.59 % over 13 grids, times sqrt(pi/2). Source: docs/planning.md.
 */
#define PLAN_FORECAST_SD 0.12

/* One kind of one zone. */
struct plan_signal {
	struct plan_series series; /* n 0: none */
	struct series_point mean;  /* what series points at where there is only an annual mean */
	bool is_annual_mean;
	const char *boundary; /* "lifecycle", "direct"; "" = not known */
	const char *source;
};

struct plan_zone {
	char name[SERIES_LOCATION_LEN];
	struct plan_signal signal[2]; /* by enum series_kind */
	struct series_set fed;	      /* of a feed: what it says of this zone */
	char excluded[160];	      /* why it is no candidate; "" = it is one */
	struct plan_window best;
	uint64_t missing_s; /* of the span: no window holds them */
};

struct plan {
	enum series_kind kind; /* that it is planned by */
	struct plan_span span;
	struct series_set set; /* of the forecast, if it is a file */
	size_t n; /* in the order they were given in: the first is where it would run */
	struct plan_zone zone[PLAN_MAX_ZONES];
	bool has_forecast;

	/* Once planned: */
	size_t best;	 /* index of the zone */
	size_t n_ranked; /* candidates, best first */
	size_t rank[PLAN_MAX_ZONES];
	bool has_now;
	struct plan_window now; /* at once, in the first zone */
};

/* ---- plan_zones.c ---- */

/*
 * Fills p->zone from "FR,DE,SE" and from a file of allowed zones, one a line, perhaps with what is
 * to be had there ("FR m7.large,m7.xlarge"); # begins a comment. Without zones all of the file's.
 * sku: only where the file says that it is to be had. What is left out is so said in excluded.
 *
 * Returns 0, or -errno with why: a zone that neither the table nor the forecast knows is an error.
 */
int plan_zones(struct plan *p, const char *zones, const char *allow_file, const char *sku,
	       struct why *why);

/* Searches every zone. 0, or -errno with why where there is no candidate at all. */
int plan_run(struct plan *p, struct why *why);

/* The probability that a candidate is really better than starting at once; NAN: not comparable. */
double plan_better(const struct plan *p, const struct plan_zone *z);

/* A zone's mean of that kind over a window; false where it is not known. */
bool plan_intensity(const struct plan_zone *z, enum series_kind kind, const struct plan_window *at,
		    struct plan_window *ret);

struct plan *plan_new(void);
void plan_free(struct plan *p);

/* ---- plan_signals.c ---- */

/*
 * Reads the forecast: forecast->spec is a file, or a feed, which is asked once for each zone under
 * its own name; NULL: the table's annual means stand for it. What a feed is in trouble with is
 * logged, as what it said before may do. 0 or -errno with why.
 */
int plan_signals(struct plan *p, const struct grid_options *forecast, struct why *why);

/* ---- plan_write.c ---- */
void plan_write(const struct plan *p, enum export_format f, struct buf *out);

/* ---- plan_timer.c: argv NULL-terminated; text that runs it once, at the best time ---- */
void plan_write_cron(const struct plan *p, char *const *argv, struct buf *out);
void plan_write_systemd(const struct plan *p, char *const *argv, struct buf *out);

/* ---- plan_exec.c ---- */

/*
 * Waits until start_s, then runs argv and forwards signals to it. Returns its exit status as a
 * shell has it; 128 + signal where one ended the waiting; EXIT_FAILED with why.
 */
int plan_exec(int64_t start_s, char *const *argv, struct why *why);

#endif /* CLI_PLAN_H */
