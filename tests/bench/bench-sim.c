/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-sim.c - coverage of the intervals on synthetic machines whose truth is known: inside what
 * is declared (with a target), and outside of it (as it comes). And the error of each model.
 */
#include "figure.h"
#include "sim/cases.h"

#define N_RUNS 10000

static void within(const char *of, const char *name, double part)
{
	char line[96];

	snprintf(line, sizeof(line), "sim.%s.%s", of, name);
	figure_line(line, 100 * part, "%", "93 … 97", part >= 0.93 && part <= 0.97);
}

static void info(const char *of, const char *name, double value, const char *unit)
{
	char line[96];

	snprintf(line, sizeof(line), "sim.%s.%s", of, name);
	figure_info(line, value, unit);
}

int main(void)
{
	for (size_t i = 0; i < SIM_N(sim_inside); i++) {
		struct sim_coverage c = sim_cover(&sim_inside[i], 100000, N_RUNS);

		within("inside.energy", sim_inside[i].name, c.first);
		within("inside.co2e", sim_inside[i].name, c.first_co2e);
		within("inside.host", sim_inside[i].name, c.host);
	}
	for (size_t i = 0; i < SIM_N(sim_outside); i++) {
		struct sim_coverage c = sim_cover(&sim_outside[i], 100000, N_RUNS);

		info("outside.energy", sim_outside[i].name, 100 * c.first, "%");
		info("outside.mean_abs_error", sim_outside[i].name, 100 * c.mean_abs_error, "%");
	}
	return 0;
}
