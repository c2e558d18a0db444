/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sensors.h - energy and power sensors of the hwmon class, and what each chip's stand for. */
#ifndef POWER_SENSORS_H
#define POWER_SENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/energy.h"

#define SENSORS_DIR "sys/class/hwmon"
#define SENSORS_MAX 32

struct sensor {
	char chip[32];	/* its `name` file: "amdgpu" */
	char label[48]; /* its label file, else "energy1", "power1" */
	char path[96];	/* of its value, below root */
	bool is_energy; /* µJ since some time; else µW now */
	enum energy_domain_kind kind;
	int package;	     /* CPU package; -1 = none or the whole machine */
	const char *why_not; /* static: why it is not part of the host's total; NULL where it is */
	uint64_t poll_ns;    /* power: how often its value is worth reading */
};

struct sensors {
	size_t n;
	struct sensor sensor[SENSORS_MAX];
};

/*
 * Finds the sensors below root (NULL = "/"), those of known chips first. Of a chip that has both,
 * power that an energy counter covers is left out. What is beyond SENSORS_MAX is left out.
 * Returns 0, also with none; or -errno of the class directory.
 */
int sensors_find(const char *root, struct sensors *ret);

#endif /* POWER_SENSORS_H */
