/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slice.c - the slice arithmetic that the BPF programs run, on the host. */
#include <criterion/criterion.h>
#include <math.h>
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

Test(slice, after_a_mark)
{
	struct slice_mark none = { 0 }, mark = { .at_ns = 1000 };

	cr_assert_eq(slice_after(&none, 5000, 700, 300), 0);
	/* The slice ends 200 ns after the mark, and ran 300 ns. */
	cr_assert_eq(slice_after(&mark, 1200, 700, 300), 200);
	/* The mark is older than the slice, or the clock is behind it. */
	cr_assert_eq(slice_after(&mark, 1500, 700, 300), 300);
	cr_assert_eq(slice_after(&mark, 999, 700, 300), 0);
	/* 400 ns since the mark, most of them stolen: the runtime went on by 50 ns. */
	mark.runtime_ns = 650;
	cr_assert_eq(slice_after(&mark, 1400, 700, 300), 50);
	/* A runtime at the mark that lags behind bounds nothing. */
	mark.runtime_ns = 400;
	cr_assert_eq(slice_after(&mark, 1200, 700, 300), 200);
	/* Of another task. */
	mark.runtime_ns = 100000;
	cr_assert_eq(slice_after(&mark, 1200, 700, 300), 200);
}

Test(slice, portions_of_a_weight)
{
	cr_assert_eq(slice_portion(900, 0, 300), 0);
	cr_assert_eq(slice_portion(900, 300, 300), 900);
	cr_assert_eq(slice_portion(0, 100, 300), 0);
	cr_assert_eq(slice_portion(900, 0, 0), 0);
	cr_assert_eq(slice_portion(900, 5, 0), 900);
	srandom(3);
	for (int i = 0; i < 100000; i++) {
		__u64 ran_ns = 1 + (__u64)random() % 3600000000000, amount = (__u64)random() << 13;
		__u64 part_ns = (__u64)random() * 1700 % (ran_ns + 1);
		__u64 got = slice_portion(amount, part_ns, ran_ns);
		double exact = (double)amount * ((double)part_ns / (double)ran_ns);

		cr_assert_leq(got, amount);
		cr_assert(fabs((double)got - exact) <= (double)amount / (1 << 20) + 1);
	}
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
