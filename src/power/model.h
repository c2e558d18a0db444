/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.h - power of a CPU package by its name and load; the formula is in docs/power.md. */
#ifndef POWER_MODEL_H
#define POWER_MODEL_H

#include <stdbool.h>

#include "power/cpus.h"
#include "quant/interval.h"
#include "types/energy.h"

/* Near idle, load says little of power: what a machine draws there may be a tenth of anything. */
#define MODEL_LOW_PPM	 30000
#define MODEL_LOADED_PPM 100000

/* One package of this machine, or the part of one that a guest has. */
struct model_cpu {
	uint64_t idle_uw;
	uint64_t max_uw;
	struct quant_sides sides;     /* at MODEL_LOADED_PPM busy and more */
	struct quant_sides low_sides; /* at MODEL_LOW_PPM and less */
	/* > 0: idle and max are measured, with this relative sd; sides are of what is above idle */
	double measured_sd;
	bool whole_server; /* RAM and power supply are inside */
	char source[ENERGY_SOURCE_LEN];
};

/*
 * The package of ci that has n_cpus CPUs: by its model's measured servers, else its model's TDP,
 * else its microarchitecture, else the generic row. A guest gets n_cpus threads' worth.
 */
void model_find_cpu(const struct cpuinfo *ci, unsigned int n_cpus, struct model_cpu *ret);

/* From row's TDP alone, whole package; row->tdp_mw > 0. */
void model_from_tdp(const struct cpu_row *row, struct model_cpu *ret);

/* Replaces what the tables say by what was measured: idle_uw and max_uw of this package. */
void model_calibrate(uint64_t idle_uw, uint64_t max_uw, unsigned int error_percent,
		     struct model_cpu *ret);

/* Sides of the package's power at that load. */
struct quant_sides model_sides(const struct model_cpu *cpu, uint64_t busy_ppm);

/* idle + (max - idle)·f(busy); busy_ppm is the share of CPU time that tasks ran, <= 10^6. */
uint64_t model_power_uw(uint64_t idle_uw, uint64_t max_uw, uint64_t busy_ppm);

#endif /* POWER_MODEL_H */
