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
#include "task_cell.bpf.h"
#include "cell.bpf.h"
#include "move.bpf.h"
#include "charge.bpf.h"
#include "names.bpf.h"
#include "freed.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Makes the storage and the first cell of a task; never called on the switch path. runs: it may be
 * running, and its next switch asks the storage, which knows since when nobody has charged it.
 */
static __always_inline void task_enter(struct task_struct *task, __u32 flags, int runs)
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
	/* Before the slot can be found: from then on a running task's own CPU writes the owner. */
	task_cell_own(task, slot.cell, runs ? 0 : slot.css, slot.charged_ns);
	bpf_task_storage_get(&tasks, task, &slot, BPF_LOCAL_STORAGE_GET_F_CREATE);
	/*
	 * The first look at it may enter it in the kernel's cache under a lock of the task's
	 * storages (bpf_local_storage_lookup()). Here, so that no switch, which holds the run
	 * queue's lock, is the first. By the source: no hang was shown to come from it.
	 */
	got = bpf_task_storage_get(&tasks, task, 0, 0);
	if (got && got->cell == slot.cell) {
		/* A full barrier: either its last switch finds the slot, or we find it dead. */
		if (!__sync_fetch_and_add(&got->moved_ns, 0) || !task_is_dead(task))
			return;
	}
	/*
	 * No memory, or the task was entered by another CPU meanwhile: this cell is nobody's. Or it
	 * has died meanwhile, its last switch too early to find the slot.
	 */
	if (!got)
		__sync_fetch_and_add(&counters.n_no_storage, 1);
	cell = bpf_map_lookup_elem(&cells, &slot.cell);
	if (cell)
		cell_close(cell, slot.cell);
}

/*
 * A sequence lock with one writer: 2 more per switch. Stores are in order on x86-64; elsewhere a
 * value-returning atomic is a full barrier.
 */
static __always_inline void books_write_step(struct jt_cpu_books *b)
{
#ifdef __TARGET_ARCH_x86
	barrier();
	*(volatile __u64 *)&b->sequence = b->sequence + 1;
	barrier();
#else
	__sync_fetch_and_add(&b->sequence, 1);
#endif
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	const struct rq *rq = task_rq(prev);
	struct slice s = { .cpu = bpf_get_smp_processor_id(), .clock_ns = rq->clock };
	struct jt_cpu_books *b = bpf_map_lookup_elem(&books, &s.cpu);

	if (!b)
		return 0;
	books_write_step(b);
	/* Who leaves did not come by here: what it ran is found all the same, and counted. */
	if (b->clock_ns && b->current_task != (__u64)prev)
		b->n_missed++;
	s.runtime_ns = task_runtime_ns(prev);
	if (prev->pid)
		charge(b, prev, task_cell_at(b->current_task), &s);
	else if (weight)
		weight_take(s.cpu, b, s.clock_ns, 0);
	slice_book(b, s.clock_ns, rq->clock_task, s.ran_ns, prev->pid == 0);
	b->current_task = (__u64)next;
	b->current_css = (__u64)next->cgroups;
	b->current_pid = next->pid;
	b->current_runtime_ns = task_runtime_ns(next);
	books_write_step(b);
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_newtask, struct task_struct *task, __u64 clone_flags)
{
	struct task_slot *parent = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, 0);

	task_enter(task, parent ? parent->flags : 0, 0);
	return 0;
}

/*
 * From now on it goes by another name or user. In the task itself, perhaps preempted: only its next
 * switch touches the cell.
 */
static __always_inline void task_becomes_another(struct task_slot *slot, struct task_struct *task)
{
	slot->exec.runtime_ns = task_runtime_ns(task);
	slot->exec.at_ns = bpf_ktime_get_ns();
	task_cell_look_again(slot->cell);
}

/* Runs on any CPU, a grace period of RCU after the task was reaped and had left its own. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(on_free, struct task_struct *task)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct jt_cpu_books *b = bpf_map_lookup_elem(&books, &cpu);

	if (b)
		charge_freed(b, task);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);

	if (slot)
		task_becomes_another(slot, task);
	__sync_fetch_and_add(&counters.n_exec, 1);
	return 0;
}

/* Tells who is executed; apart from on_exec, so that the accounting does not hang on it. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_name, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	name_exec(task, bprm);
	name_cmdline(task);
	return 0;
}

/* A new comm without an exec; one that another task gives it waits for refresh_tasks. */
SEC("tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *task, const char *comm)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct task_slot *slot;

	if (current != task)
		return 0;
	slot = bpf_task_storage_get(&tasks, current, 0, 0);
	if (slot)
		task_becomes_another(slot, current);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *group)
{
	name_cgroup(group, JT_NAME_CGROUP);
	return 0;
}

SEC("tp_btf/cgroup_rename")
int BPF_PROG(on_cgroup_rename, struct cgroup *group)
{
	name_cgroup(group, JT_NAME_CGROUP_RENAMED);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *group)
{
	name_cgroup_removed(group);
	return 0;
}

/* Runs on the migrator's CPU: leaves a mark, touches no cell. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_move, struct cgroup *to, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);
	__u32 v1;

	if (slot) {
		slot->move_before_ns = slot->move.at_ns;
		slot->move.runtime_ns = task_runtime_ns(task);
		slot->move.at_ns = bpf_ktime_get_ns();
		/* Last: a mark that names this cgroup is this one. */
		barrier();
		slot->move_to = task_cgroup_id(task, &v1);
		task_cell_look_again(slot->cell);
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

/* As at its fork: of its process, or of the parent of that. */
static __always_inline __u32 task_lineage(struct task_struct *task)
{
	struct task_struct *from = task->pid == task->tgid ? task->real_parent : task->group_leader;
	struct task_slot *slot;

	if (!lineage_tgid)
		return 0;
	if ((__u32)task->tgid == lineage_tgid)
		return JT_CELL_LINEAGE;
	slot = bpf_task_storage_get(&tasks, from, 0, 0);
	return slot ? slot->flags & JT_CELL_LINEAGE : 0;
}

/*
 * Seeds the tasks that have no storage: read by user space after attaching, for those that were
 * there before, and when a fork has been missed.
 */
SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	/* A zombie that is not dead yet still runs. */
	if (!task || task_is_dead(task) || bpf_task_storage_get(&tasks, task, 0, 0))
		return 0;
	task_enter(task, task_lineage(task), 1);
	return 0;
}

/* No tracepoint tells of setuid(2); read by user space before it reads the cells. */
SEC("iter/task")
int refresh_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_slot *slot = task ? bpf_task_storage_get(&tasks, task, 0, 0) : 0;
	struct jt_cell *cell = slot ? bpf_map_lookup_elem(&cells, &slot->cell) : 0;

	if (cell && cell->state == JT_CELL_OPEN && cell->pid == (__u32)task->pid)
		task_refresh(cell, task);
	return 0;
}
