/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* domains.h - energy domains of all meters: names, kinds, and what adds up. */
#ifndef POWER_DOMAINS_H
#define POWER_DOMAINS_H

#include <stdbool.h>

#include "power/zones.h"
#include "types/energy.h"

/* By the zone's name: "package-0", "package-1-die-0", "core", "psys"; ENERGY_OTHER if unknown. */
enum energy_domain_kind domains_kind(const char *zone_name);

/*
 * Fills *ret for a domain of kind on a package (-1 = the whole machine) or one die of it (-1 = it
 * is not divided): a unique name ("dram-1-die-0"), quality, gain. source is the caller's.
 */
void domains_fill(enum energy_domain_kind kind, int package, int die, struct energy_domain *ret);

/* The same for zone z, by its own name and that of the package it lies in; with source. */
void domains_describe(const struct zones *zs, const struct zone *z, struct energy_domain *ret);

/* Index in e, from first on, or -1. */
int domains_find(const struct energy *e, size_t first, const char *name);

/* Whether the kind is one of which the host's total is made: a package, DRAM, or psys. */
bool domains_is_part_of_host(enum energy_domain_kind kind);

/* More than any such domain draws, uW, for where nothing says it: docs/power.md, "The limit". */
uint64_t domains_most_power_uw(enum energy_domain_kind kind);

/*
 * Sets parent, counted and why_not of the domains from index first on. psys contains packages and
 * DRAM, packages contain core and uncore. Packages and DRAM add up to the host; with psys_instead
 * (no package can be read), psys alone stands for it.
 */
void domains_build_tree(struct energy *e, size_t first, bool psys_instead);

/*
 * The domains from index first on are of a meter that was opened after others: gives them names
 * that are not taken yet ("package-0-model") and leaves out of the host's total what an earlier
 * domain of the total covers. Returns how many of them are counted.
 */
size_t domains_join(struct energy *e, size_t first, const char *meter);

#endif /* POWER_DOMAINS_H */
