/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* places.h - which CPU to ask for each package, or for each die of one. */
#ifndef POWER_PLACES_H
#define POWER_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#define PLACES_MAX 64

struct place {
	unsigned int cpu;
	int package; /* physical_package_id; 0 where the kernel gives none */
	int die;     /* -1 = the package is not divided, as far as these places go */
};

struct places {
	size_t n;
	struct place place[PLACES_MAX];
};

/*
 * The first online CPU of each package below root (NULL = "/"), or with by_die of each die.
 * Without a topology in sysfs: CPU 0 of package 0.
 * Returns 0; -E2BIG beyond PLACES_MAX; or -errno.
 */
int places_find(const char *root, bool by_die, struct places *ret);

/* The same for the CPUs of a list as in sysfs ("0,18"); -EINVAL (no list), -ENODATA (empty). */
int places_of_list(const char *root, const char *cpulist, struct places *ret);

#endif /* POWER_PLACES_H */
