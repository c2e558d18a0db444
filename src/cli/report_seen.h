/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report_seen.h - what of a sample a report reads; and which group samples with those names belong
 * to, so that what a week of ticks says of a container is worked out once.
 */
#ifndef CLI_REPORT_SEEN_H
#define CLI_REPORT_SEEN_H

#include "cli/report.h"
#include "ledger/scan.h"

/* Members of a sample; what says whose it is, and its figures. */
enum {
	OF_CGROUP = 0,
	OF_COMM,
	OF_CONTAINER_NAME,
	OF_CPU_NS,
	OF_ENERGY_HIGH,
	OF_ENERGY_LOW,
	OF_ENERGY,
	OF_FLAGS,
	OF_ID,
	OF_KIND,
	OF_N_MISSING,
	OF_NAME,
	OF_PID,
	OF_POD_NAME,
	OF_START,
	OF_TID,
	OF_TIME_NS,
	OF_UID,
	REPORT_N_OF,
};

extern const struct scan_name report_of[REPORT_N_OF];

/* The group that an earlier sample with the same names, byte for byte, was found to be of. */
struct report_group *report_seen_find(const struct report *r, const struct scan_value *of);

/* Remembers that, where there is room: g is one of r's groups. */
void report_seen_add(struct report *r, const struct scan_value *of, const struct report_group *g);

void report_seen_free(struct report_seen *s);

#endif /* CLI_REPORT_SEEN_H */
