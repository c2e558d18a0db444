/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* maps.bpf.h - every map and global: key, value, size, and what happens when it is full. */
#ifndef MAPS_BPF_H
#define MAPS_BPF_H

#include "values.bpf.h"

/*
 * cells: index -> struct jt_cell. 128 bytes each; user space sizes it (1 + JT_SHARED_CELLS +
 * --max-tasks). Full: the task charges its cgroup's overflow cell, then the global one (cell 0);
 * counted in n_no_cell and n_global. Time is never lost.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct jt_cell);
} cells SEC(".maps");

/* books: CPU -> struct jt_cpu_books; sized to the possible CPUs, so it cannot be full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct jt_cpu_books);
} books SEC(".maps");

/*
 * free_slots: ring position -> cell index; a power of two, at least as many as there are cells.
 * 64 bits, because array elements are laid out in steps of 8 bytes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} free_slots SEC(".maps");

/*
 * overflow: cgroup -> its shared cell. Preallocated, because the switch path may insert. Full:
 * the global cell takes it (n_global).
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, JT_SHARED_CELLS);
	__type(key, struct overflow_key);
	__type(value, __u32);
} overflow SEC(".maps");

/*
 * weights: index of a cell -> struct jt_cell_weight. As many as there are cells when a weighting is
 * on, else one that nobody uses.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct jt_cell_weight);
} weights SEC(".maps");

/* weight_cpus: CPU -> struct jt_weight_cpu; sized as the books, so it cannot be full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct jt_weight_cpu);
} weight_cpus SEC(".maps");

/* pmu: CPU -> its perf event, put there by user space. None: the slice is counted in n_unread. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} pmu SEC(".maps");

/*
 * owners: index of a cell -> the one task that charges it now, so that a switch finds its cell
 * without a call. As many as there are cells; of shared cells they are empty. Written by the task's
 * own CPU, or by who forks or seeds it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cell_owner);
} owners SEC(".maps");

/*
 * task_cells: hash of a task's address -> index of its cell, as a guess that owners confirms. A
 * power of two, at least as many as there are cells. Two tasks on one entry: the one that does not
 * find itself asks its storage and takes the entry over.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} task_cells SEC(".maps");

/*
 * tasks: task -> struct task_slot. Made at task_newtask or by the seeding iterator, never on the
 * switch path; freed by the kernel with the task. No memory: n_no_storage, and the task's time
 * goes to the global overflow cell (untracked_ns).
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_slot);
} tasks SEC(".maps");

struct jt_counters counters;
struct jt_free_ring free_ring;
__u32 n_shared_used; /* shared cells handed out so far, the global one not counted */

const volatile __u32 free_mask;	   /* size of free_slots and of task_cells - 1 */
const volatile __u32 lineage_tgid; /* marked when seeded; 0 = nobody */
const volatile __u32 weight;	   /* enum jt_weight; what is not asked for the verifier removes */

#endif /* MAPS_BPF_H */
