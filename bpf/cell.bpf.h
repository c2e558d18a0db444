/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cell.bpf.h - the life of an accounting cell: taken from the ring, opened, charged, closed. */
#ifndef CELL_BPF_H
#define CELL_BPF_H

/* Tries of the lock-free pop before a task is sent to an overflow cell. */
#define RING_TRIES 16

/* Takes a free cell's index off the ring; 0 when there is none (0 is never on the ring). */
static __always_inline __u32 ring_pop(void)
{
	for (int i = 0; i < RING_TRIES; i++) {
		__u64 head = free_ring.head;
		/* An atomic read is a full barrier: the slot below is written before tail. */
		__u64 tail = __sync_fetch_and_add(&free_ring.tail, 0);
		__u32 position = head & free_mask;
		__u64 *slot;
		__u32 index;

		if (head == tail)
			return 0;
		slot = bpf_map_lookup_elem(&free_slots, &position);
		if (!slot)
			return 0;
		index = *slot;
		if (__sync_val_compare_and_swap(&free_ring.head, head, head + 1) == head)
			return index;
	}
	return 0;
}

/* The cgroup's overflow cell, or the global one. */
static __always_inline __u32 cell_overflow(__u64 cgroup_id, __u32 v1)
{
	struct overflow_key key = { .cgroup_id = cgroup_id, .v1 = v1 };
	__u32 *known = bpf_map_lookup_elem(&overflow, &key);
	struct jt_cell *cell;
	__u32 index;

	__sync_fetch_and_add(&counters.n_no_cell, 1);
	if (known)
		return *known;
	/* Not counted on when there are none: the count would come round. */
	index = n_shared_used < JT_SHARED_CELLS ? __sync_fetch_and_add(&n_shared_used, 1) + 1
						: JT_SHARED_CELLS + 1;
	cell = index <= JT_SHARED_CELLS ? bpf_map_lookup_elem(&cells, &index) : 0;
	if (cell) {
		/* Whole before it can be found; one that loses the race below stays, and empty. */
		cell->cgroup_id = cgroup_id;
		cell->flags = JT_CELL_OVERFLOW | v1;
		__sync_lock_test_and_set(&cell->state, JT_CELL_SHARED);
		if (bpf_map_update_elem(&overflow, &key, &index, BPF_NOEXIST) == 0)
			return index;
		known = bpf_map_lookup_elem(&overflow, &key);
		if (known)
			return *known;
	}
	__sync_fetch_and_add(&counters.n_global, 1);
	return 0;
}

/* Opens a cell for the task as it is now; returns its index, that of a shared cell at worst. */
static __always_inline __u32 cell_open(const struct task_struct *task, __u32 flags)
{
	__u32 v1, index = ring_pop();
	__u64 cgroup_id = task_cgroup_id(task, &v1);
	struct jt_cell *cell;

	if (index == 0)
		return cell_overflow(cgroup_id, v1);
	cell = bpf_map_lookup_elem(&cells, &index);
	if (!cell)
		return 0;
	cell->state = JT_CELL_FREE;
	for (int i = 0; i < JT_MAX_PACKAGES; i++)
		cell->cpu_ns[i] = 0;
	if (weight)
		weight_clear(index);
	task_identify(cell, task, (flags & JT_CELL_LINEAGE) | v1);
	cell->cgroup_id = cgroup_id;
	cell->generation++;
	/* An exchange is a full barrier: the fields are there before the state says so. */
	__sync_lock_test_and_set(&cell->state, JT_CELL_OPEN);
	__sync_fetch_and_add(&counters.n_opened, 1);
	return index;
}

/* Adds ns of CPU time, and what they weigh, to a cell that this CPU's task alone charges. */
static __always_inline void cell_charge_own(struct jt_cell *cell, __u32 index, __u32 package,
					    __u64 ns, __u64 amount)
{
	cell->cpu_ns[package & (JT_MAX_PACKAGES - 1)] += ns;
	if (weight)
		weight_charge(index, package, amount, 0);
}

/*
 * The same for any cell: shared ones, the global one, which is charged without ever being opened,
 * and one that was closed a moment ago.
 */
static __always_inline void cell_charge(struct jt_cell *cell, __u32 index, __u32 package, __u64 ns,
					__u64 amount)
{
	if (cell->state == JT_CELL_OPEN) {
		cell_charge_own(cell, index, package, ns, amount);
		return;
	}
	__sync_fetch_and_add(&cell->cpu_ns[package & (JT_MAX_PACKAGES - 1)], ns);
	if (weight)
		weight_charge(index, package, amount, 1);
}

/* Only the task's own CPU closes, or who frees it when it has none; a shared cell stays. */
static __always_inline void cell_close(struct jt_cell *cell, __u32 index)
{
	if (cell->state != JT_CELL_OPEN)
		return;
	task_cell_disown(index);
	__sync_fetch_and_add(&counters.n_closed, 1);
	cell->closed = (__u32)(bpf_ktime_get_boot_ns() >> JT_CELL_CLOSED_SHIFT);
	/* A full barrier: the last charge is there before the state says that it was the last. */
	__sync_lock_test_and_set(&cell->state, JT_CELL_CLOSED);
}

#endif /* CELL_BPF_H */
