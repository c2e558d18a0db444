/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* charge.bpf.h - where a slice of CPU time goes: one cell, or around an exec or a move two. */
#ifndef CHARGE_BPF_H
#define CHARGE_BPF_H

/* A slice that ends now: see weight.bpf.h for what it weighs. */
struct slice {
	__u64 runtime_ns; /* of the task */
	__u64 ran_ns;	  /* since it was charged last */
	__u64 weight;
	__u64 clock_ns;
	__u32 cpu;
};

/*
 * A task that may have called exec, been moved to another cgroup, or just died. Charges what came
 * before to the old cell, opens a new one, charges the rest there.
 */
static __always_inline void charge_marked(struct jt_cpu_books *b, struct task_struct *task,
					  struct task_slot *slot, struct jt_cell *cell,
					  const struct slice *s)
{
	__u64 css = (__u64)task->cgroups, after_ns = 0, after_weight, to = 0;
	int moved = 0, exec = slot->exec.at_ns != 0;
	__u32 v1 = 0;

	/* Read once, and before its cgroup is: what changes after is seen at the next switch. */
	if (slot->css != css) {
		slot->css = css;
		to = task_cgroup_id(task, &v1);
		moved = to != cell->cgroup_id || v1 != (cell->flags & JT_CELL_V1_CGRP);
	}
	if (moved)
		after_ns = move_after(b, task, slot, to, s->ran_ns);
	else
		move_excursion(b, slot, s->ran_ns);
	/* With both, at the move: what it ran between was spent in the one cgroup or the other. */
	if (exec && !moved)
		after_ns = slice_after(&slot->exec, bpf_ktime_get_ns(), s->runtime_ns, s->ran_ns);
	slot->exec.at_ns = 0;
	after_weight = slice_portion(s->weight, after_ns, s->ran_ns);
	cell_charge(cell, slot->cell, b->package, s->ran_ns - after_ns, s->weight - after_weight);
	if (moved || exec) {
		cell_close(cell, slot->cell);
		slot->cell = cell_open(task, slot->flags);
		cell = bpf_map_lookup_elem(&cells, &slot->cell);
		if (!cell)
			return;
	}
	cell_charge(cell, slot->cell, b->package, after_ns, after_weight);
	if (task_is_dead(task))
		cell_close(cell, slot->cell);
}

/* Sets what was run since charged_ns, and what that weighs. */
static __always_inline void slice_measure(struct slice *s, struct jt_cpu_books *b, __u64 charged_ns)
{
	s->ran_ns = slice_delta(charged_ns, s->runtime_ns, &b->n_backwards);
	if (weight)
		s->weight = weight_take(s->cpu, b, s->clock_ns, s->ran_ns);
}

/* It has no storage: what it ran since it was switched in goes to the global cell. */
static __always_inline void charge_untracked(struct jt_cpu_books *b, const struct task_struct *task,
					     struct slice *s)
{
	__u32 index = 0;
	struct jt_cell *cell = bpf_map_lookup_elem(&cells, &index);

	if (!cell || b->current_pid != (__u32)task->pid)
		return;
	slice_measure(s, b, b->current_runtime_ns);
	cell_charge(cell, index, b->package, s->ran_ns, s->weight);
	b->untracked_ns += s->ran_ns;
}

/* The way by the task's storage, which knows all; the next switch need not take it again. */
static __noinline void charge_by_storage(struct jt_cpu_books *b, struct task_struct *task,
					 struct slice *s)
{
	struct task_slot *slot = bpf_task_storage_get(&tasks, task, 0, 0);
	struct cell_owner *owner;
	struct jt_cell *cell;
	__u64 charged_ns;

	if (!slot) {
		charge_untracked(b, task, s);
		return;
	}
	cell = bpf_map_lookup_elem(&cells, &slot->cell);
	owner = bpf_map_lookup_elem(&owners, &slot->cell);
	if (!cell || !owner)
		return;
	/* Switches that did not come by here left what they charged with the cell. */
	charged_ns = owner->task == (__u64)task ? owner->charged_ns : slot->charged_ns;
	/* It got its storage as it ran: what it had run before is in no cell yet. */
	if (b->current_task == (__u64)task && b->current_runtime_ns < charged_ns)
		charged_ns = b->current_runtime_ns;
	slice_measure(s, b, charged_ns);
	charge_marked(b, task, slot, cell, s);
	slot->charged_ns = s->runtime_ns;
	if (task_is_dead(task))
		return;
	task_cell_own(task, slot->cell, slot->css, s->runtime_ns);
}

/* The way without a call, which nearly every switch takes. at: task_cell_at() of the task. */
static __always_inline void charge(struct jt_cpu_books *b, struct task_struct *task, __u32 at,
				   struct slice *s)
{
	struct cell_owner *owner = 0;
	__u32 index = task_cell_known(task, at, &owner);
	struct jt_cell *cell = bpf_map_lookup_elem(&cells, &index);

	if (!index || !owner || !cell) {
		charge_by_storage(b, task, s);
		return;
	}
	slice_measure(s, b, owner->charged_ns);
	cell_charge_own(cell, index, b->package, s->ran_ns, s->weight);
	owner->charged_ns = s->runtime_ns;
}

#endif /* CHARGE_BPF_H */
