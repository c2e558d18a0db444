/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report.h - energy and carbon summed over the records of a ledger, with their uncertainty.
 *
 * By docs/method.md, "Sums over records". Memory is bounded by the number of groups.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/why.h"
#include "export/export.h"
#include "ledger/check.h"
#include "ledger/verify.h"
#include "quant/value.h"

enum report_by {
	REPORT_PROCESS = 0,
	REPORT_COMM,
	REPORT_CGROUP,
	REPORT_CONTAINER,
	REPORT_SERVICE,
	REPORT_USER,
	REPORT_ZONE,
	REPORT_HOST,
};

const char *report_by_name(enum report_by by);
int report_by_parse(const char *word, enum report_by *ret);

#define REPORT_MAX_GROUPS 65536
#define REPORT_MAX_ZONES  12
#define REPORT_KEY_LEN	  512

/* Ids of the parts of a sum: what is systematic in its energy, the moment, and the zones. */
enum { REPORT_PART_ENERGY, REPORT_PART_MOMENT, REPORT_PART_ZONE };

/* Figures that are being added up. Energies in µJ, carbon in µg. */
struct report_sum {
	uint64_t energy_uj;
	uint64_t co2e_ug;
	uint64_t cpu_ns;
	uint64_t n_records;
	uint64_t n_missing;	   /* records whose energy is not known: not in the sums */
	uint64_t time_ns;	   /* of the ticks that it appears in */
	double co2e_annual;	   /* µg that rest on an annual mean */
	struct quant_value energy; /* its parts; value is not kept up: energy_uj is */
	struct quant_value co2e;
};

/* One row. Names are NUL-terminated bytes; NULL = not known. */
struct report_group {
	char *key;
	char *comm;
	char *cgroup;
	char *name;
	uint64_t pid;
	uint64_t start_boottime_ns;
	uint64_t last_tick; /* for time_ns: one tick counts once */
	struct report_sum sum;
};

/* A source of the uncertainty of the host's energy, over the ticks. */
#define REPORT_MAX_SOURCES 12
struct report_source {
	char name[32];
	bool is_random;
	double sum; /* Σ e·sd, of a random one Σ (e·sd)² */
};

struct report {
	enum report_by by;
	bool explain;
	struct montecarlo *montecarlo; /* owned; NULL = closed forms */
	int64_t since_us;	       /* INT64_MIN and MAX: all */
	int64_t until_us;

	struct report_sum host;
	struct report_sum idle; /* idle and unattributed: no consumer's */
	int64_t from_us;
	int64_t to_us;
	uint64_t n_ticks;
	uint64_t n_outside;    /* ticks before since or after until */
	uint64_t n_lost_ticks; /* of gap records: measured, not written */
	bool any_missing;
	bool any_modelled;

	size_t n_zones;
	char zone[REPORT_MAX_ZONES][32];

	/* The tick whose samples follow. */
	bool inside;
	uint64_t tick;
	uint64_t tick_ns;
	size_t tick_zone;
	struct quant_sides tick_intensity;
	bool tick_annual;
	double tick_random; /* relative sd of the meters' counters */
	uint64_t tick_host_uj;

	size_t n_sources;
	struct report_source source[REPORT_MAX_SOURCES];

	size_t n_groups;
	size_t n_slots;
	uint32_t *slot; /* open addressing: 1 + index of a group, 0 = empty */
	struct report_group *group;
	uint64_t n_beyond; /* records that found no room: in the row of others */
};

int report_new(enum report_by by, int64_t since_us, int64_t until_us, struct report **ret);
void report_free(struct report *r);

/* Takes one verified record. Returns 0 or -ENOMEM. */
int report_add(struct report *r, const struct check_facts *f);

/* The group of that key; the last one takes what finds no room. NULL without memory. */
struct report_group *report_group(struct report *r, const char *key);

/* Largest energy first. */
void report_sort(struct report *r);

/* 95 % intervals of a sum. */
void report_intervals(const struct report *r, const struct report_sum *s,
		      struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e);

/* Adds a figure of the present tick, given with its energy's interval. */
void report_sum_add(const struct report *r, struct report_sum *s,
		    const struct quant_interval_u64 *energy, uint64_t co2e_ug);

/* The same as values; the moment's part is of the time that the sum was active. */
void report_sum_values(const struct report_sum *s, struct quant_value *ret_energy,
		       struct quant_value *ret_co2e);

/* One source of the present tick's budget: of the host's energy. */
void report_source_add(struct report *r, const char *name, const char *kind, double relative_sd);

/* Sources of a sum's co2e, largest first; ret has room for RECORD_MAX_BUDGET. Points into r. */
size_t report_budget(const struct report *r, const struct report_sum *s, struct record_budget *ret);

/* The report, as text in that format; v is what verifying said. */
void report_write(const struct report *r, enum export_format f, const struct verify_result *v,
		  struct buf *out);

#endif /* CLI_REPORT_H */
