/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* share.h - energy of one window by usage row: what attrib/ produces. */
#ifndef TYPES_SHARE_H
#define TYPES_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "types/energy.h"
#include "types/method.h"

/* Why energy that is not idle could be given to nobody. */
enum shares_reason {
	SHARES_NOBODY_RAN = 0, /* power was drawn with nothing on the domain's CPUs */
	SHARES_NO_WEIGHT,      /* who ran weighs nothing: no cycles could be read */
	SHARES_NO_USER,	       /* a GPU's time that its driver gives to no process that is known */
	SHARES_N_REASONS,
};

/* From where the static power of a domain is. */
enum shares_static {
	SHARES_STATIC_NONE = 0, /* not known: taken as 0 */
	SHARES_STATIC_MODEL,
	SHARES_STATIC_CALIBRATION,
	SHARES_STATIC_LEARNT,
};

/* Where one domain's energy went. energy = idle + attributed + unattributed, to the microjoule. */
struct shares_domain {
	uint64_t energy_uj;
	uint64_t idle_uj; /* static energy that is nobody's: all of it under METHOD_SEPARATE */
	uint64_t attributed_uj;
	uint64_t unattributed_uj;
	uint64_t unattributed_by_uj[SHARES_N_REASONS]; /* of it, by reason */
	uint64_t static_uj; /* static power x time, at most energy_uj; whoever has it */
	double static_sd_uj;
	enum shares_static static_from;
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
 * Other models of the same window that can be defended as well: what a row would have more under
 * them is a signed figure, and what one row gains the others lose.
 */
enum shares_model {
	SHARES_BY_TIME = 0,	/* plain CPU time in place of the weight */
	SHARES_BY_PROPORTIONAL, /* idle by use in place of METHOD_RESERVED */
	SHARES_N_MODELS,
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
	int64_t model_uj[SHARES_N_MODELS]; /* each sums to 0 over the rows */
	/* More for each standard deviation that static power is higher; with idle's it sums to 0 */
	double static_sd_uj;
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
	double idle_static_sd_uj; /* what idle has more per sd of static power */
	struct method method;
	size_t n_factors;
	struct shares_factor factor[SHARES_MAX_FACTORS];
};

/* The words of ledger and JSON. */
const char *shares_reason_name(enum shares_reason r);
const char *shares_static_name(enum shares_static s);

/* static_sd_uj, rounded; what is beyond 64 bits is the most there is. */
uint64_t shares_static_sd_uj(const struct shares_domain *d);

/* Sums; static power is one draw, so its deviations add. static_from is the last one's. */
void shares_domain_add(struct shares_domain *to, const struct shares_domain *from);

#endif /* TYPES_SHARE_H */
