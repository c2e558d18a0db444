/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.c - the arithmetic of weighted time that the BPF programs run, on the host. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../../bpf/weight.h"

Test(weight, busy_time_of_a_sibling)
{
	/* Idle since its last switch at 900. */
	cr_assert_eq(weight_busy_ns(500, 20, 900, 0, 1000), 520);
	/* Busy since then; its clock may be ahead. */
	cr_assert_eq(weight_busy_ns(500, 20, 900, 7, 1000), 620);
	cr_assert_eq(weight_busy_ns(500, 20, 1100, 7, 1000), 520);
	/* The gap may be negative. */
	cr_assert_eq(weight_busy_ns(500, -20, 900, 0, 1000), 480);
	cr_assert_eq(weight_gain(520, 620, 80), 80);
	cr_assert_eq(weight_gain(520, 560, 80), 40);
	cr_assert_eq(weight_gain(520, 510, 80), 0);
}

Test(weight, mean_frequency_with_one_change)
{
	struct jt_weight_cpu w = { .mhz = 1000, .since_ns = 100 };

	w.seen_mhz = w.mhz;
	w.seen_since_ns = w.since_ns;
	/* The slice begins at 1000, the frequency trebles at 1250, the slice ends at 2000. */
	weight_set_mhz(&w, 3000, 1250);
	cr_assert_eq(weight_mean_mhz(&w, 2000, 1000), 2500);
	cr_assert_eq(weight_mean_mhz(&w, 2000, 0), 3000);
}

/* Random changes and slices against an integral in double, over a sum that wraps. */
Test(weight, mean_frequency_is_the_integral)
{
	struct jt_weight_cpu w = { .mhz = 800, .since_ns = 1, .mhz_ns = UINT64_MAX - 1000000 };
	__u64 now_ns = 1000, began_ns = 1000;
	double sum = 0;

	srandom(4);
	w.seen_mhz = w.mhz;
	w.seen_since_ns = w.since_ns;
	w.seen_mhz_ns = w.mhz_ns;
	for (int i = 0; i < 200000; i++) {
		__u64 step_ns = (__u64)random() % 5000000;

		now_ns += step_ns;
		sum += (double)step_ns * w.mhz;
		if (random() % 3) {
			weight_set_mhz(&w, 400 + (__u32)random() % 5000, now_ns);
			continue;
		}
		if (now_ns == began_ns)
			continue;
		cr_assert(fabs((double)weight_mean_mhz(&w, now_ns, now_ns - began_ns) -
			       sum / (double)(now_ns - began_ns)) <= 1.01,
			  "step %d", i);
		w.seen_mhz = w.mhz;
		w.seen_since_ns = w.since_ns;
		w.seen_mhz_ns = w.mhz_ns;
		began_ns = now_ns;
		sum = 0;
	}
}
