/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cells.h - user space's side of the accounting cells: which are in use, what each has gained
 * since the last window, and when one may be used again.
 *
 * Works on the shared mappings only: no system call per task. Knows nothing of libbpf, so the
 * tests drive it on plain memory.
 */
#ifndef SCHED_CELLS_H
#define SCHED_CELLS_H

#include <stdint.h>

#include "types/usage.h"

/* The mappings; not owned. Cells 1 … JT_SHARED_CELLS and 0 are the overflow cells. */
struct cells_maps {
	struct jt_cell *cell; /* [n_cells] */
	uint32_t n_cells;
	uint64_t *free_slot; /* [free_mask + 1] */
	uint32_t free_mask;
	struct jt_free_ring *ring;
	const struct jt_cell_weight *weight; /* [n_cells]; NULL = plain time */
};

struct cells;

/* Puts every unshared cell on the free ring. Returns 0 or -ENOMEM. */
int cells_new(const struct cells_maps *m, unsigned int n_packages, struct cells **ret);
void cells_free(struct cells *c);

/*
 * Fills u->rows with every cell that gained time since the last scan, u->n_live, and gives cells
 * that were seen closed in the scan before back to the ring. The first scan is the baseline of the
 * tasks that were seeded. u->rows must have room for n_cells rows.
 */
void cells_scan(struct cells *c, struct usage *u);

/* Processes of the lineage (flag JT_CELL_LINEAGE) that live now. */
uint64_t cells_n_lineage_alive(struct cells *c);

#endif /* SCHED_CELLS_H */
