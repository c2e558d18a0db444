/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cells.c - the life of accounting cells as user space sees it, against a plain-memory kernel. */
#include "sched/cells.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define N_TASKS 64
#define N_CELLS (1 + JT_SHARED_CELLS + N_TASKS)
#define N_SLOTS 2048

/* What the BPF side does with the maps, single-threaded. */
struct kernel {
	struct jt_cell cell[N_CELLS];
	uint64_t slot[N_SLOTS];
	struct jt_free_ring ring;
};

static uint32_t kernel_open(struct kernel *k, uint32_t pid)
{
	struct jt_cell *c;
	uint32_t index;

	if (k->ring.head == k->ring.tail)
		return 0;
	index = (uint32_t)k->slot[k->ring.head++ & (N_SLOTS - 1)];
	c = &k->cell[index];
	*c = (struct jt_cell){
		.generation = c->generation + 1, .state = JT_CELL_OPEN, .pid = pid, .tgid = pid
	};
	return index;
}

static struct cells *setup(struct kernel **ret_k, struct usage *u)
{
	struct kernel *k = calloc(1, sizeof(*k));
	struct cells_maps m = { .cell = k->cell,
				.n_cells = N_CELLS,
				.free_slot = k->slot,
				.free_mask = N_SLOTS - 1,
				.ring = &k->ring };
	struct cells *c = NULL;

	cr_assert_eq(cells_new(&m, 2, &c), 0);
	*u = (struct usage){ .capacity = N_CELLS };
	u->rows = calloc(N_CELLS, sizeof(*u->rows));
	*ret_k = k;
	return c;
}

static void teardown(struct kernel *k, struct cells *c, struct usage *u)
{
	cells_free(c);
	free(u->rows);
	free(k);
}

Test(cells, rows_are_differences_per_package)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);
	uint32_t i = kernel_open(k, 7);

	k->cell[i].cpu_ns[0] = 100;
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 1);
	cr_assert_eq(u.rows[0].total_ns, 100);
	k->cell[i].cpu_ns[0] = 130;
	k->cell[i].cpu_ns[1] = 5;
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 1);
	cr_assert_eq(u.rows[0].cpu_ns[0], 30);
	cr_assert_eq(u.rows[0].cpu_ns[1], 5);
	cr_assert_eq(u.rows[0].total_ns, 35);
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 0);
	cr_assert_eq(u.n_live, 1);
	teardown(k, c, &u);
}

Test(cells, closed_cell_is_freed_one_window_later_and_reused_from_zero)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);
	uint64_t tail = k->ring.tail;
	uint32_t i = kernel_open(k, 7);

	k->cell[i].cpu_ns[0] = 100;
	k->cell[i].state = JT_CELL_CLOSED;
	cells_scan(c, &u);
	cr_assert(u.rows[0].ended);
	cr_assert_eq(k->ring.tail, tail, "not yet");
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 0);
	cr_assert_eq(k->ring.tail, tail + 1);
	cr_assert_eq(u.n_live, 0);
	/* All the others first, then the recycled one. */
	for (int n = 0; n < N_TASKS - 1; n++)
		cr_assert_neq(kernel_open(k, 100), i);
	cr_assert_eq(kernel_open(k, 8), i);
	cr_assert_eq(kernel_open(k, 9), 0, "exhausted");
	k->cell[i].cpu_ns[0] = 3;
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 1);
	cr_assert_eq(u.rows[0].total_ns, 3);
	cr_assert_eq(u.rows[0].pid, 8);
	teardown(k, c, &u);
}

/* The kernel has taken a recycled cell off the ring, and has not opened it yet. */
Test(cells, cell_being_opened_is_nobodys)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);
	uint32_t i = kernel_open(k, 7);

	k->cell[i].cpu_ns[0] = 100;
	k->cell[i].state = JT_CELL_CLOSED;
	cells_scan(c, &u);
	cells_scan(c, &u);
	for (int n = 0; n < N_TASKS - 1; n++)
		kernel_open(k, 100);
	k->ring.head++;
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 0, "its last life is over");
	k->cell[i] = (struct jt_cell){ .state = JT_CELL_OPEN, .pid = 8, .cpu_ns = { 4 } };
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 1);
	cr_assert_eq(u.rows[0].total_ns, 4);
	teardown(k, c, &u);
}

Test(cells, shared_cells_are_overflow_rows)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);

	k->cell[0].cpu_ns[0] = 11;
	k->cell[1].state = JT_CELL_SHARED;
	k->cell[1].cgroup_id = 42;
	k->cell[1].cpu_ns[1] = 22;
	cells_scan(c, &u);
	cr_assert_eq(u.n_rows, 2);
	cr_assert_eq(u.rows[0].total_ns, 11);
	cr_assert(u.rows[0].flags & JT_CELL_OVERFLOW);
	cr_assert_eq(u.rows[1].cgroup_id, 42);
	cr_assert_eq(u.n_live, 0);
	teardown(k, c, &u);
}

/* Random opens, charges and closes: every nanosecond comes out once, and no cell leaks. */
Test(cells, nothing_lost_nothing_twice)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);
	uint64_t charged = 0, read = 0;
	uint32_t open[N_TASKS];
	size_t n_open = 0;

	srandom(2);
	for (int i = 0; i < 200000; i++) {
		switch (random() % 4) {
		case 0:
			if (n_open < N_TASKS && (open[n_open] = kernel_open(k, (uint32_t)i)))
				n_open++;
			break;
		case 1:
			if (n_open) {
				k->cell[open[--n_open]].state = JT_CELL_CLOSED;
			}
			break;
		case 2:
			if (n_open) {
				uint64_t ns = (uint64_t)random() % 1000;

				k->cell[open[(size_t)random() % n_open]].cpu_ns[random() % 2] += ns;
				charged += ns;
			}
			break;
		default:
			if (random() % 8)
				break;
			cells_scan(c, &u);
			for (size_t r = 0; r < u.n_rows; r++)
				read += u.rows[r].total_ns;
			cr_assert_eq(read, charged, "step %d", i);
		}
	}
	while (n_open)
		k->cell[open[--n_open]].state = JT_CELL_CLOSED;
	cells_scan(c, &u);
	cells_scan(c, &u);
	cr_assert_eq(u.n_live, 0);
	cr_assert_eq(k->ring.tail - k->ring.head, N_TASKS);
	teardown(k, c, &u);
}

/* A process lives while any of its threads does: here its first, then its second alone. */
Test(cells, processes_of_the_lineage_are_counted_by_any_thread)
{
	struct kernel *k;
	struct usage u;
	struct cells *c = setup(&k, &u);
	uint32_t leader = kernel_open(k, 7), thread = kernel_open(k, 8), other = kernel_open(k, 9);

	k->cell[thread].tgid = 7;
	k->cell[leader].flags = k->cell[thread].flags = JT_CELL_LINEAGE;
	cells_scan(c, &u);
	cr_assert_eq(cells_n_lineage_alive(c), 1);
	k->cell[other].flags = JT_CELL_LINEAGE;
	cr_assert_eq(cells_n_lineage_alive(c), 2);
	k->cell[leader].state = JT_CELL_CLOSED;
	cells_scan(c, &u);
	cr_assert_eq(cells_n_lineage_alive(c), 2);
	k->cell[thread].state = k->cell[other].state = JT_CELL_CLOSED;
	cells_scan(c, &u);
	cr_assert_eq(cells_n_lineage_alive(c), 0);
	teardown(k, c, &u);
}
