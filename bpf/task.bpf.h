/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * task.bpf.h - every read of a task_struct; what differs between kernels is mended here.
 *
 * Plain loads alone, which the verifier follows by type: lockdown=confidentiality takes
 * bpf_probe_read_kernel() away (LOCKDOWN_BPF_READ_KERNEL), and with it every program that calls it.
 */
#ifndef TASK_BPF_H
#define TASK_BPF_H

/* include/linux/sched.h; unchanged since 4.14 (commit 8ef9925b02c2). */
#define TASK_DEAD  0x80
#define PF_KTHREAD 0x00200000

/* Runtime that the scheduler has charged to the task, brought up to date before a switch. */
static __always_inline __u64 task_runtime_ns(const struct task_struct *task)
{
	return task->se.sum_exec_runtime;
}

/* The run queue of the CPU that the task runs on; every task has it, whatever its class. */
static __always_inline const struct rq *task_rq(const struct task_struct *task)
{
	return task->se.cfs_rq->rq;
}

static __always_inline int task_is_dead(const struct task_struct *task)
{
	return task->__state & TASK_DEAD;
}

/*
 * The cgroup that says most: the v2 one, unless that is the root while the v1 cpu controller has a
 * real one (v1 and hybrid hosts). *ret_v1 is JT_CELL_V1_CGRP or 0: ids of hierarchies may collide.
 */
static __always_inline __u64 task_cgroup_id(const struct task_struct *task, __u32 *ret_v1)
{
	struct css_set *set = task->cgroups;
	const struct cgroup_subsys_state *css = 0;
	const struct cgroup *v1;

	*ret_v1 = 0;
	if (set->dfl_cgrp->level > 0)
		return set->dfl_cgrp->kn->id;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id)) {
		struct cgroup_subsys_state **subsys = &set->subsys[0];

		css = subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id)];
	}
	v1 = css ? css->cgroup : 0;
	if (v1 && v1->level > 0) {
		*ret_v1 = JT_CELL_V1_CGRP;
		return v1->kn->id;
	}
	return set->dfl_cgrp->kn->id;
}

/* Who the task is; the cell's time, state and generation are left alone. */
static __always_inline void task_identify(struct jt_cell *cell, const struct task_struct *task,
					  __u32 flags)
{
	cell->pid = task->pid;
	cell->tgid = task->tgid;
	cell->start_boottime_ns = task->group_leader->start_boottime;
	cell->uid = task->cred->uid.val;
	cell->parent_tgid = task->real_parent->tgid;
	cell->flags = flags | (task->flags & PF_KTHREAD ? JT_CELL_KTHREAD : 0);
	__builtin_memcpy(cell->comm, task->comm, sizeof(cell->comm));
}

/* What changes of it without an exec. Who its parent was stays: orphans are given to another. */
static __always_inline void task_refresh(struct jt_cell *cell, const struct task_struct *task)
{
	cell->uid = task->cred->uid.val;
	__builtin_memcpy(cell->comm, task->comm, sizeof(cell->comm));
}

#endif /* TASK_BPF_H */
