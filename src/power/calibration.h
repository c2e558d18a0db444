/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calibration.h - what somebody measured on this machine, once: idle and full power. */
#ifndef POWER_CALIBRATION_H
#define POWER_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "types/energy.h"

/*
 * A text file of lines `key = value`; blank lines and what follows # do not count. Watts are
 * decimal numbers above 0.
 *
 *	idle_w = 38.5             the whole machine, idle and at full load: both or none;
 *	max_w = 180               they take the place of the model's table
 *	boundary = wall           of these two: wall (all of the server) or package (CPUs only)
 *	error_percent = 5         of these two, 95 %: 1 to 100; 10 if not given
 *	package-0.idle_w = 12.3   static power of a domain that is measured
 */
struct calibration {
	uint64_t idle_uw; /* 0 = the machine's are not given */
	uint64_t max_uw;
	bool wall;
	unsigned int error_percent;
	size_t n_domains;
	struct {
		char name[ENERGY_NAME_LEN];
		uint64_t idle_uw;
	} domain[ENERGY_MAX_DOMAINS];
};

/* Returns 0; -EINVAL (a line that is not understood, with its number); or the file's -errno. */
int calibration_read(const char *path, struct calibration *ret, struct why *why);

/* Watts as in the file, µW. Returns 0 or -EINVAL (no number, not above 0, beyond 1 MW). */
int calibration_parse_watts(const char *text, uint64_t *ret_uw);

#endif /* POWER_CALIBRATION_H */
