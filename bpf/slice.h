/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slice.h - pure arithmetic of a time slice; compiled into the BPF programs and into host tests.
 *
 * A slice is what happened on one CPU between two switches. Times are passed in.
 */
#ifndef SLICE_H
#define SLICE_H

#include "jouletrail/shared.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* later - earlier, or 0 and *n_backwards counted when it would be negative. */
static __always_inline __u64 slice_delta(__u64 earlier, __u64 later, __u64 *n_backwards)
{
	if (later < earlier) {
		*n_backwards += 1;
		return 0;
	}
	return later - earlier;
}

/* Where a task's accounting changes hands: an exec, or a move to another cgroup. */
struct slice_mark {
	__u64 at_ns;	  /* CLOCK_MONOTONIC; 0 = no mark */
	__u64 runtime_ns; /* the task's runtime then, at most a tick behind; 0 = not known */
};

/*
 * How much of a slice that ends now, with ran_ns up to runtime_ns, comes after the mark.
 *
 * The task has run without a break since the slice began, so it cannot have run longer after the
 * mark than time has passed since. What was stolen meanwhile is in the time and not in the runtime,
 * which the runtime at the mark bounds.
 */
static __always_inline __u64 slice_after(const struct slice_mark *mark, __u64 now_ns,
					 __u64 runtime_ns, __u64 ran_ns)
{
	__u64 after_ns = now_ns - mark->at_ns;

	if (!mark->at_ns || now_ns < mark->at_ns)
		return 0;
	if (mark->runtime_ns && mark->runtime_ns <= runtime_ns &&
	    runtime_ns - mark->runtime_ns < after_ns)
		after_ns = runtime_ns - mark->runtime_ns;
	return after_ns < ran_ns ? after_ns : ran_ns;
}

/* The part of what a whole slice weighs that falls on part_ns of its ran_ns. */
static __always_inline __u64 slice_portion(__u64 amount, __u64 part_ns, __u64 ran_ns)
{
	if (part_ns == 0 || amount == 0)
		return 0;
	if (part_ns >= ran_ns)
		return amount;
	/* In parts of 2^-20, so that no product overflows below 2^44 cycles or ns. */
	return amount * ((part_ns << 20) / ran_ns) >> 20;
}

/*
 * Closes the interval since the last switch in the books: ran_ns is the runtime that the switched
 * out task took in it (0 for the idle task). The first switch only sets the base.
 *
 * Whatever the clocks do, task + idle + gap = clock_task - base_clock_task holds: the reader takes
 * it as a checksum.
 */
static __always_inline void slice_book(struct jt_cpu_books *b, __u64 clock_ns, __u64 clock_task_ns,
				       __u64 ran_ns, int idle)
{
	__s64 passed_ns = (__s64)(clock_task_ns - b->clock_task_ns);

	if (b->clock_ns == 0) {
		b->base_clock_ns = clock_ns;
		b->base_clock_task_ns = clock_task_ns;
	} else if (idle && passed_ns >= 0) {
		b->idle_ns += passed_ns;
	} else {
		b->n_backwards += passed_ns < 0;
		b->task_ns += ran_ns;
		b->gap_ns += passed_ns - (__s64)ran_ns;
	}
	b->clock_ns = clock_ns;
	b->clock_task_ns = clock_task_ns;
}

#endif /* SLICE_H */
