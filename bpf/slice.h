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

/* A mark is the runtime plus one, so that 0 can say "none". */
#define SLICE_MARK(runtime_ns) ((runtime_ns) + 1)

/*
 * Where in [from, to] the old cell ends and the new one begins, as runtime of the task.
 *
 * exec_mark  SLICE_MARK of the runtime at an exec, 0 = none
 * move_mark  SLICE_MARK of the runtime at a cgroup move, 0 = none
 * unmarked   the cgroup changed and nobody left a mark (threads that move with their leader): the
 *            whole slice is given to the new cgroup
 *
 * The earlier of two marks decides. Marks are read on other CPUs and may lag or be left over from
 * an earlier slice: clamped.
 */
static __always_inline __u64 slice_split_point(__u64 from, __u64 to, __u64 exec_mark,
					       __u64 move_mark, int unmarked)
{
	__u64 at = to;

	if (exec_mark && exec_mark - 1 < at)
		at = exec_mark - 1;
	if (move_mark && move_mark - 1 < at)
		at = move_mark - 1;
	if (unmarked)
		at = from;
	return at < from ? from : at;
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
