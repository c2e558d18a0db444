/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpuinfo.h - what /proc/cpuinfo says of the CPU: name, CPUID, packages, whether a guest. */
#ifndef POWER_CPUINFO_H
#define POWER_CPUINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "jouletrail/shared.h"

#define CPU_NAME_LEN 128

struct cpuinfo {
	char vendor[32];	 /* "AuthenticAMD"; "" where the architecture has none */
	char name[CPU_NAME_LEN]; /* as the kernel gives it; "" if it gives none */
	unsigned int family;
	unsigned int model;
	unsigned int stepping;
	bool guest; /* the hypervisor flag of CPUID */
	unsigned int n_cpus;
	unsigned int n_packages; /* one more than the highest physical id; 1 where none is given */
	unsigned int cpus_in[JT_MAX_PACKAGES]; /* by physical id */
};

/*
 * Reads root/proc/cpuinfo (root NULL or "" = "/"). Returns 0; -ENODATA (no CPU in it); -EOVERFLOW
 * (a physical id of JT_MAX_PACKAGES or more); -errno.
 */
int cpuinfo_read(const char *root, struct cpuinfo *ret);

/*
 * The name as the table has it: "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz" is
 * "intel xeon e5-2620 v3". Lower case; without marks, clock, graphics, core count, and the words
 * that mean nothing ("CPU", "Processor", "12th Gen"). Cut to size - 1 bytes.
 */
void cpuinfo_normalise_name(const char *name, char *ret, size_t size);

#endif /* POWER_CPUINFO_H */
