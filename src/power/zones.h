/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* zones.h - the RAPL zones of sysfs' powercap class, whichever way they are nested. */
#ifndef POWER_ZONES_H
#define POWER_ZONES_H

#include <stddef.h>
#include <stdint.h>

#define ZONES_MAX	128
#define ZONE_ID_LEN	48
#define ZONE_PATH_LEN	256
#define ZONE_NAME_LEN	32
#define ZONES_CLASS_DIR "sys/class/powercap"

struct zone {
	char id[ZONE_ID_LEN];	  /* "intel-rapl:0:1": its parent is "intel-rapl:0" */
	char path[ZONE_PATH_LEN]; /* below root */
	char name[ZONE_NAME_LEN]; /* its `name` file: "package-0", "dram", …; id if it has none */
};

struct zones {
	size_t n;
	struct zone zone[ZONES_MAX];
};

/*
 * Finds every zone of a control type with "rapl" in its name (AMD's are called intel-rapl too):
 * as entries of the class directory (symlinks in the real one) and as children of each other and
 * of their control type. Each id once; loops of symlinks end. Sorted by id, plain intel-rapl
 * first, so that a mirror (intel-rapl-mmio) comes after what it mirrors.
 *
 * Returns 0, also with no zones; -E2BIG beyond ZONES_MAX; or -errno of the class directory.
 */
int zones_find(const char *root, struct zones *ret);

/* The zone whose child z is, or NULL. */
const struct zone *zones_parent(const struct zones *zs, const struct zone *z);

/*
 * The largest of what the zone's constraints say that it may draw (max_power_uw and
 * power_limit_uw of each; values outside 0.1 W … 10 kW are no limits), uW; 0 = they say nothing.
 */
uint64_t zone_most_power_uw(const char *root, const struct zone *z);

#endif /* POWER_ZONES_H */
