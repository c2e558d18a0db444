/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report.h - energy and carbon summed over the records of a ledger, with their uncertainty.
 *
 * How they add: quant/total.h. Memory is bounded by the number of groups.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"
#include "cli/report_by.h"
#include "cli/report_site.h"
#include "export/export.h"
#include "intensity/source.h"
#include "ledger/check.h"
#include "quant/sources.h"
#include "quant/total.h"

#define REPORT_MAX_GROUPS 65536
#define REPORT_MAX_ZONES  QUANT_TOTAL_MAX_ZONES
#define REPORT_KEY_LEN	  512
#define REPORT_PATH_LEN	  4352
#define REPORT_WORD_LEN	  16

/* Figures that are being added up. */
struct report_sum {
	struct quant_total total; /* its time: of the ticks that it appears in */
	uint64_t cpu_ns;
	uint64_t n_missing; /* records whose energy is not known: not in the sums */
	struct quant_zone zone[REPORT_MAX_ZONES];
};

/* One row. Names are NUL-terminated bytes; NULL = not known. */
struct report_group {
	char *key; /* tells it from all others */
	char *id;  /* what its owner knows it by; NULL = the key */
	char *comm;
	char *cgroup;
	char *name;
	uint64_t pid;
	uint64_t start_boottime_ns;
	uint64_t last_tick; /* for time_ns: one tick counts once */
	void *extra;	    /* of report_each_fn, for free(); NULL = none */
	struct report_sum sum;
};

struct report;
struct report_seen;   /* cli/report_seen.h */
struct report_series; /* cli/report_series.h */
struct report_facts;  /* cli/report_facts.h */

/* Called with every figure of a consumer that is added, for what is to be told beside the sums. */
typedef int report_each_fn(const struct report *r, struct report_group *g,
			   const struct quant_interval_u64 *energy, void *arg);

struct report {
	unsigned int by; /* enum record_kind or report_by */
	bool explain;
	struct report_site site;
	struct montecarlo *montecarlo; /* owned; NULL = closed forms */
	/* For a page; owned, NULL = not asked for. */
	struct report_series *series;
	struct report_facts *facts;
	report_each_fn *each; /* NULL = none; returns 0 or -errno */
	void *each_arg;
	struct intensity_source *grid; /* carbon by it; NULL = as recorded; the caller's */
	int64_t since_us;	       /* INT64_MIN and MAX: all */
	int64_t until_us;

	struct report_sum host;
	struct report_sum idle; /* idle and unattributed: no consumer's */
	int64_t from_us;
	int64_t to_us;
	uint64_t n_ticks;
	uint64_t n_rolled_up;  /* of them, those of which only a rollup is left */
	uint64_t n_outside;    /* ticks before since or after until */
	uint64_t n_lost_ticks; /* of gap records: measured, not written */
	bool any_missing;
	bool any_modelled;

	size_t n_zones;
	char zone[REPORT_MAX_ZONES][32];
	char kind[REPORT_WORD_LEN]; /* of the intensity; "mixed": the carbon is a sum of several */
	char boundary[REPORT_WORD_LEN]; /* likewise */

	bool began;
	uint64_t base; /* index of the first record: rollups of what lies before it count */

	/* The tick, or the rollup of ticks, whose samples follow. */
	bool inside;
	uint64_t tick;
	uint64_t tick_ns;
	size_t tick_zone;
	struct quant_common tick_common;
	uint64_t tick_mg_per_kwh; /* with grid: of the tick's time */

	struct quant_sources sources; /* of the host's energy */

	size_t n_groups;
	size_t n_slots;
	uint32_t *slot; /* open addressing: 1 + index of a group, 0 = empty */
	struct report_group *group;
	struct report_seen *seen;
	uint64_t n_beyond; /* records that found no room: in the row of others */
};

int report_new(unsigned int by, int64_t since_us, int64_t until_us, struct report **ret);
void report_free(struct report *r);

/* Takes one verified record. Returns 0 or -ENOMEM. */
int report_add(struct report *r, const struct check_facts *f);

/* The group of that key; the last one takes what finds no room. NULL without memory. */
struct report_group *report_group(struct report *r, const char *key);
/* What people know it by; its own. */
const char *report_group_name(const struct report_group *g);

/* Largest energy first. */
void report_sort(struct report *r);

/* 95 % intervals of a sum. */
void report_intervals(const struct report *r, const struct report_sum *s,
		      struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e);

/* Adds a figure of the present tick, given with its energy's interval. */
void report_sum_add(const struct report *r, struct report_sum *s,
		    const struct quant_interval_u64 *energy, uint64_t co2e_ug);

/* Sources of a sum's co2e, largest first; ret has room for RECORD_MAX_BUDGET. Points into r. */
size_t report_budget(const struct report *r, const struct report_sum *s, struct record_budget *ret);
/* Adds all of another sum, which is of other samples of the same ticks. */
void report_sum_merge(struct report_sum *to, const struct report_sum *from);

#endif /* CLI_REPORT_H */
