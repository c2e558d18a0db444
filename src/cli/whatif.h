/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * whatif.h - energy that was really measured, at another time or place: from a ledger's verified
 * records to what each consumer would have saved.
 *
 * Both sides of a comparison come from one source: a series of the zones' intensities, or (for
 * another place only) the annual means. The ledger is read twice: its ticks to find what moving
 * them means, then its samples. A tick whose intensity is not known on both sides is in neither,
 * nor is what retention summed up: it has no time of its own.
 */
#ifndef CLI_WHATIF_H
#define CLI_WHATIF_H

#include "cli/report.h"
#include "intensity/series_file.h"
#include "ledger/verify.h"
#include "plan/plan.h"
#include "types/intensity.h"

/* 32 bytes each: a year of ticks of 10 s. */
#define WHATIF_MAX_TICKS    (1U << 22)
#define WHATIF_MAX_WITHIN_S (7 * 86400)
/* From the first tick to the last. */
#define WHATIF_MAX_SPAN_S (400 * 86400)

struct whatif_value {
	uint32_t mg_per_kwh;
	uint32_t low_mg_per_kwh;
	uint32_t high_mg_per_kwh;
};

struct whatif_tick {
	int64_t from_s;
	uint32_t length_s;
	uint32_t zone;		   /* into whatif.zone */
	struct whatif_value value; /* as recorded */
	uint64_t energy_uj;	   /* of its consumers */
};

/* Of one consumer, in its report_group.extra. */
struct whatif_sum {
	double was_ug;
	double instead_ug;
	struct quant_sides was; /* Σ c·σ of its own */
	struct quant_sides instead;
	uint64_t unknown_uj; /* energy whose intensity is not known on both sides */
};

struct whatif {
	enum series_kind kind;
	int64_t shift_s;
	uint64_t within_s; /* 0: shift_s is given */
	const char *zone;  /* NULL: the records' own */
	bool unplanned;	   /* shift and zone are those of the plan in the ledger, undone */
	bool has_plan;
	char now_zone[SERIES_LOCATION_LEN];
	bool has_series;
	struct series_set set;
	struct intensity row; /* of zone, where there is no series */

	bool began;
	uint64_t base;	      /* index of the first record */
	uint64_t n_rolled_up; /* ticks before it, of which only rollups are left */
	size_t n_ticks;
	size_t capacity;
	struct whatif_tick *tick;
	size_t n_zones;
	struct {
		char name[INTENSITY_ZONE_LEN];
		struct plan_series was;
		struct plan_series instead;
	} of[REPORT_MAX_ZONES];
	uint64_t n_unknown; /* ticks */
	struct quant_sides common;

	/* While samples are read. */
	size_t at; /* the next tick's index */
	bool inside;
	bool known;
	double was_ug_per_uj;
	double instead_ug_per_uj;
	struct quant_sides was_own;
	struct quant_sides instead_own;
	struct report *by;  /* as it was asked for */
	struct report *all; /* of all consumers in one row */
};

/* A verify_options.record that takes the ticks; arg is the whatif. */
int whatif_take_tick(const struct check_facts *f, void *arg);

/*
 * Between the two readings: finds each zone's series, the best shift, and what is common.
 * Returns 0, or -errno with why.
 */
int whatif_settle(struct whatif *w, struct why *why);

/* A verify_options.record that sums; arg is the whatif, with by and all. */
int whatif_take(const struct check_facts *f, void *arg);

/*
 * The shift, in whole minutes from 0 to within_s, with the least Σ energy x intensity of what has
 * a series on both sides. Returns 0; -ENODATA; -ENOMEM; -E2BIG. (whatif_best.c)
 */
int whatif_best_shift(const struct whatif *w, int64_t *ret_s);

/* The saving of a row, in µg. */
struct quant_interval whatif_saving(const struct whatif *w, const struct report_group *g);

void whatif_write(const struct whatif *w, enum export_format f, const struct verify_result *v,
		  struct buf *out);

#endif /* CLI_WHATIF_H */
