/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.h - what cgroups reserve of the machine, and who pays for it. */
#ifndef ATTRIB_RESERVE_H
#define ATTRIB_RESERVE_H

#include <stddef.h>
#include <stdint.h>

#include "types/usage.h"

/* One cgroup's claim: cpu.max (v1: cpu.cfs_quota_us / cpu.cfs_period_us), else cpu.weight. */
struct reserve_claim {
	uint64_t quota_ucpu; /* 10^-6 of a CPU; 0 = no limit */
	uint64_t weight;     /* cpu.weight; of v1's cpu.shares, 1024 are 100 */
};

/*
 * What each of n cgroups reserves of n_cpus, in 10^-6 of a CPU: its quota where it has one; what
 * quotas leave is divided over the others by weight. Quotas beyond the machine are cut in
 * proportion, and nothing is left for the others. Σ ret <= n_cpus, and equal where a cgroup
 * without a quota has a weight. ret may not be one of the claims.
 * Source: docs/method.md, "Idle policies".
 */
void attrib_reserve(const struct reserve_claim *claim, size_t n, unsigned int n_cpus,
		    uint64_t *ret_ucpu);

/* One cgroup that reserves, in a window. */
struct reservation {
	uint64_t cgroup_id;
	uint32_t v1; /* JT_CELL_V1_CGRP or 0 */
	size_t row;  /* its USAGE_ROW_RESERVED */
	/* Weights of its rows on the domain's CPUs; of those that are done, and what they have. */
	uint64_t sum, upto, given;
};

/* The window's reservations. Allocated by reservations_new() for windows of capacity rows. */
struct reservations {
	size_t n;
	struct reservation *one; /* by cgroup, then hierarchy */
	uint64_t *weight;	 /* [n + 1]: what each reserves, and what nobody does */
	uint64_t *share;	 /* [n + 1] */
	size_t *of_row;		 /* [rows]: index + 1 of its cgroup's; 0 = reserves nothing */
};

int reservations_new(size_t capacity, struct reservations *ret);
void reservations_free(struct reservations *r);

/* Finds them among the window's rows. */
void reservations_find(struct reservations *r, const struct usage *u);

/*
 * Divides uj of static energy: by what is reserved, within a cgroup over the rows that ran by
 * weight, to its USAGE_ROW_RESERVED where none did.
 *
 * active, weight  [n_active] the rows that ran and what they weigh; Σ weight fits 64 bits
 * ret_active      [n_active] of each, µJ
 * Returns what nobody reserves; r->share holds what is due to each reservation whose sum is 0.
 */
uint64_t reservations_split(struct reservations *r, uint64_t uj, const size_t *active,
			    const uint64_t *weight, size_t n_active, uint64_t *ret_active);

#endif /* ATTRIB_RESERVE_H */
