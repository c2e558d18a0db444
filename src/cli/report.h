/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report.h - energy and carbon summed over the records of a ledger, by what was asked for, with
 * their uncertainty.
 *
 * What is systematic in a record (meter, model, attribution) adds linearly over records, what is
 * random in quadrature. The intensity of a zone is one draw for all its records; zones are
 * independent. An annual mean that stands for a moment weighs less the longer the time is. All in
 * ln space per side: docs/method.md. Memory is bounded by the number of groups.
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
#include "quant/interval.h"

/* What a ledger's records are by (enum record_kind), or one of these. */
enum report_by {
	REPORT_ZONE = RECORD_N_KINDS,
	REPORT_HOST,
};

const char *report_by_name(unsigned int by);
/* Returns 0 or -EINVAL. */
int report_by_parse(const char *word, unsigned int *ret);

#define REPORT_MAX_GROUPS 65536
#define REPORT_MAX_ZONES  32
#define REPORT_KEY_LEN	  512
#define REPORT_PATH_LEN	  4352

/* Figures that are being added up. Energies in µJ, carbon in µg. */
struct report_sum {
	uint64_t energy_uj;
	uint64_t co2e_ug;
	uint64_t cpu_ns;
	uint64_t n_records;
	uint64_t n_missing;		  /* records whose energy is not known: not in the sums */
	uint64_t time_ns;		  /* of the ticks that it appears in */
	struct quant_sides energy_linear; /* Σ e·σ */
	double energy_var;		  /* Σ (e·r)² */
	struct quant_sides co2e_linear;	  /* Σ c·σ of the energy in it */
	double co2e_var;
	double co2e_annual;			   /* µg that rest on an annual mean */
	struct quant_sides zone[REPORT_MAX_ZONES]; /* Σ c·σ of each zone's intensity */
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
	struct report_sum sum;
};

struct report {
	unsigned int by;  /* enum record_kind or report_by */
	int64_t since_us; /* INT64_MIN and MAX: all */
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

	size_t n_groups;
	size_t n_slots;
	uint32_t *slot; /* open addressing: 1 + index of a group, 0 = empty */
	struct report_group *group;
	uint64_t n_beyond; /* records that found no room: in the row of others */
};

int report_new(unsigned int by, int64_t since_us, int64_t until_us, struct report **ret);
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

/* Adds all of another sum, which is of other samples of the same ticks. */
void report_sum_merge(struct report_sum *to, const struct report_sum *from);

/*
 * "branches": in a report by cgroup or slice those with others below them, with all of it. Nothing
 * where there are none.
 */
struct json_writer;
void report_json_branches(struct json_writer *w, const struct report *r);

/* The report, as text in that format; v is what verifying said. */
void report_write(const struct report *r, enum export_format f, const struct verify_result *v,
		  struct buf *out);

#endif /* CLI_REPORT_H */
