/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cases.h - which worlds are run: inside what is declared, outside of it, and side by side. */
#ifndef TESTS_SIM_CASES_H
#define TESTS_SIM_CASES_H

#include "attrib/spread.h"
#include "sim/world.h"

/* The gains that meters declare: docs/power.md. */
#define SIM_RAPL               \
	{                      \
		0.0249, 0.0249 \
	}
#define SIM_TENTH              \
	{                      \
		0.0486, 0.0486 \
	}
#define SIM_MODEL          \
	{                  \
		0.56, 0.38 \
	}

/* The sd that is declared of a task's watts against the rest's. */
#define SIM_ONE_THREAD	0.0526
#define SIM_SMT_PLAIN	0.2569
#define SIM_SMT_AWARE	0.0940
#define SIM_DRAM	0.5774
#define SIM_CALIBRATION 0.0486 /* ln 1.1 / z */

/* Truth and declaration are of one family: what is tested is the arithmetic, all the way. */
static const struct world_options sim_inside[] = {
	{ .name = "rapl_time", .first_sd = SIM_ONE_THREAD, .gain = SIM_RAPL, .noise_uj = 2e4 },
	{ .name = "rapl_calibrated",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .idle_sd = SIM_CALIBRATION },
	{ .name = "rapl_proportional",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .idle_sd = SIM_CALIBRATION,
	  .method = { .idle_policy = METHOD_PROPORTIONAL } },
	{ .name = "rapl_time_on_smt",
	  .first_sd = SIM_SMT_PLAIN,
	  .gain = SIM_RAPL,
	  .threads_per_core = 2 },
	{ .name = "rapl_smt",
	  .physics = WORLD_SMT,
	  .corun = 0.55,
	  .first_sd = SIM_SMT_AWARE,
	  .between_models = true,
	  .gain = SIM_RAPL,
	  .method = { .weight = JT_WEIGHT_SMT },
	  .threads_per_core = 2 },
	{ .name = "rapl_cycles",
	  .physics = WORLD_CYCLES,
	  .first_sd = SIM_ONE_THREAD,
	  .between_models = true,
	  .gain = SIM_RAPL,
	  .method = { .weight = JT_WEIGHT_CYCLES } },
	{ .name = "rapl_short_windows",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .noise_uj = 6e5 },
	{ .name = "hwmon_time", .first_sd = SIM_ONE_THREAD, .gain = SIM_TENTH, .noise_uj = 1.6e6 },
	{ .name = "platform_of_a_moment",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .kind = ENERGY_PSYS,
	  .annual = true },
	{ .name = "dram_time",
	  .first_sd = SIM_DRAM,
	  .gain = { 0.093, 0.093 },
	  .kind = ENERGY_DRAM },
	{ .name = "model_time",
	  .first_sd = SIM_SMT_PLAIN,
	  .gain = SIM_MODEL,
	  .idle_w = 30,
	  .modelled = true,
	  .threads_per_core = 2 },
	{ .name = "model_calibrated",
	  .first_sd = SIM_SMT_PLAIN,
	  .gain = SIM_TENTH,
	  .idle_w = 30,
	  .modelled = true,
	  .threads_per_core = 2 },
};

/* Truths that nobody declared: whatever comes out is reported, nothing is tuned to it. */
static const struct world_options sim_outside[] = {
	{ .name = "smt_contention_by_time",
	  .physics = WORLD_SMT,
	  .corun = 0.55,
	  .gain = SIM_RAPL,
	  .threads_per_core = 2 },
	{ .name = "smt_contention_busy_by_time",
	  .physics = WORLD_SMT,
	  .corun = 0.55,
	  .busy = 0.8,
	  .gain = SIM_RAPL,
	  .threads_per_core = 2 },
	{ .name = "smt_contention_by_smt",
	  .physics = WORLD_SMT,
	  .corun = 0.55,
	  .gain = SIM_RAPL,
	  .method = { .weight = JT_WEIGHT_SMT },
	  .threads_per_core = 2 },
	{ .name = "smt_corun_70_by_smt_55",
	  .physics = WORLD_SMT,
	  .corun = 0.70,
	  .gain = SIM_RAPL,
	  .method = { .weight = JT_WEIGHT_SMT },
	  .threads_per_core = 2 },
	{ .name = "speeds_by_time", .physics = WORLD_CYCLES, .gain = SIM_RAPL },
	{ .name = "watts_differ_by_10_percent", .every_sd = 0.10, .gain = SIM_RAPL },
	{ .name = "watts_differ_by_30_percent", .every_sd = 0.30, .gain = SIM_RAPL },
	{ .name = "watts_differ_by_30_percent_smt",
	  .physics = WORLD_SMT,
	  .corun = 0.55,
	  .every_sd = 0.30,
	  .gain = SIM_RAPL,
	  .method = { .weight = JT_WEIGHT_SMT },
	  .threads_per_core = 2 },
	{ .name = "idle_level_10_percent_high",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .idle_said = 1.1 },
	{ .name = "idle_level_half",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .idle_said = 0.5 },
	{ .name = "idle_level_half_again",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .idle_said = 1.5 },
	{ .name = "idle_level_unknown",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .method = { .static_power = METHOD_NONE } },
	{ .name = "idle_level_learnt_never_idle",
	  .first_sd = SIM_ONE_THREAD,
	  .gain = SIM_RAPL,
	  .idle_w = 20,
	  .busy = 0.3,
	  .n_windows = 60,
	  .method = { .static_power = METHOD_LEARNT } },
};

#define SIM_N(list) (sizeof(list) / sizeof((list)[0]))

/* What many runs of one world gave. */
struct sim_coverage {
	double first, first_co2e, host; /* parts of the runs whose interval holds the truth */
	double width;			/* mean of high / low of the first task's energy */
	double mean_abs_error;
};

static inline bool sim_holds(const struct quant_interval_u64 *i, double truth)
{
	return (double)i->low <= truth && truth <= (double)i->high;
}

/* Runs seeds first, first + 1, …; a stage that fails ends the program. */
static inline struct sim_coverage sim_cover(const struct world_options *o, uint64_t first, int n)
{
	struct sim_coverage c = { 0 };

	for (int i = 0; i < n; i++) {
		struct world_result r;

		if (world_run(o, first + (uint64_t)i, &r))
			abort();
		c.first += sim_holds(&r.first, r.truth_uj);
		c.first_co2e += sim_holds(&r.first_co2e, r.truth_co2e_ug);
		c.host += sim_holds(&r.host, r.host_uj);
		c.width += (double)r.first.high / fmax(1, (double)r.first.low);
		c.mean_abs_error += r.mean_abs_error;
	}
	return (struct sim_coverage){ c.first / n, c.first_co2e / n, c.host / n, c.width / n,
				      c.mean_abs_error / n };
}

#endif /* TESTS_SIM_CASES_H */
