/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report_facts.h - what the ticks of a report say beside their figures: how they were made, with
 * which meters and grids, what was lost, and whether it added up.
 */
#ifndef CLI_REPORT_FACTS_H
#define CLI_REPORT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/scan.h"
#include "types/intensity.h"
#include "types/share.h"

#define FACTS_MAX_GRIDS	  16
#define FACTS_MAX_METHODS 8
#define FACTS_MAX_DOMAINS 32
#define FACTS_MAX_LOSSES  16

/* An intensity of the same origin; text is NUL-terminated bytes, cut to fit. */
struct facts_grid {
	char zone[INTENSITY_ZONE_LEN];
	char zone_name[64];
	char source[160];
	char licence[96];
	char kind[16];
	char boundary[16];
	char accounting[16];
	int64_t year;
	bool annual;
	bool is_default;
	uint64_t n_ticks; /* from here on: of all its ticks */
	uint64_t least_mg_per_kwh;
	uint64_t most_mg_per_kwh;
};

struct facts_method {
	char weight[16];
	char idle_policy[24];
	char static_power[24];
	char uncertainty[32];
	uint64_t corun_percent;
	uint64_t n_ticks;
};

struct facts_domain {
	char name[64];
	char source[128];
	char kind[16];
	char quality[16];
	bool counted;
	uint64_t n_ticks;
	uint64_t energy_uj; /* from here on: 0 in those that are not counted */
	uint64_t idle_uj;
	uint64_t static_uj;
};

/* Zero-initialise. What finds no room is in n_beyond. */
struct report_facts {
	size_t n_grids;
	struct facts_grid grid[FACTS_MAX_GRIDS];
	size_t n_methods;
	struct facts_method method[FACTS_MAX_METHODS];
	size_t n_domains;
	struct facts_domain domain[FACTS_MAX_DOMAINS];
	uint64_t n_beyond;

	uint64_t idle_uj; /* of the host, and by reason */
	uint64_t unattributed_uj;
	uint64_t by_reason_uj[SHARES_N_REASONS];
	uint64_t lost[FACTS_MAX_LOSSES]; /* in the order of export_loss() */
	uint64_t n_gaps;		 /* of domains */

	uint64_t n_checked; /* ticks that say how they add up */
	uint64_t time_ppm;  /* the worst of them */
	uint64_t n_off;	    /* ticks whose energy does not add up */
	uint64_t n_breaches;
	uint64_t n_audits;
	uint64_t n_audit_breaches;

	uint64_t n_opens;
	char build[64]; /* of the last one */
};

/* Takes a tick's or a rollup's line, but for its intensity; n: how many ticks that is. */
void report_facts_take(struct report_facts *f, struct scan_value line, uint64_t n);

/* The intensity that the line says, or that stands in its place. */
void report_facts_intensity(struct report_facts *f, struct scan_value line, uint64_t n);
void report_facts_grid(struct report_facts *f, const struct intensity *i, uint64_t n);

/* An open record. */
void report_facts_open(struct report_facts *f, struct scan_value line);

#endif /* CLI_REPORT_FACTS_H */
