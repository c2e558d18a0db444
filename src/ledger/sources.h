/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sources.h - the sources of the host's energy's uncertainty, summed over records. */
#ifndef LEDGER_SOURCES_H
#define LEDGER_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/scan.h"

/* What finds no room is with the last. */
#define SOURCES_MAX 12

/* Zero-initialise. */
struct sources {
	size_t n;
	struct {
		char name[32];
		bool is_random;
		double sum; /* Σ e·sd, of a random one Σ (e·sd)² */
	} source[SOURCES_MAX];
};

/*
 * Adds the budget of a tick or a rollup whose host used that much; what is of its carbon alone is
 * left out, for the intensity on record says more of it.
 */
void sources_add(struct sources *s, struct scan_value line, uint64_t host_uj);

/* Relative sd of source i in all that energy, 0 in none. */
double sources_sd(const struct sources *s, size_t i, uint64_t energy_uj);

#endif /* LEDGER_SOURCES_H */
