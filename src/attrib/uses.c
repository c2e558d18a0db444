/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* uses.c - see uses.h. */
#include "attrib/uses.h"

#include "jouletrail/units.h"

/* Shares are divided over rows in parts of a ppm. */
#define PER_PPM (UINT64_C(1) << 40)

/* The process's rows, from n on, with weights that sum to weight. Returns n after them. */
static size_t add_process(const struct usage *u, uint32_t tgid, uint64_t weight, size_t n,
			  size_t *active, uint64_t *rows_weight)
{
	size_t first = n;
	jt_product all = 0, upto = 0;
	uint64_t given = 0;

	for (size_t i = 0; i < u->n_rows && n < u->n_rows; i++) {
		if (u->rows[i].tgid != tgid)
			continue;
		active[n++] = i;
		all += u->rows[i].total_ns;
	}
	for (size_t k = first; k < n; k++) {
		uint64_t sum;

		upto += all ? u->rows[active[k]].total_ns : 1;
		/* Less than 2^60 x 2^67, as a window's CPU time is. */
		sum = (uint64_t)(weight * upto / (all ? all : n - first));
		rows_weight[k] = sum - given;
		given = sum;
	}
	return n;
}

size_t attrib_uses(const struct usage *u, const struct energy *e, size_t domain, size_t *active,
		   uint64_t *weight)
{
	uint64_t rest = JT_PPM_PER_1 * PER_PPM;
	size_t n = 0;

	for (size_t i = 0; i < e->n_uses; i++) {
		uint64_t part = e->use[i].ppm * PER_PPM;
		size_t before = n;

		/* More than all of it is no share. */
		if (e->use[i].domain != (int)domain || part > rest)
			continue;
		n = add_process(u, e->use[i].tgid, part, n, active, weight);
		if (n > before)
			rest -= part;
	}
	weight[n] = rest;
	return n;
}
