/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sched.bpf.c - the attach points: charge at every switch, mark at exec and move, open at fork. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "jouletrail/shared.h"
#include "jouletrail/weight.h"
#include "maps.bpf.h"
#include "task.bpf.h"
#include "weight.bpf.h"
#include "cell.bpf.h"
#include "slice.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Makes the storage and the first cell of a task; never called on the switch path. */
static __always_inline void task_enter(struct task_struct *task, __u32 flags)
{
	struct task_slot slot = {
		.charged_ns = task_runtime_ns(task),
		.css = (__u64)task->cgroups,
		.moved_ns = bpf_ktime_get_ns(),
		.flags = flags,
	};
	struct task_slot *got;
	struct jt_cell *cell;

	slot.cell = cell_open(task, flags);
	if (flags & JT_CELL_LINEAGE)
		__sync_fetch_and_add(&counters.n_lineage, 1);
	got = bpf_task_storage_get(&tasks, task, &slot, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (got && got->cell == slot.cell && !task_is_dead(task))
		return;
	/*
	 * No memory, or the task was entered by another CPU meanwhile: this cell is nobody's. Or
	 * its last switch may have passed before it had a cell: what it still charges is counted.
	 */
	if (!got)
		__sync_fetch_and_add(&counters.n_no_storage, 1);
	cell = bpf_map_lookup_elem(&cells, &slot.cell);
	if (cell)
		cell_close(cell);
}

/*
 * How much of a slice that ends now comes after the task's move to another cgroup. Threads that
 * move with their leader find the mark in the leader's slot.
 */
static __always_inline __u64 slice_after_move(struct jt_cpu_books *b, struct task_struct *task,
					      struct task_slot *slot, __u64 now_ns, __u64 ran_ns)
{
	struct slice_mark mark = slot->move;

	if (mark.at_ns <= slot->moved_ns) {
		struct task_slot *leader = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);

		mark.at_ns = leader ? leader->move.at_ns : 0;
		mark.runtime_ns = 0;
	}
	/* It is being moved right now, and the mark comes later: the old cgroup's, and counted. */
	if (mark.at_ns <= slot->moved_ns) {
		b->n_unsplit++;
		b->unsplit_ns += ran_ns;
		return 0;
	}
	slot->moved_ns = mark.at_ns;
	return slice_after(&mark, now_ns, task_runtime_ns(task), ran_ns);
}

/*
 * The rare slice: the task has called exec, was moved to another cgroup, or has just died. Charges
 * what came before to the old cell, opens a new one, charges the rest there. amount weighs ran_ns.
 */
static __noinline void slice_end_marked(struct jt_cpu_books *b, struct task_struct *task,
					struct task_slot *slot, struct jt_cell *cell, __u64 amount)
{
	__u64 runtime_ns = task_runtime_ns(task), now_ns = bpf_ktime_get_ns();
	__u64 ran_ns = runtime_ns > slot->charged_ns ? runtime_ns - slot->charged_ns : 0;
	__u64 after_ns = 0, after_amount, exec_ns;
	int moved = 0, exec = slot->exec.at_ns != 0;
	__u32 v1 = 0;

	if (slot->css != (__u64)task->cgroups) {
		slot->css = (__u64)task->cgroups;
		moved = task_cgroup_id(task, &v1) != cell->cgroup_id ||
			v1 != (cell->flags & JT_CELL_V1_CGRP);
	}
	if (moved)
		after_ns = slice_after_move(b, task, slot, now_ns, ran_ns);
	if (exec) {
		exec_ns = slice_after(&slot->exec, now_ns, runtime_ns, ran_ns);
		after_ns = exec_ns > after_ns ? exec_ns : after_ns;
		slot->exec.at_ns = 0;
	}
	after_amount = slice_portion(amount, after_ns, ran_ns);
	cell_charge(cell, slot->cell, b->package, ran_ns - after_ns, amount - after_amount);
	if (moved || exec) {
		cell_close(cell);
		slot->cell = cell_open(task, slot->flags);
		cell = bpf_map_lookup_elem(&cells, &slot->cell);
		if (!cell)
			return;
	}
	cell_charge(cell, slot->cell, b->package, after_ns, after_amount);
	if (task_is_dead(task))
		cell_close(cell);
}

/* What the switched-out task ran since it was last charged; it had no storage. */
static __always_inline __u64 slice_end_untracked(struct jt_cpu_books *b, struct task_struct *task,
						 __u32 cpu, __u64 clock_ns)
{
	__u32 index = 0;
	struct jt_cell *cell = bpf_map_lookup_elem(&cells, &index);
	__u64 ran_ns;

	if (!cell || b->current_pid != (__u32)task->pid)
		return 0;
	ran_ns = slice_delta(b->current_runtime_ns, task_runtime_ns(task), &b->n_backwards);
	cell_charge(cell, index, b->package, ran_ns, weight_take(cpu, b, clock_ns, ran_ns));
	b->untracked_ns += ran_ns;
	return ran_ns;
}

