/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* topology.h - which CPUs there are, which are online, and which package each belongs to. */
#ifndef SCHED_TOPOLOGY_H
#define SCHED_TOPOLOGY_H

#include <stdbool.h>

#include "base/why.h"

/* Room for a CPU list as sysfs writes it. */
#define TOPOLOGY_LIST_LEN 4096

struct topology_cpu {
	bool online;
	unsigned int package; /* dense, from 0 in the order of the CPUs; of offline CPUs: 0 */
	unsigned int sibling; /* another thread of its core; itself where there is none */
};

struct topology {
	unsigned int n_possible; /* CPUs 0 … n_possible - 1 may exist */
	unsigned int n_online;
	unsigned int n_packages;
	unsigned int threads_per_core; /* the most of any core that was ever online */
	struct topology_cpu *cpu;      /* [n_possible], owned */
	long *package_id;	       /* [JT_MAX_PACKAGES], as the kernel numbers them, owned */
	int online_fd;		       /* kept open: it is read in every window */
	char online_list[TOPOLOGY_LIST_LEN]; /* as read last */
};

/*
 * Reads /sys/devices/system/cpu below root (NULL = "/").
 * Returns 0; -E2BIG for more than JT_MAX_PACKAGES packages; -errno. why says where.
 */
int topology_read(const char *root, struct topology *ret, struct why *why);

/* Looks again, at each window, which CPUs are online. Returns 0 or -errno. */
int topology_refresh(const char *root, struct topology *t);

void topology_release(struct topology *t);

#endif /* SCHED_TOPOLOGY_H */
