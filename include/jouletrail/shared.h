/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared.h - what the BPF programs and user space both see: the layout of every shared map value.
 *
 * Spelled with __u32/__u64 so that the skeleton's C types are the same on both sides. One writer:
 * only the CPU that runs a task writes that task's cell (when it has run for the last time, the one
 * that frees it), only a CPU writes its own books; user space reads both through a shared mapping.
 */
#ifndef JOULETRAIL_SHARED_H
#define JOULETRAIL_SHARED_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#endif

/* CPU packages (sockets) whose time is kept apart; a machine with more is refused at start. */
#define JT_MAX_PACKAGES 8
/* Linux's TASK_COMM_LEN: 15 bytes and a NUL. */
#define JT_COMM_LEN 16
/* Cells 1 … JT_SHARED_CELLS are overflow cells of one cgroup each; cell 0 is the global one. */
#define JT_SHARED_CELLS 1024

/* jt_cell.state */
enum jt_cell_state {
	JT_CELL_FREE = 0,   /* never used, or being opened */
	JT_CELL_OPEN = 1,   /* a live task charges here */
	JT_CELL_CLOSED = 2, /* exec, a cgroup move or death ended it: nobody charges it any more */
	JT_CELL_SHARED = 3, /* overflow cell: several CPUs charge it, atomically; never closed */
};

/* jt_cell.flags */
#define JT_CELL_LINEAGE	 (1U << 0) /* the measured command or a descendant of it */
#define JT_CELL_KTHREAD	 (1U << 1) /* PF_KTHREAD */
#define JT_CELL_V1_CGRP	 (1U << 2) /* cgroup_id is of the v1 cpu hierarchy, not of v2 */
#define JT_CELL_OVERFLOW (1U << 3) /* stands for several tasks whose detail is lost */

/*
 * Accounting cell: CPU time of one task in one cgroup between two exec calls. The first cache
 * line is written at every switch, the second when the cell is opened or closed.
 *
 * A cell goes back on the free ring as JT_CELL_FREE and is published whole, so a recycled one is
 * never read as the old task. generation counts its lives.
 */
struct jt_cell {
	__u64 cpu_ns[JT_MAX_PACKAGES]; /* by package; never decreases within a generation */

	__u32 generation;
	__u32 state; /* enum jt_cell_state */
	__u32 pid;   /* thread id in the initial PID namespace */
	__u32 tgid;
	__u64 cgroup_id;
	__u64 start_boottime_ns; /* of the thread-group leader */
	char comm[JT_COMM_LEN];
	__u32 flags;
	__u32 uid;
	__u32 parent_tgid;
	__u32 closed; /* CLOCK_BOOTTIME when it was closed, in units of 2^20 ns; low 32 bits */
};

#define JT_CELL_CLOSED_SHIFT 20

/*
 * Books of one CPU, cumulative since its first switch, in the run queue's clocks. Between two
 * switches a CPU either ran one task or idled, so
 *
 *   clock - base_clock = task + idle + gap + excluded
 *   excluded           = (clock - base_clock) - (clock_task - base_clock_task)
 */
struct jt_cpu_books {
	__u64 clock_ns;	     /* rq->clock at the last switch; 0 = no switch seen yet */
	__u64 clock_task_ns; /* rq->clock_task then: the clock without IRQ and steal time */
	__u64 task_ns;	     /* charged to cells */
	__u64 idle_ns;	     /* the idle task was current */
	__s64 gap_ns;	     /* clock_task passed that no task's runtime took; may be negative */
	__u64 sequence;	     /* 2 per switch; odd while the CPU writes */
	__u32 current_pid;   /* who runs since the last switch; 0 = idle */
	__u32 package;	     /* written by user space before the programs are attached */
	__u64 current_runtime_ns; /* its se.sum_exec_runtime when it was switched in */

	__u64 base_clock_ns; /* both clocks at the first switch seen */
	__u64 base_clock_task_ns;
	__u64 untracked_ns; /* of task_ns: charged to the global cell, the task had no storage */
	__u64 unsplit_ns;   /* of task_ns: slices across a cgroup move that left no mark in time */
	__u32 n_unsplit;
	__u32 n_missed;	    /* switches that the programs were not run for; both may wrap */
	__u64 n_backwards;  /* a runtime or clock went back; the step was not charged */
	__u64 current_task; /* the kernel's address of who runs; of the kernel side alone */
	__u64 current_css;  /* its css_set when it was switched in; likewise */
};

/* Counts of the paths off the switch; machine-wide, added atomically. */
struct jt_counters {
	__u64 n_opened;	    /* cells opened, shared ones not counted */
	__u64 n_closed;	    /* cells closed */
	__u64 n_no_cell;    /* tasks, execs or moves that got an overflow cell: detail lost */
	__u64 n_global;	    /* of n_no_cell, those in the global overflow cell */
	__u64 n_no_storage; /* tasks whose storage could not be made at fork or seeding */
	__u64 n_exec;
	__u64 n_moves;	 /* cgroup_attach_task */
	__u64 n_lineage; /* tasks of the lineage so far */
};

/*
 * Indices of free cells, from user space (tail) to the kernel (head). head and tail only grow; an
 * index lies at slot position & (size of the ring - 1).
 */
struct jt_free_ring {
	__u64 head;
	__u64 pad1[7];
	__u64 tail;
	__u64 pad2[7];
};

#ifndef __bpf__
static_assert(sizeof(struct jt_cell) == 128, "cell: a hot and a cold cache line");
static_assert(sizeof(struct jt_cpu_books) == 128, "books: a hot and a cold cache line");
static_assert(sizeof(struct jt_counters) == 64, "counters: one cache line");
static_assert(sizeof(struct jt_free_ring) == 128, "ring: head and tail on lines of their own");
#endif

#endif /* JOULETRAIL_SHARED_H */
