/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* task_cell.bpf.h - from a task to its cell: a guess that is checked, else its storage. */
#ifndef TASK_CELL_BPF_H
#define TASK_CELL_BPF_H

/* 2^64 over the golden ratio (Knuth, TAOCP 3, 6.4): task addresses are multiples of their size. */
#define TASK_CELL_HASH 0x9e3779b97f4a7c15ULL

/*
 * Where in task_cells a task has its entry. The address has to come from a map: the verifier takes
 * no hash of a pointer, and the compiler may put the task's pointer for what was compared with it,
 * so that this must be computed before.
 */
static __always_inline __u32 task_cell_at(__u64 address)
{
	__u64 at = (address * TASK_CELL_HASH >> 32) & free_mask;

	barrier_var(at);
	return at;
}

/*
 * The index of the cell that the task charges and nobody else does, when it is in the same cgroup
 * and program as when the cell was chosen, and lives; 0 = ask its storage. at: task_cell_at().
 */
static __always_inline __u32 task_cell_known(const struct task_struct *task, __u32 at,
					     struct cell_owner **ret)
{
	__u64 *guess = bpf_map_lookup_elem(&task_cells, &at);
	__u32 index = guess ? *guess : 0;
	struct cell_owner *owner = bpf_map_lookup_elem(&owners, &index);

	if (!owner || owner->task != (__u64)task || owner->css != (__u64)task->cgroups ||
	    task_is_dead(task))
		return 0;
	*ret = owner;
	return index;
}

/*
 * The task charges this cell from now on: where there is one that is its own. css: as when the cell
 * was chosen, not as it may be by now.
 */
static __always_inline void task_cell_own(struct task_struct *task, __u32 index, __u64 css,
					  __u64 charged_ns)
{
	struct cell_owner *owner = bpf_map_lookup_elem(&owners, &index);
	__u64 *guess;
	__u32 at;

	if (!owner || index <= JT_SHARED_CELLS)
		return;
	owner->css = css;
	owner->charged_ns = charged_ns;
	/* A full barrier, where a running task is entered: its own CPU finds all or nothing. */
	__sync_lock_test_and_set(&owner->task, (__u64)task);
	at = task_cell_at(*(volatile __u64 *)&owner->task);
	guess = bpf_map_lookup_elem(&task_cells, &at);
	if (guess)
		*guess = index;
}

/* The next switch of the task goes by its storage. In the task itself. */
static __always_inline void task_cell_look_again(__u32 index)
{
	struct cell_owner *owner = bpf_map_lookup_elem(&owners, &index);

	if (owner)
		owner->css = 0;
}

/* Nobody charges it any more. */
static __always_inline void task_cell_disown(__u32 index)
{
	struct cell_owner *owner = bpf_map_lookup_elem(&owners, &index);

	if (owner)
		owner->task = 0;
}

#endif /* TASK_CELL_BPF_H */