/* Charges what the switched-out task ran since it was last charged; returns it. */
static __always_inline __u64 slice_end(struct jt_cpu_books *b, struct task_struct *task, __u32 cpu,
				       __u64 clock_ns)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);
	__u64 runtime_ns = task_runtime_ns(task), ran_ns, amount;
	struct jt_cell *cell;
	__u32 index;

	if (!slot)
		return slice_end_untracked(b, task, cpu, clock_ns);
	index = slot->cell;
	cell = bpf_map_lookup_elem(&cells, &index);
	if (!cell)
		return 0;
	/* What it ran before it was switched in is charged, if not here then to the global cell. */
	if (b->current_pid == (__u32)task->pid && b->current_runtime_ns > slot->charged_ns)
		slot->charged_ns = b->current_runtime_ns;
	ran_ns = slice_delta(slot->charged_ns, runtime_ns, &b->n_backwards);
	amount = weight_take(cpu, b, clock_ns, ran_ns);
	if (slot->css != (__u64)task->cgroups || task_is_dead(task))
		slice_end_marked(b, task, slot, cell, amount);
	else
		cell_charge(cell, index, b->package, ran_ns, amount);
	slot->charged_ns = runtime_ns;
	return ran_ns;
}

/*
 * A sequence lock with one writer. Plain stores: in order on x86-64; where they are not, the
 * reader's checksum (slice.h) finds what the sequence lets through.
 */
static __always_inline void books_write_begin(struct jt_cpu_books *b)
{
	*(volatile __u64 *)&b->sequence = b->sequence + 1;
	barrier();
}

static __always_inline void books_write_end(struct jt_cpu_books *b)
{
	barrier();
	*(volatile __u64 *)&b->sequence = b->sequence + 1;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct jt_cpu_books *b = bpf_map_lookup_elem(&books, &cpu);
	const struct rq *rq = task_rq(prev);
	__u64 ran_ns = 0;

	if (!b)
		return 0;
	books_write_begin(b);
	if (prev->pid)
		ran_ns = slice_end(b, prev, cpu, rq->clock);
	else
		weight_take(cpu, b, rq->clock, 0);
	slice_book(b, rq->clock, rq->clock_task, ran_ns, prev->pid == 0);
	b->current_pid = next->pid;
	b->current_runtime_ns = task_runtime_ns(next);
	books_write_end(b);
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_newtask, struct task_struct *task, __u64 clone_flags)
{
	struct task_slot *parent = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);

	task_enter(task, parent ? parent->flags : 0);
	return 0;
}

/* Runs in the task itself, perhaps preempted: only the next switch touches the cells. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);

	if (slot) {
		slot->exec.runtime_ns = task_runtime_ns(task);
		slot->exec.at_ns = bpf_ktime_get_ns();
		slot->css = 0;
	}
	__sync_fetch_and_add(&counters.n_exec, 1);
	return 0;
}

/* Runs on the migrator's CPU: leaves a mark, touches no cell. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_move, struct cgroup *to, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);

	if (slot) {
		slot->move.runtime_ns = task_runtime_ns(task);
		slot->move.at_ns = bpf_ktime_get_ns();
	}
	__sync_fetch_and_add(&counters.n_moves, 1);
	return 0;
}

/* Told by whoever changes it, for any CPU; loaded for JT_WEIGHT_FREQ only. */
SEC("raw_tp/cpu_frequency")
int on_frequency(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 khz = ctx->args[0], cpu = ctx->args[1];
	struct jt_weight_cpu *w = bpf_map_lookup_elem(&weight_cpus, &cpu);

	if (!w)
		return 0;
	__sync_fetch_and_add(&w->sequence, 1);
	weight_set_mhz(w, khz / 1000, bpf_ktime_get_ns());
	__sync_fetch_and_add(&w->sequence, 1);
	return 0;
}

/* Seeds the tasks that were there before the programs; read once by user space after attaching. */
SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_slot *slot;
	struct jt_cell *cell;

	/* A zombie that is not dead yet still runs. */
	if (!task || task_is_dead(task) || bpf_task_storage_get(&tasks, task, 0, 0))
		return 0;
	task_enter(task, lineage_tgid && (__u32)task->tgid == lineage_tgid ? JT_CELL_LINEAGE : 0);
	slot = bpf_task_storage_get(&tasks, task, 0, 0);
	/*
	 * It may have died meanwhile, its last switch too early to find the slot. The fetch is a full
	 * barrier: either that switch finds the slot, or we find the task dead.
	 */
	if (!slot || !__sync_fetch_and_add(&slot->moved_ns, 0) || !task_is_dead(task))
		return 0;
	cell = bpf_map_lookup_elem(&cells, &slot->cell);
	if (cell)
		cell_close(cell);
	return 0;
}
