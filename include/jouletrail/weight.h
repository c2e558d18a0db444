/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - what BPF programs and user space share when CPU time is weighted. See shared.h. */
#ifndef JOULETRAIL_WEIGHT_H
#define JOULETRAIL_WEIGHT_H

#include "jouletrail/shared.h"

/*
 * What a weighting adds to the time of a cell, by package; the same index as the cell. SMT: ns of
 * cpu_ns while the sibling thread was busy. Frequency and PMU: cycles. Written and given back with
 * the cell.
 */
struct jt_cell_weight {
	__u64 sum[JT_MAX_PACKAGES];
};

/* How CPU time is weighted: what `struct jt_cell_weight` holds. */
enum jt_weight {
	JT_WEIGHT_TIME = 0,   /* plain time: nothing is kept beside it */
	JT_WEIGHT_SMT = 1,    /* ns with the sibling busy */
	JT_WEIGHT_FREQ = 2,   /* cycles: time x the frequency that cpufreq tells */
	JT_WEIGHT_CYCLES = 3, /* cycles that a counter of the PMU tells */
};

/*
 * Weighting state of one CPU. sibling, and the first mhz and since_ns, are user space's; mhz …
 * mhz_ns are written by whoever changes the frequency, in a sequence lock; the rest by the CPU.
 */
struct jt_weight_cpu {
	__u64 base;	     /* at the last switch: the sibling's busy ns, or the PMU's counter */
	__u32 sibling;	     /* the other thread of this core; its own number = none */
	__u32 mhz;	     /* frequency now */
	__u64 sequence;	     /* 2 per change of the frequency; odd while it is written */
	__u64 since_ns;	     /* CLOCK_MONOTONIC of the last change */
	__u64 mhz_ns;	     /* MHz x ns up to since_ns; wraps, only differences count */
	__u64 seen_sequence; /* sequence, since_ns, mhz_ns and mhz as of the last switch */
	__u64 seen_since_ns;
	__u64 seen_mhz_ns;
	__u32 seen_mhz;
	__u32 pad;
	__u64 n_unread; /* slices whose PMU counter could not be read: they have no cycles */
	__u64 reserved[6];
};

#ifndef __bpf__
static_assert(sizeof(struct jt_cell_weight) == 64, "weight: one cache line");
static_assert(sizeof(struct jt_weight_cpu) == 128, "weighting state: two cache lines");
#endif

#endif /* JOULETRAIL_WEIGHT_H */
