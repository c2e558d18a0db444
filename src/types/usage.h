/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* usage.h - who ran where in one window: what sched/ produces and attrib/ splits energy by. */
#ifndef TYPES_USAGE_H
#define TYPES_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jouletrail/shared.h"
#include "jouletrail/weight.h"
#include "types/window.h"

/* By what CPU time is weighted when energy is split: enum jt_weight; the word is --weight's. */
const char *usage_weight_name(enum jt_weight w);
/* Returns 0 or -EINVAL. */
int usage_weight_parse(const char *name, enum jt_weight *ret);

/* Flags of a row beside JT_CELL_*; the kernel side knows nothing of them. */
#define USAGE_ROW_SELF	   (1U << 16) /* jouletrail itself */
#define USAGE_ROW_RESERVED (1U << 17) /* no task: what the cgroup reserves, see reserved_ucpu */
#define USAGE_ROW_IRQ	   (1U << 18) /* no task: interrupts, where the kernel sets them apart */

/* One accounting cell's CPU time in one window. flags are JT_CELL_* and USAGE_ROW_*. */
struct usage_row {
	uint64_t cpu_ns[JT_MAX_PACKAGES]; /* in this window, by package; 0 beyond n_packages */
	uint64_t total_ns;		  /* sum of cpu_ns */
	/* What usage.weight adds: ns with the sibling busy, or cycles; not set for plain time. */
	uint64_t weight[JT_MAX_PACKAGES];
	uint64_t reserved_ucpu;	    /* 10^-6 of a CPU; USAGE_ROW_RESERVED only */
	uint64_t cgroup_id;	    /* 0 = not known */
	uint64_t group;		    /* 0 from sched/; identity_group() numbers consumers here */
	uint64_t start_boottime_ns; /* of the process */
	uint32_t pid;		    /* thread */
	uint32_t tgid;		    /* process; 0 only in overflow rows */
	uint32_t uid;
	uint32_t parent_tgid;
	uint32_t flags;
	bool ended;		    /* the cell was closed: no later window has this row */
	uint64_t ended_boottime_ns; /* it was closed at most that late; 0 = it was not */
	char comm[JT_COMM_LEN];
};

/*
 * Time books over CPUs, ns of CPU time. wall = CPUs x window, by CLOCK_MONOTONIC;
 * task + idle + gap + excluded + carried = wall within the residue: usage_books_residue_ppm().
 */
struct usage_books {
	uint64_t wall_ns;
	uint64_t task_ns;
	uint64_t idle_ns;
	int64_t gap_ns;	      /* scheduler gap: clock_task that neither a task nor idle took */
	uint64_t excluded_ns; /* IRQ and steal time, where the kernel takes them out */
	/*
	 * Slices open at the end of the window less those at its begin; of a CPU that switched
	 * between that moment and the reading of its books, less what was booked after it. Of a CPU
	 * that had been woken and had yet to switch the last window took the slice for idle time:
	 * less that.
	 */
	int64_t carried_ns;
	/*
	 * Switches that the kernel told us nothing of. No time is lost by one: it is found at the
	 * task's next switch, and lies in the gap until then; on a CPU that went idle by one, in
	 * idle_ns. For the whole machine also forks (whose tasks' time is untracked_ns), execs (the
	 * old name stays) and moves (unsplit_ns) that it told us nothing of.
	 */
	uint64_t n_missed;
};

/* Losses of detail in this window; time itself is never lost. */
struct usage_losses {
	uint64_t n_no_cell;
	uint64_t n_no_storage;
	uint64_t n_global;
	uint64_t untracked_ns;
	uint64_t unsplit_ns;
	uint64_t n_unsplit;
	uint64_t n_backwards;
	uint64_t n_unflushed; /* busy CPUs that could not be flushed: their last slice is carried */
	uint64_t n_unread;    /* slices whose PMU counter could not be read: they weigh nothing */
	/* Names, not time: cgroups that came, were renamed or went, and execs, not told of. */
	uint64_t n_cgroup_names;
	uint64_t n_exec_names;
};

/*
 * One window. rows has room for capacity rows, allocated once by sched_new() and owned by it;
 * valid until the next sched_read().
 */
struct usage {
	struct window window;
	unsigned int n_cpus;		  /* online */
	unsigned int n_packages;	  /* <= JT_MAX_PACKAGES */
	long package_id[JT_MAX_PACKAGES]; /* [n_packages] as the kernel numbers them */
	unsigned int threads_per_core;
	enum jt_weight weight;			     /* what rows[].weight holds */
	struct usage_books books;		     /* whole machine */
	struct usage_books package[JT_MAX_PACKAGES]; /* [n_packages] */
	/*
	 * Cells are read a moment after the books of the window were closed: task time that was
	 * booked in that moment, and in the last window's.
	 */
	uint64_t late_ns;
	uint64_t late_before_ns;
	struct usage_losses losses;
	uint64_t self_cpu_ns; /* jouletrail's own share of books.task_ns */
	uint64_t n_live;      /* accounting cells in use */
	size_t n_rows;
	size_t capacity;
	struct usage_row *rows;
};

void usage_books_add(struct usage_books *to, const struct usage_books *from);
void usage_losses_add(struct usage_losses *to, const struct usage_losses *from);

/* |task + idle + gap + excluded + carried - wall| */
uint64_t usage_books_residue_ns(const struct usage_books *b);
/*
 * How far the rows' time is from the books' task time beyond what late_ns and late_before_ns
 * explain: detail against sum.
 */
uint64_t usage_cells_residue_ns(const struct usage *u);
/* The books' residue over wall; 0 for an empty window. */
uint64_t usage_books_residue_ppm(const struct usage_books *b);

#endif /* TYPES_USAGE_H */
