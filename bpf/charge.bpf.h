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
 * The mark of the move that brought the task where it is, `to` being the id of that cgroup. Threads
 * that move with their leader find it in the leader's slot. at_ns is 0 where there is none: the
 * tracepoint comes when all threads have been moved and all controllers have been told.
 */
static __always_inline struct slice_mark move_mark(const struct task_struct *task,
						   const struct task_slot *slot, __u64 to)
{
	struct slice_mark mark = { 0 };
	const struct task_slot *leader;

	if (slot->move_to == to && slot->move.at_ns > slot->moved_ns)
		return slot->move;
	leader = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);
	if (leader && leader->move_to == to && leader->move.at_ns > slot->moved_ns)
		mark.at_ns = leader->move.at_ns;
	return mark;
}

/* How much of a slice that ends now comes after the task's move to the cgroup of the id `to`. */
static __always_inline __u64 charge_after_move(struct jt_cpu_books *b, struct task_struct *task,
					       struct task_slot *slot, __u64 to, __u64 ran_ns)
{
	__u64 now_ns = bpf_ktime_get_ns();
	struct slice_mark mark = move_mark(task, slot, to);

	slot->moved_ns = now_ns;
	/* It was there when it was switched in. */
	if (b->current_task == (__u64)task && b->current_css == (__u64)task->cgroups)
		return ran_ns;
	/* It is being moved right now, and the mark comes later: the old cgroup's, and counted. */
	if (!mark.at_ns) {
		b->n_unsplit++;
		b->unsplit_ns += ran_ns;
		return 0;
	}
	return slice_after(&mark, now_ns, task_runtime_ns(task), ran_ns);
}

/*
 * A task that may have called exec, been moved to another cgroup, or just died. Charges what came
 * before to the old cell, opens a new one, charges the rest there.
 */
static __always_inline void charge_marked(struct jt_cpu_books *b, struct task_struct *task,
					  struct task_slot *slot, struct jt_cell *cell,
					  const struct slice *s)
{
	__u64 after_ns = 0, after_weight, exec_ns, to = 0;
	int moved = 0, exec = slot->exec.at_ns != 0;
	__u32 v1 = 0;

	if (slot->css != (__u64)task->cgroups) {
		slot->css = (__u64)task->cgroups;
		to = task_cgroup_id(task, &v1);
		moved = to != cell->cgroup_id || v1 != (cell->flags & JT_CELL_V1_CGRP);
	}
	if (moved)
		after_ns = charge_after_move(b, task, slot, to, s->ran_ns);
	if (exec) {
		exec_ns = slice_after(&slot->exec, bpf_ktime_get_ns(), s->runtime_ns, s->ran_ns);
		after_ns = exec_ns > after_ns ? exec_ns : after_ns;
		slot->exec.at_ns = 0;
	}
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
					 struct slice *s, __u64 *guess)
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
	task_cell_own(task, slot->cell, s->runtime_ns);
	if (guess)
		*guess = slot->cell;
}

/* The way without a call, which nearly every switch takes. at: task_cell_at() of the task. */
static __always_inline void charge(struct jt_cpu_books *b, struct task_struct *task, __u32 at,
				   struct slice *s)
{
	struct cell_owner *owner = 0;
	__u32 index = task_cell_known(task, at, &owner);
	struct jt_cell *cell = bpf_map_lookup_elem(&cells, &index);

	if (!index || !owner || !cell) {
		charge_by_storage(b, task, s, bpf_map_lookup_elem(&task_cells, &at));
		return;
	}
	slice_measure(s, b, owner->charged_ns);
	cell_charge_own(cell, index, b->package, s->ran_ns, s->weight);
	owner->charged_ns = s->runtime_ns;
}

#endif /* CHARGE_BPF_H */
