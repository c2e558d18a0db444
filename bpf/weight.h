/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.h - pure arithmetic of weighted time; compiled into the BPF programs and host tests. */
#ifndef WEIGHT_H
#define WEIGHT_H

#include "jouletrail/weight.h"
#include "slice.h"

/*
 * How long the CPU of these books (a coherent copy) had been busy up to clock_ns of a sibling,
 * whose run-queue clock is the same. Only differences mean anything.
 */
static __always_inline __u64 weight_busy_ns(__u64 task_ns, __s64 gap_ns, __u64 last_clock_ns,
					    __u32 current_pid, __u64 clock_ns)
{
	__u64 busy_ns = task_ns + (__u64)gap_ns;

	if (current_pid && clock_ns > last_clock_ns)
		busy_ns += clock_ns - last_clock_ns;
	return busy_ns;
}

/* later - earlier, within [0, most]: two CPUs' books may disagree by a few ns. */
static __always_inline __u64 weight_gain(__u64 earlier, __u64 later, __u64 most)
{
	__s64 gain = (__s64)(later - earlier);

	if (gain < 0)
		return 0;
	return (__u64)gain < most ? (__u64)gain : most;
}

/* A change of frequency, at now_ns. The caller holds the sequence odd. */
static __always_inline void weight_set_mhz(struct jt_weight_cpu *w, __u32 mhz, __u64 now_ns)
{
	if (now_ns > w->since_ns)
		w->mhz_ns += (now_ns - w->since_ns) * w->mhz;
	w->since_ns = now_ns;
	w->mhz = mhz;
}

/*
 * Mean frequency, MHz, over the length_ns up to now_ns, in which w changed from what was seen at
 * the last switch.
 */
static __always_inline __u64 weight_mean_mhz(const struct jt_weight_cpu *w, __u64 now_ns,
					     __u64 length_ns)
{
	__u64 begin_ns = now_ns - length_ns, sum = w->mhz_ns - w->seen_mhz_ns;

	if (length_ns == 0)
		return w->mhz;
	/* The sum begins with the last change that was seen; the slice began later. */
	if (begin_ns > w->seen_since_ns)
		sum -= (begin_ns - w->seen_since_ns) * w->seen_mhz;
	if (now_ns > w->since_ns)
		sum += (now_ns - w->since_ns) * w->mhz;
	/*
	 * now_ns is read after the run queue's clock was, so that the slice seems to begin late:
	 * past a change at its very begin.
	 */
	return (__s64)sum < 0 ? w->mhz : sum / length_ns;
}

#endif /* WEIGHT_H */
