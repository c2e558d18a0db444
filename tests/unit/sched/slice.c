/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slice.c - the slice arithmetic that the BPF programs run, on the host. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "../../../bpf/slice.h"

Test(slice, delta_counts_steps_back)
{
	__u64 n = 0;

	cr_assert_eq(slice_delta(10, 25, &n), 15);
	cr_assert_eq(slice_delta(10, 10, &n), 0);
	cr_assert_eq(n, 0);
	cr_assert_eq(slice_delta(25, 10, &n), 0);
	cr_assert_eq(n, 1);
}

Test(slice, split_point)
{
	/* No mark: everything is the old cell's. */
	cr_assert_eq(slice_split_point(100, 200, 0, 0, 0), 200);
	/* An exec at 150; at runtime 0 too, for a task that has not run yet. */
	cr_assert_eq(slice_split_point(100, 200, SLICE_MARK(150), 0, 0), 150);
	cr_assert_eq(slice_split_point(0, 200, SLICE_MARK(0), 0, 0), 0);
	/* The earlier of two marks. */
	cr_assert_eq(slice_split_point(100, 200, SLICE_MARK(180), SLICE_MARK(120), 0), 120);
	/* Stale and future marks are clamped. */
	cr_assert_eq(slice_split_point(100, 200, 0, SLICE_MARK(50), 0), 100);
	cr_assert_eq(slice_split_point(100, 200, 0, SLICE_MARK(500), 0), 200);
	/* An unmarked move gives the whole slice to the new cgroup. */
	cr_assert_eq(slice_split_point(100, 200, SLICE_MARK(150), 0, 1), 100);
}

/* Whatever the clocks do, task + idle + gap = clock_task passed: the reader's checksum. */
Test(slice, books_balance)
{
	struct jt_cpu_books b = { 0 };
	__u64 clock_ns = 1000, clock_task_ns = (__u64)1 << 40;

	srandom(1);
	for (int i = 0; i < 100000; i++) {
		__u64 step = (__u64)random() % 5000000, excluded = (__u64)random() % 1000;
		__u64 ran_ns = (__u64)random() % (step + 1);

		if (i > 0) {
			clock_ns += step + excluded;
			clock_task_ns += step;
			/* Now and then the clock goes back. */
			if (random() % 100 == 0)
				clock_task_ns -= 2 * step;
		}
		slice_book(&b, clock_ns, clock_task_ns, ran_ns, random() % 2);
		cr_assert_eq(b.task_ns + b.idle_ns + (__u64)b.gap_ns,
			     b.clock_task_ns - b.base_clock_task_ns, "step %d", i);
	}
	cr_assert_gt(b.n_backwards, 100);
	cr_assert_eq(b.base_clock_ns, 1000);
}
