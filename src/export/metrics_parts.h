/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics_parts.h - the inside of struct metrics: what is counted, and by whom. */
#ifndef EXPORT_METRICS_PARTS_H
#define EXPORT_METRICS_PARTS_H

#include "export/metrics.h"

/* What is counted of a consumer; in the order of its families. */
enum metrics_amount {
	METRICS_ENERGY_UJ = 0,
	METRICS_ENERGY_LOW_UJ,
	METRICS_ENERGY_HIGH_UJ,
	METRICS_CO2E_UG,
	METRICS_CO2E_LOW_UG,
	METRICS_CO2E_HIGH_UG,
	METRICS_CPU_NS,
	METRICS_N_AMOUNTS,
};

/* An amount that was never known has no bit in `known`, and no sample. */
struct metrics_amounts {
	uint64_t value[METRICS_N_AMOUNTS];
	uint32_t known;
};

/*
 * What a series is found by: its consumer's names as they are, and what becomes of them as labels
 * (`kind="consumer",consumer="…"`, cut and escaped). No two series have the same of either.
 */
enum metrics_name { METRICS_KEY = 0, METRICS_LABELS, METRICS_N_NAMES };

struct metrics_text {
	char *data; /* [len], no NUL */
	size_t len;
	uint64_t hash;
};

struct metrics_series {
	struct metrics_text name[METRICS_N_NAMES];
	uint64_t seen_mono_ns;
	struct metrics_amounts amounts;
};

/* Sums over ticks; see the families for what they mean. */
struct metrics_sums {
	uint64_t n_ticks;
	uint64_t n_windows;
	uint64_t accounted_ns;
	uint64_t missing_ns;
	uint64_t self_cpu_ns;
	uint64_t task_ns;
	uint64_t idle_ns;
	uint64_t excluded_ns;
	uint64_t n_missed;
	uint64_t n_forgotten;
	uint64_t n_gaps;
	uint64_t n_breaches;
	uint64_t n_evicted;
	uint64_t n_folded; /* consumers that went to "other", over ticks */
	struct usage_losses losses;
	struct record_audit audit;
};

/* The day of the last tick's end, by the local clock: its ticks, or those since we began. */
struct metrics_day {
	int year;
	int yday;
	int64_t begin_real_us; /* of its first tick */
	struct metrics_amounts sum;
};

/* The last tick's. */
struct metrics_last {
	int64_t end_real_us;
	uint64_t length_ns;
	uint64_t power_uw; /* where energy is known */
	bool has_energy;
	enum record_kind by;
	enum energy_quality quality;
	struct record_conservation conservation;
	struct intensity intensity;
	struct method method;
	const char *uncertainty;
};

struct metrics {
	const char *version;
	size_t max;
	size_t n;
	struct metrics_series *series;	    /* [max] */
	size_t n_slots;			    /* a power of two, at least twice max */
	uint32_t *slot[METRICS_N_NAMES];    /* index + 1 into series; 0 = empty */
	size_t n_bytes;			    /* of names */
	bool swept;			    /* in this tick: there is nothing more to be had */
	struct buf sought[METRICS_N_NAMES]; /* the consumer's that is looked for */

	struct metrics_amounts host;
	struct metrics_amounts idle;
	struct metrics_amounts unattributed;
	struct metrics_amounts other;
	struct metrics_amounts evicted;
	struct metrics_amounts self; /* energy alone; within a consumer's, not beside it */
	struct metrics_day day;	     /* meaningless before the first tick */
	size_t n_domains;
	struct energy_domain domain[ENERGY_MAX_DOMAINS];
	struct metrics_amounts domain_sum[ENERGY_MAX_DOMAINS];
	struct metrics_sums sums;
	struct metrics_last last; /* meaningless before the first tick */
	struct metrics_state state;
};

/* s as a label's value: escaped, cut. NULL = "(unknown)". */
void metrics_put_label_value(struct buf *out, const char *s);

/* Sums that cannot fall: they stay at what 64 bits hold. */
void metrics_amount_add(struct metrics_amounts *to, enum metrics_amount what, uint64_t more);

/*
 * The consumer's amounts, made where it is new; m->other where there is no room (or memory), which
 * is counted.
 */
struct metrics_amounts *metrics_consumer(struct metrics *m, const struct sample *s,
					 uint64_t now_mono_ns);

void metrics_series_free(struct metrics_series *s);

/* Drops what was silent for keep_ns; what it counted is in m->evicted from then on. */
void metrics_evict(struct metrics *m, uint64_t keep_ns, uint64_t now_mono_ns);

#endif /* EXPORT_METRICS_PARTS_H */
