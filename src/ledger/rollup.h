/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rollup.h - ticks summed up by time span and consumer, so that the ticks themselves can go.
 *
 * A span is a UTC day of ticks; rollups that are summed up again are put together by UTC month. Of
 * a span each kind of consumer, each zone and each signal has a rollup of its own, for their
 * figures add in different ways, or not at all. Sums are exact; how intervals add: quant/total.h.
 */
#ifndef LEDGER_ROLLUP_H
#define LEDGER_ROLLUP_H

#include "base/buf.h"
#include "ledger/check.h"
#include "ledger/format.h"
#include "quant/sources.h"
#include "quant/total.h"
#include "types/share.h"

/* Rows of a rollup, and rows in memory; what finds no room is in one row of others. */
#define ROLLUP_MAX_ROWS	  4096
#define ROLLUP_MAX_GROUPS 16384

/* One consumer. */
struct rollup_row {
	size_t span;
	char *key;
	char *line; /* its latest sample, for what it is called; NULL = the others */
	uint64_t cpu_ns;
	uint64_t n_missing;
	uint64_t last_tick; /* one tick's time counts once */
	struct quant_total total;
	struct quant_zone zone;
};

/* One meter domain. */
struct rollup_domain {
	char *text; /* its first object */
	uint64_t energy_uj;
	uint64_t idle_uj;
	uint64_t attributed_uj;
	uint64_t unattributed_uj;
	uint64_t static_uj;
	uint64_t static_sd_uj;
	int quality; /* enum energy_quality, the worst */
	bool known;
};

/* One rollup record and, by their span, the rows of its samples. */
struct rollup_span {
	int64_t number; /* of the day since 1970, or of the month since year 0 */
	bool month;
	char by[16];
	char zone[64];	 /* as in the record: JSON */
	char signal[64]; /* kind, boundary and accounting of the intensity, likewise */
	char *line;	 /* latest tick, for intensity and method; NULL = there was none */
	int64_t from_us;
	int64_t to_us;
	uint64_t n_ticks;
	uint64_t n_missing;
	uint64_t n_lost_ticks;
	int quality;
	struct quant_total host;
	struct quant_zone host_zone;
	struct quant_sources sources;
	uint64_t idle_uj;
	uint64_t attributed_uj;
	uint64_t unattributed_uj;
	uint64_t unattributed_by_uj[SHARES_N_REASONS];
	uint64_t static_uj;
	uint64_t platform_rest_uj;
	bool has_rest; /* a platform meter was read */
	uint64_t idle_co2e_ug;
	uint64_t unattributed_co2e_ug;
	size_t n_domains;
	struct rollup_domain *domain;
	size_t n_rows; /* after rollup_finish() */
	size_t first_row;
};

struct rollup {
	uint64_t base; /* records before it are gone already: rollups of them are summed up too */
	size_t n_spans;
	struct rollup_span *span;
	size_t n_rows;
	size_t capacity;
	struct rollup_row **row;
	void *index; /* of the rows, by span and key */

	/* The tick whose samples follow. */
	bool inside;
	size_t now;
	uint64_t tick;
	uint64_t tick_ns;
	struct quant_common common;
	uint64_t n_lost_ticks; /* before the first tick */
};

int rollup_new(uint64_t base, struct rollup **ret);
void rollup_free(struct rollup *r);

/* Takes the next record, which was checked. Returns 0 or -ENOMEM. */
int rollup_add(struct rollup *r, const struct check_facts *f);

/* No more records: orders spans by time and rows by energy. Returns 0 or -ENOMEM. */
int rollup_finish(struct rollup *r);

/* What the rollups of one retirement have in common. */
struct rollup_range {
	const struct check *check; /* after the last record */
	const struct tree *tree;   /* over all of them */
	uint64_t from;
	const char *vkey;
};

/* Each appends one line without its LF; span i, and row i of a span whose record is tick_index. */
void rollup_line(struct buf *out, const struct format_head *h, const struct rollup *r, size_t i,
		 const struct rollup_range *range);
void rollup_sample_line(struct buf *out, const struct format_head *h, const struct rollup_span *s,
			const struct rollup_row *row, uint64_t tick_index);

#endif /* LEDGER_ROLLUP_H */
