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
 * Who has the mark of the move that brought the task to the cgroup of the id `to`: itself, or the
 * leader that it was moved with. NULL where there is none: the tracepoint comes when all threads
 * have been moved and all controllers have been told.
 */
static __always_inline const struct task_slot *move_marked(struct task_struct *task,
							   const struct task_slot *slot, __u64 to)
{
	const struct task_slot *leader;

	if (slot->move_to == to && slot->move.at_ns > slot->moved_ns)
		return slot;
	/* One that is being reaped may have outlived its leader. */
	if (task->exit_state)
		return 0;
	leader = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);
	if (leader && leader->move_to == to && leader->move.at_ns > slot->moved_ns)
		return leader;
	return 0;
}

static __always_inline void charge_unsplit(struct jt_cpu_books *b, __u64 ns)
{
	if (!ns)
		return;
	b->n_unsplit++;
	b->unsplit_ns += ns;
}

/*
 * How much of a slice comes after the task's move to the cgroup of the id `to`. What it ran between
 * two moves of one slice was spent in a cgroup that nobody knows any more: the old one's, counted.
 */
static __always_inline __u64 charge_after_move(struct jt_cpu_books *b, struct task_struct *task,
					       struct task_slot *slot, __u64 to, __u64 ran_ns)
{
	__u64 now_ns = bpf_ktime_get_ns(), from_ns = slot->moved_ns, after_ns;
	const struct task_slot *marked = move_marked(task, slot, to);
	struct slice_mark mark = { 0 };

	slot->moved_ns = now_ns;
	/* It was there when it was switched in. */
	if (b->current_task == (__u64)task && b->current_css == (__u64)task->cgroups)
		return ran_ns;
	/* It is being moved right now, and the mark comes later: the old cgroup's, and counted. */
	if (!marked) {
		charge_unsplit(b, ran_ns);
		return 0;
	}
	mark.at_ns = marked->move.at_ns;
	if (marked == slot)
		mark.runtime_ns = slot->move.runtime_ns;
	after_ns = slice_after(&mark, now_ns, task_runtime_ns(task), ran_ns);
	if (marked->move_before_ns > from_ns) {
		mark.at_ns = marked->move_before_ns;
		mark.runtime_ns = 0;
		charge_unsplit(b, slice_after(&mark, now_ns, 0, ran_ns) - after_ns);
	}
	return after_ns;
}

/* It is where it was when its cell was chosen; has it been elsewhere in this slice? */
static __always_inline void charge_excursion(struct jt_cpu_books *b, struct task_slot *slot,
					     __u64 ran_ns)
{
	struct slice_mark out = { .at_ns = slot->move_before_ns };
	struct slice_mark back = { .at_ns = slot->move.at_ns };
	__u64 now_ns;

	if (out.at_ns <= slot->moved_ns)
		return;
	now_ns = bpf_ktime_get_ns();
	slot->moved_ns = now_ns;
	charge_unsplit(b, slice_after(&out, now_ns, 0, ran_ns) -
				  slice_after(&back, now_ns, 0, ran_ns));
}

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
		after_ns = charge_after_move(b, task, slot, to, s->ran_ns);
	else
		charge_excursion(b, slot, s->ran_ns);
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
