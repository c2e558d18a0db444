/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.bpf.h - what a slice weighs beside its time: SMT co-run, frequency or PMU cycles. */
#ifndef WEIGHT_BPF_H
#define WEIGHT_BPF_H

#include "weight.h"

#define weight_read_once(x) (*(const volatile typeof(x) *)&(x))

/*
 * One look at another CPU's books: whether what was seen is of one moment, by their checksum
 * (slice_book()). An odd sequence alone is no reason to look again: for most of a switch the books
 * still say what held until then.
 */
static __always_inline int weight_look(const struct jt_cpu_books *s, __u64 clock_ns,
				       __u64 *ret_busy_ns)
{
	__u64 sequence = weight_read_once(s->sequence), task_ns = weight_read_once(s->task_ns);
	__u64 passed_ns = weight_read_once(s->clock_task_ns) - s->base_clock_task_ns;
	__u64 idle_ns = weight_read_once(s->idle_ns);
	__s64 gap_ns = weight_read_once(s->gap_ns);

	*ret_busy_ns = weight_busy_ns(task_ns, gap_ns, weight_read_once(s->clock_ns),
				      weight_read_once(s->current_pid), clock_ns);
	return sequence == weight_read_once(s->sequence) &&
	       task_ns + idle_ns + (__u64)gap_ns == passed_ns;
}

/*
 * The last of three looks is taken as it is. No loop: where the compiler lays one out so that it is
 * entered by falling through, verifiers as of 6.1 refuse it ("back-edge").
 */
static __always_inline __u64 weight_sibling_busy_ns(__u32 sibling, __u64 clock_ns)
{
	const struct jt_cpu_books *s = bpf_map_lookup_elem(&books, &sibling);
	__u64 busy_ns = 0;

	if (!s)
		return 0;
	if (!weight_look(s, clock_ns, &busy_ns) && !weight_look(s, clock_ns, &busy_ns))
		weight_look(s, clock_ns, &busy_ns);
	return busy_ns;
}

/* ran_ns x the frequency that held meanwhile; a change that is being written counts next time. */
static __always_inline __u64 weight_freq_cycles(struct jt_weight_cpu *w, __u64 length_ns,
						__u64 ran_ns)
{
	__u64 sequence = weight_read_once(w->sequence), mhz = w->seen_mhz;

	if (sequence != w->seen_sequence && !(sequence & 1)) {
		mhz = weight_mean_mhz(w, bpf_ktime_get_ns(), length_ns);
		w->seen_since_ns = w->since_ns;
		w->seen_mhz_ns = w->mhz_ns;
		w->seen_mhz = w->mhz;
		w->seen_sequence = sequence;
	}
	/* MHz are cycles per 1000 ns. */
	return ran_ns * mhz / 1000;
}

static __always_inline __u64 weight_pmu_cycles(struct jt_weight_cpu *w)
{
	struct bpf_perf_event_value value;
	__u64 cycles;

	if (bpf_perf_event_read_value(&pmu, BPF_F_CURRENT_CPU, &value, sizeof(value))) {
		w->n_unread++;
		return 0;
	}
	cycles = value.counter - w->base;
	w->base = value.counter;
	return cycles;
}

/*
 * The weight of the slice that ends now on this CPU, idle ones included: each call begins the next
 * slice. b is as of the last switch.
 */
static __always_inline __u64 weight_take(__u32 cpu, const struct jt_cpu_books *b, __u64 clock_ns,
					 __u64 ran_ns)
{
	struct jt_weight_cpu *w = bpf_map_lookup_elem(&weight_cpus, &cpu);
	__u64 busy_ns, corun_ns;

	if (!w)
		return 0;
	switch (weight) {
	case JT_WEIGHT_SMT:
		if (w->sibling == cpu)
			return 0;
		busy_ns = weight_sibling_busy_ns(w->sibling, clock_ns);
		corun_ns = weight_gain(w->base, busy_ns, ran_ns);
		w->base = busy_ns;
		return corun_ns;
	case JT_WEIGHT_FREQ:
		return weight_freq_cycles(w, clock_ns - b->clock_ns, ran_ns);
	case JT_WEIGHT_CYCLES:
		return weight_pmu_cycles(w);
	default:
		return 0;
	}
}

/* Adds to the cell of that index what weight_take() gave. shared: several CPUs charge it. */
static __always_inline void weight_charge(__u32 index, __u32 package, __u64 amount, int shared)
{
	struct jt_cell_weight *to = bpf_map_lookup_elem(&weights, &index);
	__u64 *sum;

	if (!to)
		return;
	sum = &to->sum[package & (JT_MAX_PACKAGES - 1)];
	if (shared)
		__sync_fetch_and_add(sum, amount);
	else
		*sum += amount;
}

static __always_inline void weight_clear(__u32 index)
{
	struct jt_cell_weight *to = bpf_map_lookup_elem(&weights, &index);

	for (int i = 0; to && i < JT_MAX_PACKAGES; i++)
		to->sum[i] = 0;
}

#endif /* WEIGHT_BPF_H */
