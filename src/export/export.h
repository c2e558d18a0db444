/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export.h - ticks as text: for people, as JSON, as CSV. */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "types/record.h"
#include "types/site.h"

enum export_format { EXPORT_HUMAN = 0, EXPORT_JSON, EXPORT_CSV, EXPORT_HTML };

/* One quantity of a run over that of another, in parts per million. */
struct export_ratio {
	uint64_t ratio_ppm;
	uint64_t low_ppm; /* 95 % */
	uint64_t high_ppm;
	uint64_t less_ppm; /* probability that it is below 1 */
};

/* A run against an earlier one. Strings are the caller's. */
struct export_comparison {
	const char *baseline; /* file */
	bool same_machine;    /* one draw for both of what its meters have in common */
	bool same_grid;	      /* and of the grid's mean */
	struct export_ratio energy;
	const char *co2e_why; /* why there is none of co2e; NULL = there is */
	struct export_ratio co2e;
};

/* Carbon beyond energy x intensity. Strings are the caller's. */
struct export_site {
	struct site_terms terms;
	bool known; /* else figures are not */
	struct estimate figures;
	double sci_units;     /* functional units; 0 = no score */
	const char *sci_name; /* what one is called, up to a '=' */
};

/* What a run adds to its total tick. Strings are the caller's. */
struct export_run {
	char *const *command; /* NULL-terminated argument vector; empty where attached */
	const char *subject;  /* "process", "cgroup" that ran already; NULL = the command */
	const char *attached; /* what that is called; NULL = nothing of it */
	int exit_status;      /* as a shell's $?; of the command only */
	uint64_t wall_ns;
	const char *power_source; /* power_choice() */
	const struct tick *total;
	const struct sample *command_total;
	const struct export_site *site; /* of the command; NULL = not asked for */
	const char *machine;		/* which one, as machines tell; NULL = not known */
	size_t n_budget;		/* of command_total */
	const struct record_budget *budget;
	const struct export_comparison *comparison; /* NULL = none was asked for */
	uint64_t n_tasks;			    /* 0 = not known */
	uint64_t n_survivors;			    /* descendants still alive at the end */
	const char *ledger_dir;			    /* NULL = none */
	uint64_t n_ledger_records;
	const char *daemon; /* socket of the one that measured; NULL = this process did */
};

/* Schema jouletrail.run/1, the human screen, or one CSV row per consumer, appended to out. */
void export_run_report(struct buf *out, enum export_format f, const struct export_run *r);

/*
 * One window or tick for `top`: host, idle, unattributed, consumers by power. JSON is schema
 * jouletrail.top/1, in the words and rows of jouletrail.run/1.
 */
void export_top(struct buf *out, enum export_format f, const struct tick *t);

/*
 * One field of CSV: by RFC 4180 2.6 and 2.7 quoted where it must be, quotes doubled; bytes as they
 * are. NULL is an empty field.
 */
void export_csv_text(struct buf *out, const char *s);

/*
 * One consumer row of jouletrail.run/1, for every output that lists consumers. t is the tick that
 * s is of: it knows whether energy was had at all (else null, never 0).
 */
struct json_writer;
void export_json_consumer(struct json_writer *w, const struct tick *t, const struct sample *s);

/*
 * What would make this source smaller, in a few words, or NULL; no_zone: the grid is the world's
 * because none was named. Static.
 */
const char *export_remedy(const struct record_budget *source, bool no_zone);

/*
 * The i-th count of what was lost: its name in records, and what is said of a number of them.
 * False behind the last. Static.
 */
bool export_loss(size_t i, const char **ret_member, const char **ret_what);

/* Returns 0, or -EINVAL for a word that is no format. */
int export_parse_format(const char *word, enum export_format *ret);

/*
 * Whether any energy is known. With quality `missing` and true, what could be read is there and
 * gaps say what could not.
 */
bool export_has_energy(const struct tick *t);

/*
 * "12.4 J ±0.6", "1.63 mg CO2e [0.15, 2.44]": digits that the interval justifies; both sides where
 * they differ by > 10 %.
 */
void export_human_energy(struct buf *out, const struct quant_interval_u64 *v);
void export_human_co2e(struct buf *out, const struct quant_interval_u64 *v);

/* Lines of known figures, and of the terms that they rest on. */
void export_human_site(struct buf *out, const struct export_site *s);
void export_human_terms(struct buf *out, const struct site_terms *t);

#endif /* EXPORT_EXPORT_H */
