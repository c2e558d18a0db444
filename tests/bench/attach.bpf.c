/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.bpf.c - programs that do next to nothing, one for each way onto the switch path. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CALLS 16

SEC("tp_btf/sched_switch")
int on_tp_btf(void *ctx)
{
	return 0;
}

SEC("raw_tp/sched_switch")
int on_raw_tp(void *ctx)
{
	return 0;
}

SEC("tp/sched/sched_switch")
int on_tp(void *ctx)
{
	return 0;
}

/* Called by the kernel at every switch, the run queue still locked. */
SEC("fentry/__switch_to")
int on_fentry(void *ctx)
{
	return 0;
}

static __noinline int called(int x)
{
	asm volatile("%0 += 1" : "+r"(x));
	return x;
}

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} storage SEC(".maps");

__u64 seen;

/* The two helpers that are called on the switch path, now or with an option. */
SEC("tp_btf/sched_switch")
int BPF_PROG(on_storage_get, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u64 *value = bpf_task_storage_get(&storage, prev, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (value)
		*value += 1;
	return 0;
}

SEC("tp_btf/sched_switch")
int on_ktime_get(void *ctx)
{
	seen = bpf_ktime_get_ns();
	return 0;
}

/* CALLS calls of a function: what each call with its return costs beside the empty program. */
SEC("tp_btf/sched_switch")
int on_call(void *ctx)
{
	int x = 0;

#pragma unroll
	for (int i = 0; i < CALLS; i++)
		x = called(x);
	asm volatile("" : : "r"(x));
	return 0;
}
