/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* domains.h - what RAPL zones are as energy domains: names, kinds, and what adds up. */
#ifndef POWER_DOMAINS_H
#define POWER_DOMAINS_H

#include "power/zones.h"
#include "types/energy.h"

/* By the zone's name: "package-0", "package-1-die-0", "core", "psys"; ENERGY_OTHER if unknown. */
enum energy_domain_kind domains_kind(const char *zone_name);

/*
 * Fills *ret for zone z: a unique name ("dram" in package-1-die-0 is "dram-1-die-0"), kind,
 * package, source, gain. Two zones with one name are one domain, mirrored.
 */
void domains_describe(const struct zones *zs, const struct zone *z, struct energy_domain *ret);

/* Index in e, or -1. */
int domains_find(const struct energy *e, const char *name);

/*
 * Sets parent and counted of the domains from index first on. psys contains packages and DRAM,
 * packages contain core and uncore. Packages and DRAM add up to the host; with psys_instead
 * (no package can be read), psys alone stands for it.
 */
void domains_build_tree(struct energy *e, size_t first, bool psys_instead);

#endif /* POWER_DOMAINS_H */
