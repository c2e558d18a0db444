/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* freed.bpf.h - what is left to do for a task when it is freed: nothing, or its last switch. */
#ifndef FREED_BPF_H
#define FREED_BPF_H

/*
 * A task is freed, long after its last switch: no CPU runs it any more, so that any may charge it
 * and close its cell. Nearly always that has been done. Where the kernel told nothing of the last
 * switch it has not, and what the task ran then lies in some CPU's gap. No mark is looked for: all
 * goes to the cell.
 *
 * On a real-time kernel a switch may come in between, which these two additions bear.
 */
static __always_inline void charge_freed(struct jt_cpu_books *b, struct task_struct *task)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);
	struct cell_owner *owner = slot ? bpf_map_lookup_elem(&owners, &slot->cell) : 0;
	struct jt_cell *cell = slot ? bpf_map_lookup_elem(&cells, &slot->cell) : 0;
	int own = owner && owner->task == (__u64)task;
	__u64 ran_ns;

	if (!cell || (!own && slot->cell > JT_SHARED_CELLS))
		return;
	ran_ns = slice_delta(own ? owner->charged_ns : slot->charged_ns, task_runtime_ns(task),
			     &b->n_backwards);
	if (ran_ns) {
		__sync_fetch_and_add(&b->task_ns, ran_ns);
		__sync_fetch_and_add(&b->gap_ns, -(__s64)ran_ns);
		cell_charge(cell, slot->cell, b->package, ran_ns, 0);
	}
	cell_close(cell, slot->cell);
}

#endif /* FREED_BPF_H */
