/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.c - see reserve.h. */
#include "attrib/reserve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/attrib.h"
#include "attrib/weight.h"
#include "jouletrail/units.h"

#define UCPU_PER_CPU UINT64_C(1000000)

void attrib_reserve(const struct reserve_claim *claim, size_t n, unsigned int n_cpus,
		    uint64_t *ret_ucpu)
{
	uint64_t all = n_cpus * UCPU_PER_CPU, left = 0;
	jt_product quotas = 0;

	for (size_t i = 0; i < n; i++)
		quotas += claim[i].quota_ucpu;
	if (quotas < all)
		left = all - (uint64_t)quotas;

	for (size_t i = 0; i < n; i++)
		ret_ucpu[i] = left ? 0 : claim[i].quota_ucpu;
	if (!left) {
		/* More is promised than there is; of no cgroup there is nobody to divide to. */
		attrib_weight_fit(ret_ucpu, n);
		attrib_split(all, ret_ucpu, n, ret_ucpu);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ret_ucpu[i] = claim[i].quota_ucpu ? 0 : claim[i].weight;
	attrib_weight_fit(ret_ucpu, n);
	/* Without any weight they are 0 already, and what is left is nobody's. */
	attrib_split(left, ret_ucpu, n, ret_ucpu);
	for (size_t i = 0; i < n; i++)
		if (claim[i].quota_ucpu)
			ret_ucpu[i] = claim[i].quota_ucpu;
}

int reservations_new(size_t capacity, struct reservations *ret)
{
	ret->one = calloc(capacity + 1, sizeof(*ret->one));
	ret->weight = calloc(capacity + 1, sizeof(*ret->weight));
	ret->share = calloc(capacity + 1, sizeof(*ret->share));
	ret->of_row = calloc(capacity + 1, sizeof(*ret->of_row));
	return ret->one && ret->weight && ret->share && ret->of_row ? 0 : -ENOMEM;
}

void reservations_free(struct reservations *r)
{
	free(r->one);
	free(r->weight);
	free(r->share);
	free(r->of_row);
}

static int compare(const void *left, const void *right)
{
	const struct reservation *a = left, *b = right;

	if (a->cgroup_id != b->cgroup_id)
		return a->cgroup_id < b->cgroup_id ? -1 : 1;
	return (a->v1 > b->v1) - (a->v1 < b->v1);
}

void reservations_find(struct reservations *r, const struct usage *u)
{
	jt_product reserved = 0, all = u->n_cpus * UCPU_PER_CPU;

	r->n = 0;
	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].flags & USAGE_ROW_RESERVED)
			r->one[r->n++] = (struct reservation){
				.cgroup_id = u->rows[i].cgroup_id,
				.v1 = u->rows[i].flags & JT_CELL_V1_CGRP,
				.row = i,
			};
	if (r->n == 0)
		return;
	qsort(r->one, r->n, sizeof(*r->one), compare);
	for (size_t i = 0; i < r->n; i++) {
		r->weight[i] = u->rows[r->one[i].row].reserved_ucpu;
		reserved += r->weight[i];
	}
	r->weight[r->n] = (uint64_t)(reserved < all ? all - reserved : 0);
	attrib_weight_fit(r->weight, r->n + 1);
	for (size_t i = 0; i < u->n_rows; i++) {
		const struct reservation key = { .cgroup_id = u->rows[i].cgroup_id,
						 .v1 = u->rows[i].flags & JT_CELL_V1_CGRP };
		const struct reservation *found =
			bsearch(&key, r->one, r->n, sizeof(*r->one), compare);

		r->of_row[i] = found ? (size_t)(found - r->one) + 1 : 0;
	}
}

uint64_t reservations_split(struct reservations *r, uint64_t uj, const size_t *active,
			    const uint64_t *weight, size_t n_active, uint64_t *ret_active)
{
	memset(ret_active, 0, n_active * sizeof(*ret_active));
	if (r->n == 0 || attrib_split(uj, r->weight, r->n + 1, r->share))
		return uj;
	for (size_t i = 0; i < r->n; i++)
		r->one[i].sum = r->one[i].upto = r->one[i].given = 0;
	for (size_t k = 0; k < n_active; k++)
		if (r->of_row[active[k]])
			r->one[r->of_row[active[k]] - 1].sum += weight[k];
	for (size_t k = 0; k < n_active; k++) {
		size_t at = r->of_row[active[k]];
		struct reservation *one = &r->one[at ? at - 1 : 0];
		uint64_t upto;

		if (!at || weight[k] == 0)
			continue;
		one->upto += weight[k];
		upto = (uint64_t)((jt_product)r->share[at - 1] * one->upto / one->sum);
		ret_active[k] = upto - one->given;
		one->given = upto;
	}
	return r->share[r->n];
}
