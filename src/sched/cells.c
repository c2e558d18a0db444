/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cells.c - see cells.h. */
#include "sched/cells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* What is known of a cell that the kernel has taken off the ring. */
struct cells_live {
	uint32_t index;
	bool closing; /* was closed at the last scan: its time was final then */
};

struct cells {
	struct cells_maps maps;
	unsigned int n_packages;
	uint64_t head_seen;    /* ring entries before it are in `live`, or are back on the ring */
	uint64_t *base_ns;     /* [n_cells][n_packages] as of the last scan */
	uint64_t *base_weight; /* the same of maps.weight; NULL = plain time */
	struct cells_live *live;
	size_t n_live;
	uint64_t now_boot_ns; /* of this scan */
	uint32_t *lineage;    /* [n_cells]: room for cells_n_lineage_alive() */
};

static void cells_give_back(struct cells *c, uint32_t index)
{
	struct jt_free_ring *r = c->maps.ring;

	size_t at = (size_t)index * c->n_packages;

	memset(&c->base_ns[at], 0, c->n_packages * sizeof(uint64_t));
	if (c->base_weight)
		memset(&c->base_weight[at], 0, c->n_packages * sizeof(uint64_t));
	/* Until it is open again, nobody may take it for its last life. */
	c->maps.cell[index].state = JT_CELL_FREE;
	c->maps.free_slot[r->tail & c->maps.free_mask] = index;
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
}

int cells_new(const struct cells_maps *m, unsigned int n_packages, struct cells **ret)
{
	struct cells *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->maps = *m;
	c->n_packages = n_packages;
	c->base_ns = calloc((size_t)m->n_cells * n_packages, sizeof(*c->base_ns));
	c->live = calloc(m->n_cells, sizeof(*c->live));
	/* Memory that is not touched until the end. */
	c->lineage = calloc(m->n_cells, sizeof(*c->lineage));
	if (m->weight)
		c->base_weight = calloc((size_t)m->n_cells * n_packages, sizeof(uint64_t));
	if (!c->base_ns || !c->live || !c->lineage || (m->weight && !c->base_weight)) {
		cells_free(c);
		return -ENOMEM;
	}
	for (uint32_t i = JT_SHARED_CELLS + 1; i < m->n_cells; i++)
		cells_give_back(c, i);
	*ret = c;
	return 0;
}

void cells_free(struct cells *c)
{
	if (!c)
		return;
	free(c->base_ns);
	free(c->base_weight);
	free(c->live);
	free(c->lineage);
	free(c);
}

/* Cells that the kernel took since the last scan. Its pop has read the slot before head moves. */
static void cells_take_opened(struct cells *c)
{
	uint64_t head = __atomic_load_n(&c->maps.ring->head, __ATOMIC_ACQUIRE);

	for (; c->head_seen < head; c->head_seen++)
		c->live[c->n_live++] = (struct cells_live){
			.index = (uint32_t)c->maps.free_slot[c->head_seen & c->maps.free_mask]
		};
}

/* What the cell weighs more than at the last scan; also where it gained no time. */
static void cells_read_weight(struct cells *c, uint32_t index, struct usage_row *row)
{
	const struct jt_cell_weight *weight = &c->maps.weight[index];
	uint64_t *base = &c->base_weight[(size_t)index * c->n_packages];

	memset(row->weight, 0, sizeof(row->weight));
	for (unsigned int p = 0; p < c->n_packages; p++) {
		uint64_t now = __atomic_load_n(&weight->sum[p], __ATOMIC_RELAXED);

		row->weight[p] = now - base[p];
		base[p] = now;
	}
}

/* The end of the unit in which the cell was closed; now: of the same clock, within weeks of it. */
static uint64_t cells_closed_ns(const struct jt_cell *cell, uint64_t now_boot_ns)
{
	uint64_t now = now_boot_ns >> JT_CELL_CLOSED_SHIFT;
	int32_t after = (int32_t)(cell->closed - (uint32_t)now);

	return (now + (uint64_t)(int64_t)after + 1) << JT_CELL_CLOSED_SHIFT;
}

