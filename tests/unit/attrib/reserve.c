/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.c - is what cgroups reserve of the CPUs worked out, and paid for whether they ran? */
#include <criterion/criterion.h>

#include "attrib/attrib.h"
#include "attrib/reserve.h"
#include "unit/machine.h"

#define MAX_N 40

Test(reserve, quotas_first_then_weights)
{
	const struct reserve_claim claim[] = {
		{ .quota_ucpu = 1500000, .weight = 100 },
		{ .weight = 100 },
		{ .weight = 300 },
		{ 0 },
	};
	uint64_t ucpu[4];

	attrib_reserve(claim, 4, 4, ucpu);
	cr_assert_eq(ucpu[0], 1500000);
	cr_assert_eq(ucpu[1], 625000);
	cr_assert_eq(ucpu[2], 1875000);
	cr_assert_eq(ucpu[3], 0);
}

Test(reserve, more_promised_than_there_is_is_cut_in_proportion)
{
	const struct reserve_claim claim[] = { { .quota_ucpu = 6000000 },
					       { .quota_ucpu = 2000000 },
					       { .weight = 100 } };
	uint64_t ucpu[3];

	attrib_reserve(claim, 3, 2, ucpu);
	cr_assert_eq(ucpu[0], 1500000);
	cr_assert_eq(ucpu[1], 500000);
	cr_assert_eq(ucpu[2], 0);
}

Test(reserve, without_weights_the_rest_is_nobodys)
{
	const struct reserve_claim claim[] = { { .quota_ucpu = 500000 }, { 0 } };
	uint64_t ucpu[2];

	attrib_reserve(claim, 2, 2, ucpu);
	cr_assert_eq(ucpu[0], 500000);
	cr_assert_eq(ucpu[1], 0);
	attrib_reserve(NULL, 0, 2, NULL);
}

/* Whatever the claims are: no more than the machine, and all of it where somebody has a weight. */
Test(reserve, never_more_than_the_machine)
{
	struct random_source r = { .seed = 70 };

	for (int i = 0; i < 20000; i++) {
		struct reserve_claim claim[MAX_N];
		size_t n = 1 + random_below(&r, MAX_N);
		unsigned int n_cpus = 1 + (unsigned int)random_below(&r, 512);
		uint64_t ucpu[MAX_N], sum = 0;
		bool weighted = false;

		for (size_t k = 0; k < n; k++) {
			claim[k] = (struct reserve_claim){
				.quota_ucpu = random_below(&r, 3) ? 0 : random_any_size(&r),
				.weight = random_below(&r, 4) ? random_any_size(&r) : 0,
			};
			weighted |= claim[k].weight > (UINT64_C(1) << 8) || claim[k].quota_ucpu;
		}
		attrib_reserve(claim, n, n_cpus, ucpu);
		for (size_t k = 0; k < n; k++) {
			cr_assert(ucpu[k] <= n_cpus * UINT64_C(1000000) - sum, "case %d", i);
			sum += ucpu[k];
		}
		cr_assert(!weighted || sum > 0, "case %d", i);
	}
}

static struct machine m;
static struct attrib *a;
static const struct shares *s;

static void setup(void)
{
	struct method method = METHOD_DEFAULT;

	method.idle_policy = METHOD_RESERVED;
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &method, &a), 0);
	machine_init(&m, 1);
}

static void teardown(void)
{
	attrib_free(a);
}

static void reserved(uint64_t cgroup_id, uint64_t ucpu)
{
	struct usage_row *row = machine_row(&m, 0, 0, 0);

	row->cgroup_id = cgroup_id;
	row->flags = USAGE_ROW_RESERVED;
	row->reserved_ucpu = ucpu;
}

/* 4 CPUs, of which cgroup 101 has one, 102 two; one is nobody's. */
Test(reserve, idle_is_paid_by_who_reserves, .init = setup, .fini = teardown)
{
	machine_row(&m, 1, 0, 300); /* cgroup 101 */
	machine_row(&m, 6, 0, 100); /* 101 too */
	machine_row(&m, 3, 0, 600); /* 103, reserves nothing */
	reserved(101, 1000000);
	reserved(102, 2000000);
	machine_domain(&m, 0, 14000, 4000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[0].energy_uj, 3000 + 750);
	cr_expect_eq(s->rows[1].energy_uj, 1000 + 250);
	cr_expect_eq(s->rows[2].energy_uj, 6000);
	cr_expect_eq(s->rows[3].energy_uj, 0, "its tasks pay");
	cr_expect_eq(s->rows[4].energy_uj, 2000, "it never ran");
	cr_expect_eq(s->host.idle_uj, 1000);
	cr_expect_eq(s->host.static_uj, 4000);
	cr_expect_eq(s->host.attributed_uj, 13000);
	/* By use it would be 3 : 1 : 6 of the same 3000. */
	cr_expect_eq(s->rows[2].model_uj[SHARES_BY_PROPORTIONAL], 1800);
	cr_expect_eq(s->rows[4].model_uj[SHARES_BY_PROPORTIONAL], -2000);
}

Test(reserve, nobody_reserves_and_idle_is_idle, .init = setup, .fini = teardown)
{
	machine_row(&m, 1, 0, 300);
	machine_domain(&m, 0, 14000, 4000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->host.idle_uj, 4000);
	cr_expect_eq(s->rows[0].energy_uj, 10000);
}

Test(reserve, nobody_ran_and_who_reserves_pays, .init = setup, .fini = teardown)
{
	reserved(101, 4000000);
	machine_domain(&m, 0, 14000, 4000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[0].energy_uj, 4000);
	cr_expect_eq(s->host.idle_uj, 0);
	cr_expect_eq(s->host.unattributed_by_uj[SHARES_NOBODY_RAN], 10000);
}

/* A cgroup of v1 and one of v2 may have the same id. */
Test(reserve, hierarchies_are_told_apart, .init = setup, .fini = teardown)
{
	machine_row(&m, 1, 0, 100);
	machine_row(&m, 6, 0, 100)->flags = JT_CELL_V1_CGRP;
	reserved(101, 4000000);
	m.row[2].flags |= JT_CELL_V1_CGRP;
	machine_domain(&m, 0, 4000, 4000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[0].energy_uj, 0);
	cr_expect_eq(s->rows[1].energy_uj, 4000);
}
