/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* repeats.h - runs of one command that were repeated, or of two in turns, as text. */
#ifndef EXPORT_REPEATS_H
#define EXPORT_REPEATS_H

#include "export/export.h"

/* One run. */
struct export_one {
	uint64_t energy_uj;
	uint64_t co2e_ug;
	uint64_t cpu_ns;
	uint64_t wall_ns;
	uint64_t n_tasks;
	int exit_status;
	bool known; /* its energy, and with it its carbon */
};

/* A quantity of all runs: µJ, µg, or µs. */
struct export_spread {
	bool known;
	struct quant_interval_u64 runs; /* the mean, with what the runs differ by */
	struct quant_interval_u64 both; /* and what is common to all: meter, split, grid */
	uint64_t least, median, most;
	uint64_t n_outliers;
};

struct export_repeated {
	char *const *command;
	size_t n;
	const struct export_one *run; /* [n] in the order that they were run in */
	struct export_spread energy, co2e, cpu, wall;
};

/* The ratios are of the first command over the second one. Strings are the caller's. */
struct export_repeats {
	const struct export_run *session; /* all of it, with what was between the runs */
	uint64_t n_warmups;
	size_t n_commands; /* 1 or 2 */
	struct export_repeated command[2];
	bool compared;		/* wall always is where there are two commands and two runs */
	const char *energy_why; /* why there is no ratio of energy; NULL = there is */
	struct export_ratio energy;
	const char *co2e_why;
	struct export_ratio co2e;
	struct export_ratio wall;
};

/* Schema jouletrail.repeat/1, a screen, or a CSV row per run; docs/run.md. */
void export_repeats_report(struct buf *out, enum export_format f, const struct export_repeats *r);

/* "The command used 12 % ±4 % less energy; 98.5 % confident.", folded, one line more. */
void export_human_ratio(struct buf *out, const char *subject, const struct export_ratio *r,
			const char *what);

#endif /* EXPORT_REPEATS_H */
