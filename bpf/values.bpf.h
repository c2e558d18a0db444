/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* values.bpf.h - keys and values of the maps that the kernel side keeps to itself. */
#ifndef VALUES_BPF_H
#define VALUES_BPF_H

#include "slice.h"

/* A cgroup that ran out of cells, in the hierarchy the flag says. */
struct overflow_key {
	__u64 cgroup_id;
	__u32 v1; /* JT_CELL_V1_CGRP or 0 */
	__u32 pad;
};

/* Who charges a cell: see the map `owners`. */
struct cell_owner {
	__u64 task;	  /* its address; 0 = nobody, closed */
	__u64 css;	  /* its css_set when the cell was chosen: another = moved; 0 = look */
	__u64 charged_ns; /* its se.sum_exec_runtime up to which its time is in a cell */
};

/*
 * What a task carries. move is written by who moves it, for a whole thread group in its leader's
 * slot; all else is the task's own.
 */
struct task_slot {
	__u64 css;	  /* as in its owner entry … */
	__u64 charged_ns; /* … but of the last switch that came by here */
	__u32 cell;
	__u32 flags;		/* JT_CELL_LINEAGE, inherited at fork */
	__u64 moved_ns;		/* CLOCK_MONOTONIC up to which moves have been taken up */
	struct slice_mark exec; /* taken up by the next switch */
	struct slice_mark move; /* of the latest move … */
	__u64 move_to;		/* … which was to the cgroup of this id */
	__u64 move_before_ns;	/* at_ns of the move before */
};

#endif /* VALUES_BPF_H */
