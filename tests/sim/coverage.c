/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * coverage.c - do 95 % intervals hold the truth in 93 to 97 % of a thousand machines? 4,000 windows
 * of each world; LONG=1: twenty times that.
 */
#include <criterion/criterion.h>

#include "sim/cases.h"

static int n_runs(void)
{
	return getenv("LONG") ? 20000 : 1000;
}

Test(coverage, the_cases_declare_what_the_code_does)
{
	cr_assert_float_eq(attrib_spread(ENERGY_PACKAGE, 1, JT_WEIGHT_TIME), SIM_ONE_THREAD, 1e-4);
	cr_assert_float_eq(attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_TIME), SIM_SMT_PLAIN, 1e-4);
	cr_assert_float_eq(attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_SMT), SIM_SMT_AWARE, 1e-4);
	cr_assert_float_eq(attrib_spread(ENERGY_DRAM, 1, JT_WEIGHT_TIME), SIM_DRAM, 1e-4);
}

Test(coverage, inside_what_is_declared)
{
	for (size_t i = 0; i < SIM_N(sim_inside); i++) {
		struct sim_coverage c = sim_cover(&sim_inside[i], 1, n_runs());

		cr_expect(c.first >= 0.93 && c.first <= 0.97, "%s: a consumer's energy: %.1f %%",
			  sim_inside[i].name, 100 * c.first);
		cr_expect(c.first_co2e >= 0.93 && c.first_co2e <= 0.97,
			  "%s: a consumer's co2e: %.1f %%", sim_inside[i].name, 100 * c.first_co2e);
		cr_expect(c.host >= 0.93 && c.host <= 0.97, "%s: the host's energy: %.1f %%",
			  sim_inside[i].name, 100 * c.host);
	}
}

/* Only that it is reported at all, and that the host's total does not depend on the split. */
Test(coverage, outside_the_host_is_as_sure_as_inside)
{
	for (size_t i = 0; i < SIM_N(sim_outside); i++) {
		struct sim_coverage c = sim_cover(&sim_outside[i], 1, n_runs() / 5);

		cr_expect(c.host >= 0.90 && c.host <= 0.99, "%s: the host's energy: %.1f %%",
			  sim_outside[i].name, 100 * c.host);
	}
}

Test(coverage, the_same_seed_is_the_same_world)
{
	struct world_result a, b;

	cr_assert_eq(world_run(&sim_inside[4], 7, &a), 0);
	cr_assert_eq(world_run(&sim_inside[4], 7, &b), 0);
	cr_assert(a.truth_uj == b.truth_uj && a.host_uj == b.host_uj);
	cr_assert(a.first.value == b.first.value && a.first.low == b.first.low);
	cr_assert(a.first_co2e.high == b.first_co2e.high && a.host.low == b.host.low);
}

/* The same machines, whose siblings compete for their cores: by plain time, and by co-run. */
Test(coverage, smt_aware_is_better_where_siblings_compete)
{
	struct world_options plain = sim_outside[0], aware = plain;
	struct sim_coverage by_time, by_smt;

	aware.method.weight = JT_WEIGHT_SMT;
	by_time = sim_cover(&plain, 1, n_runs());
	by_smt = sim_cover(&aware, 1, n_runs());
	cr_expect(by_smt.mean_abs_error < by_time.mean_abs_error / 2, "%.2f %% and %.2f %%",
		  100 * by_smt.mean_abs_error, 100 * by_time.mean_abs_error);
	cr_expect(by_smt.width < by_time.width, "it is surer, too: %.2f and %.2f", by_smt.width,
		  by_time.width);
}