/* The cell's gain since the last scan becomes a row, if there is any. */
static void cells_read(struct cells *c, uint32_t index, uint32_t state, struct usage *u)
{
	const struct jt_cell *cell = &c->maps.cell[index];
	uint64_t *base_ns = &c->base_ns[(size_t)index * c->n_packages];
	struct usage_row *row = &u->rows[u->n_rows];
	uint64_t total_ns = 0;

	for (unsigned int p = 0; p < c->n_packages; p++) {
		uint64_t now_ns = __atomic_load_n(&cell->cpu_ns[p], __ATOMIC_RELAXED);

		row->cpu_ns[p] = now_ns - base_ns[p];
		total_ns += row->cpu_ns[p];
		base_ns[p] = now_ns;
	}
	if (c->base_weight)
		cells_read_weight(c, index, row);
	if (total_ns == 0)
		return;
	for (unsigned int p = c->n_packages; p < JT_MAX_PACKAGES; p++)
		row->cpu_ns[p] = 0;
	row->total_ns = total_ns;
	row->cgroup_id = cell->cgroup_id;
	row->start_boottime_ns = cell->start_boottime_ns;
	row->pid = cell->pid;
	row->tgid = cell->tgid;
	row->uid = cell->uid;
	row->parent_tgid = cell->parent_tgid;
	row->flags = cell->flags | (index <= JT_SHARED_CELLS ? JT_CELL_OVERFLOW : 0);
	row->ended = state == JT_CELL_CLOSED;
	row->ended_boottime_ns = row->ended ? cells_closed_ns(cell, c->now_boot_ns) : 0;
	memcpy(row->comm, cell->comm, sizeof(row->comm));
	u->n_rows++;
}

void cells_scan(struct cells *c, struct usage *u)
{
	size_t kept = 0;

	u->n_rows = 0;
	cells_take_opened(c);
	c->now_boot_ns = clock_read_ns(CLOCK_BOOTTIME);
	for (uint32_t i = 0; i <= JT_SHARED_CELLS; i++) {
		/* The global cell is charged without ever being opened. */
		if (i > 0 && c->maps.cell[i].state != JT_CELL_SHARED)
			break;
		cells_read(c, i, JT_CELL_SHARED, u);
	}
	for (size_t i = 0; i < c->n_live; i++) {
		struct cells_live *l = &c->live[i];
		const struct jt_cell *cell = &c->maps.cell[l->index];
		uint32_t state = __atomic_load_n(&cell->state, __ATOMIC_ACQUIRE);

		if (state != JT_CELL_FREE)
			cells_read(c, l->index, state, u);
		if (l->closing) {
			cells_give_back(c, l->index);
			continue;
		}
		l->closing = state == JT_CELL_CLOSED;
		c->live[kept++] = *l;
	}
	c->n_live = kept;
	u->n_live = kept;
}

static int compare_tgids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* By any of its threads: the one that gave the process its id may have ended before the others. */
uint64_t cells_n_lineage_alive(struct cells *c)
{
	size_t n = 0, n_processes = 0;

	/* Since the last scan one may have called exec: its cell is another one. */
	cells_take_opened(c);
	for (size_t i = 0; i < c->n_live; i++) {
		const struct jt_cell *cell = &c->maps.cell[c->live[i].index];

		if (__atomic_load_n(&cell->state, __ATOMIC_ACQUIRE) == JT_CELL_OPEN &&
		    cell->flags & JT_CELL_LINEAGE)
			c->lineage[n++] = cell->tgid;
	}
	qsort(c->lineage, n, sizeof(*c->lineage), compare_tgids);
	for (size_t i = 0; i < n; i++)
		n_processes += i == 0 || c->lineage[i] != c->lineage[i - 1];
	return n_processes;
}
