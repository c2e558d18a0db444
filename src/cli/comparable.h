/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* comparable.h - what of a run another one can be held against, and holding them. */
#ifndef CLI_COMPARABLE_H
#define CLI_COMPARABLE_H

#include "base/buf.h"
#include "base/why.h"
#include "export/export.h"

#define COMPARABLE_WORD 40

/* One source of uncertainty: struct record_budget with its name. */
struct comparable_source {
	char name[COMPARABLE_WORD];
	bool systematic;
	bool of_energy;
	struct quant_sides sides;
};

/* Zero-initialise. Words are cut to fit; "" = not said. */
struct comparable {
	char command[120]; /* as a person would read it */
	char machine[COMPARABLE_WORD];
	char zone[COMPARABLE_WORD];
	char kind[COMPARABLE_WORD];
	char boundary[COMPARABLE_WORD];
	char accounting[COMPARABLE_WORD];
	char idle_policy[COMPARABLE_WORD];
	char static_power[COMPARABLE_WORD];
	char weight[COMPARABLE_WORD];
	char quality[COMPARABLE_WORD];
	char domains[COMPARABLE_WORD]; /* kinds that are counted: "package dram" */
	uint64_t corun_percent;	       /* 0: the weight is not that of SMT */
	uint64_t year;
	uint64_t energy_uj;
	uint64_t co2e_ug;
	int64_t exit_status;
	size_t n;
	struct comparable_source source[RECORD_MAX_BUDGET];
};

void comparable_of_run(const struct export_run *r, struct comparable *ret);

/*
 * A file that `run -f json` wrote. Returns 0 or -errno with why: what the file is not, or lacks.
 */
int comparable_read(const char *path, struct comparable *ret, struct why *why);

/* The same from text; for the reader's tests. */
int comparable_parse(const char *text, size_t len, struct comparable *ret, struct why *why);

/*
 * How much b used of what a used. Returns 0; -EINVAL with why where they are not the same kind of
 * figure: another method, other meters, nothing known.
 */
int comparable_compare(const struct comparable *b, const struct comparable *a,
		       struct montecarlo *mc, struct export_comparison *ret, struct why *why);

/* A ratio or a probability in parts per million; what is beyond counting is 10^18. */
uint64_t comparable_ppm(double x);

/* For people: one statement for each quantity, and what it rests on. */
void comparable_write(struct buf *out, const struct export_comparison *c,
		      const struct comparable *b, const struct comparable *a);

#endif /* CLI_COMPARABLE_H */
