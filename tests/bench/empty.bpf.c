/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* empty.bpf.c - a program on sched_switch that does nothing: what being attached costs. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sched_switch")
int BPF_PROG(empty_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}
