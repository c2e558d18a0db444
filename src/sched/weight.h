/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - user space's side of weighted CPU time: siblings, frequencies, PMU counters. */
#ifndef SCHED_WEIGHT_H
#define SCHED_WEIGHT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "sched/topology.h"
#include "types/usage.h"

struct weight;

struct weight_options {
	enum jt_weight weight;
	struct jt_weight_cpu *cpu; /* the mapping, [n_cpus], not owned */
	unsigned int n_cpus;
	int pmu_fd;			     /* the map of perf events, not owned */
	const struct perf_event_attr *event; /* NULL = CPU cycles of the PMU */
	const char *root;		     /* frequencies are read below it; NULL = "/" */
};

/*
 * Whether this machine has what the weighting needs; plain time needs nothing. Returns 0, or with
 * why: -ENOTSUP (no core has two threads, or some have more; no cpufreq), -ENOENT (no PMU).
 */
int weight_check(const struct weight_options *o, const struct topology *t, struct why *why);

/* Returns 0 or -ENOMEM. */
int weight_new(const struct weight_options *o, struct weight **ret);
void weight_free(struct weight *w);

/*
 * Follows the CPUs that are online: their siblings, the frequencies they begin with, their PMU
 * counters. At the start, before the programs are attached, and at each window. Returns 0 or the
 * first -errno of a counter that could not be opened: that CPU's slices are counted in n_unread.
 */
int weight_follow(struct weight *w, const struct topology *t);

/* Slices since the last call whose counter could not be read. */
uint64_t weight_n_unread(struct weight *w);

#endif /* SCHED_WEIGHT_H */
