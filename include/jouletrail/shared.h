/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared.h - what the BPF programs and user space both see: the layout of every map value.
 *
 * Spelled with __u32/__u64 so that the skeleton's C types are the same on both sides.
 * One writer: only the CPU that runs a task writes that task's cell, only a CPU writes its own
 * books; user space reads both through a shared mapping and never writes them.
 */
#ifndef JOULETRAIL_SHARED_H
#define JOULETRAIL_SHARED_H

#ifndef __bpf__
#include <linux/types.h>
#ifdef __cplusplus
#include <cassert>
#else
#include <assert.h>
#endif
#endif

/* CPU packages (sockets) whose time is kept apart; a machine with more is refused at start. */
#define JT_MAX_PACKAGES 8
/* CPUs with books of their own; the map is sized to the possible CPUs, never beyond this. */
#define JT_MAX_CPUS 4096
/* Linux's TASK_COMM_LEN: 15 bytes and a NUL. */
#define JT_COMM_LEN 16

/* jt_cell.state */
enum jt_cell_state {
	JT_CELL_FREE = 0,
	JT_CELL_OPEN = 1, /* a live task charges here */
	JT_CELL_CLOSED = 2, /* exec, a cgroup move or death ended it; nobody charges it any more */
	JT_CELL_SHARED = 3, /* overflow cell: several CPUs charge it, atomically; never closed */
};

/* jt_cell.flags */
#define JT_CELL_LINEAGE	 (1U << 0) /* the measured command or a descendant of it */
#define JT_CELL_KTHREAD	 (1U << 1) /* PF_KTHREAD */
#define JT_CELL_V1_CGRP	 (1U << 2) /* cgroup_id is of the v1 cpu hierarchy, not of v2 */
#define JT_CELL_OVERFLOW (1U << 3) /* stands for several tasks whose detail is lost */

/*
 * Accounting cell: CPU time of one task in one cgroup between two exec calls. The first cache
 * line is written at every switch, the second only when the cell is opened or closed.
 *
 * generation rises with every opening, so a recycled cell is never read as the old task.
 */
struct jt_cell {
	__u64 cpu_ns[JT_MAX_PACKAGES]; /* by package; never decreases within a generation */

	__u32 generation;
	__u32 state; /* enum jt_cell_state */
	__u32 pid; /* thread id, as the initial PID namespace sees it */
	__u32 tgid;
	__u64 cgroup_id;
	__u64 start_boottime_ns; /* of the thread-group leader */
	char comm[JT_COMM_LEN];
	__u32 flags;
	__u32 uid;
	__u32 parent_tgid;
	__u32 reserved;
};

/*
 * Books of one CPU, cumulative since attach, in the run queue's clocks. Between two switches a
 * CPU either ran one task or idled, so
 *
 *   clock - base_clock = task + idle + gap + excluded,  excluded = (clock - base_clock) -
 *                                                                  (clock_task - base_clock_task)
 */
struct jt_cpu_books {
	__u64 clock_ns; /* rq->clock at the last switch; 0 = no switch seen yet */
	__u64 clock_task_ns; /* rq->clock_task at the last switch: without IRQ and steal time */
	__u64 base_clock_ns; /* both at the first switch seen */
	__u64 base_clock_task_ns;
	__u64 task_ns; /* charged to cells */
	__u64 idle_ns; /* the idle task was current */
	__s64 gap_ns; /* clock_task passed that no task's runtime took; may be negative */
	__u64 n_switches; /* rises with every switch: equal before and after = a coherent read */

	__u32 current_pid; /* who runs since the last switch; 0 = idle */
	__u32 package; /* written by user space before attach */
	__u64 current_runtime_ns; /* its se.sum_exec_runtime when it was switched in */
	__u64 idle_overlap_ns; /* clock_task that passed while idle, open interval excluded */
	__u64 untracked_ns; /* charged to an overflow cell because the task had no storage */
	__u64 unsplit_ns; /* a slice across a cgroup move without a mark, given to the new one */
	__u64 n_unsplit;
	__u64 n_backwards; /* runtime or clock went back: the step was not charged */
	__u64 reserved;
};

/* Losses of detail, never of time; machine-wide, added atomically off the switch path. */
struct jt_losses {
	__u64 n_no_cell; /* tasks (or exec/move splits) that got a shared cell */
	__u64 n_no_storage; /* tasks whose storage could not be allocated at fork */
	__u64 n_global; /* of n_no_cell, those that landed in the global overflow cell */
	__u64 n_opened; /* cells opened, ever */
	__u64 n_closed; /* cells closed, ever */
	__u64 n_exec; /* exec marks */
	__u64 n_moves; /* cgroup_attach_task marks */
	__u64 reserved;
};

#if !defined(__bpf__)
static_assert(sizeof(struct jt_cell) == 128, "cell: one hot and one cold cache line");
static_assert(sizeof(struct jt_cpu_books) == 128, "books: two cache lines");
static_assert(sizeof(struct jt_losses) == 64, "losses: one cache line");
#endif

#endif /* JOULETRAIL_SHARED_H */
