/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* move.bpf.h - where in a slice a move to another cgroup lies, by the marks that it has left. */
#ifndef MOVE_BPF_H
#define MOVE_BPF_H

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

static __always_inline void move_unsplit(struct jt_cpu_books *b, __u64 ns)
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
static __always_inline __u64 move_after(struct jt_cpu_books *b, struct task_struct *task,
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
		move_unsplit(b, ran_ns);
		return 0;
	}
	mark.at_ns = marked->move.at_ns;
	if (marked == slot)
		mark.runtime_ns = slot->move.runtime_ns;
	after_ns = slice_after(&mark, now_ns, task_runtime_ns(task), ran_ns);
	if (marked->move_before_ns > from_ns) {
		mark.at_ns = marked->move_before_ns;
		mark.runtime_ns = 0;
		move_unsplit(b, slice_after(&mark, now_ns, 0, ran_ns) - after_ns);
	}
	return after_ns;
}

/* It is where it was when its cell was chosen; has it been elsewhere in this slice? */
static __always_inline void move_excursion(struct jt_cpu_books *b, struct task_slot *slot,
					   __u64 ran_ns)
{
	struct slice_mark out = { .at_ns = slot->move_before_ns };
	struct slice_mark back = { .at_ns = slot->move.at_ns };
	__u64 now_ns;

	if (out.at_ns <= slot->moved_ns)
		return;
	now_ns = bpf_ktime_get_ns();
	slot->moved_ns = now_ns;
	move_unsplit(b,
		     slice_after(&out, now_ns, 0, ran_ns) - slice_after(&back, now_ns, 0, ran_ns));
}

#endif /* MOVE_BPF_H */
