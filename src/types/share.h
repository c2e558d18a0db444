/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* share.h - energy of one window by usage row: what attrib/ produces. */
#ifndef TYPES_SHARE_H
#define TYPES_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "types/energy.h"

/* Where one domain's energy went. energy = idle + attributed + unattributed, to the microjoule. */
struct shares_domain {
	uint64_t energy_uj;
	uint64_t idle_uj;
	uint64_t attributed_uj;
	uint64_t unattributed_uj; /* nothing ran that could be charged, though power was drawn */
};

/*
 * Factors that err together, over all counted domains: see struct energy_domain.factor. Domains
 * that name the same factor with different sides get the widest; names beyond the eighth share
 * the last factor, "other", with the widest sides of them: wider than the truth, never narrower.
 */
#define SHARES_MAX_FACTORS 8

struct shares_factor {
	char name[ENERGY_NAME_LEN];
	struct quant_sides sides;
};

/*
 * One row's energy, same index as its usage row. by_factor_uj says how much of it hangs on each
 * factor (sums to energy_uj).
 */
struct shares_row {
	uint64_t energy_uj;
	uint64_t by_factor_uj[SHARES_MAX_FACTORS];
	double attribution_sd_uj; /* systematic: spread between defensible splits of this window */
	double spread_uj; /* Σ s·e over domains, before (1 - e/E): what a sum of rows needs again */
	double random_var_uj2; /* random: counter resolution and jitter, in proportion; rounding */
	/* Worst of the domains it drew from; ENERGY_MISSING where a package it ran on has none. */
	enum energy_quality quality;
};

/* rows has room for capacity rows, allocated by attrib_new() and owned by it. */
struct shares {
	size_t n_rows;
	size_t capacity;
	struct shares_row *rows;
	size_t n_domains;
	struct shares_domain domain[ENERGY_MAX_DOMAINS]; /* counted domains; others zero */
	struct shares_domain host;			 /* sum over the counted domains */
	uint64_t host_by_factor_uj[SHARES_MAX_FACTORS];
	uint64_t idle_by_factor_uj[SHARES_MAX_FACTORS]; /* of it, idle */
	double host_random_var_uj2;
	size_t n_factors;
	struct shares_factor factor[SHARES_MAX_FACTORS];
};

#endif /* TYPES_SHARE_H */
