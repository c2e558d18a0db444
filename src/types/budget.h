/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.h - what the uncertainty of a figure is made of. */
#ifndef TYPES_BUDGET_H
#define TYPES_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* One source in the uncertainty budget of the host's (or the command's) co2e. */
struct record_budget {
	const char *source; /* factor name: static, or owned by the tick's factor[] */
	const char *kind;   /* "systematic" | "temporal" | "random" */
	uint64_t sd_ppm;    /* mean of both sides, relative */
	uint64_t minus_ppm; /* the sides, in ln space */
	uint64_t plus_ppm;
	bool of_energy; /* in the energy's budget too; else only in the co2e's */
};

#define RECORD_MAX_BUDGET 16

#endif /* TYPES_BUDGET_H */
