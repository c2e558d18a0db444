/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.c - how far defensible splits of one domain's energy differ from each other. */
#include "attrib/spread.h"

/*
 * The figures below are published mean absolute errors; of a normal error, the standard deviation
 * is sqrt(pi/2) times that.
 */
#define SD_PER_MEAN_ABS 1.2533141373155003

/* METRION (arXiv:2512.06806), CPU-bound programs: with counters, SMT and frequency in its model. */
#define CPU_MEAN_ABS 0.042
/* The model that ignores SMT, in HaPPy (USENIX ATC 2014). */
#define CPU_SMT_MEAN_ABS 0.205
/* HaPPy's own, which counts the time with a busy sibling less. */
#define CPU_SMT_AWARE_MEAN_ABS 0.075
/*
 * Of DRAM, CPU time tells next to nothing: a task may draw anything from nothing to twice what its
 * time says. Rectangular (JCGM 100, 4.3.7): 1/sqrt(3). The best published, with counters, is 16.1 %
 * (METRION).
 */
#define DRAM_BY_TIME_SD 0.5773502691896258
/* CPU time says nothing about who used a GPU or a device: the error may be the whole share. */
#define NO_RELATION_SD 1.0

static double cpu_mean_abs(unsigned int threads_per_core, enum jt_weight weight)
{
	if (threads_per_core == 1)
		return CPU_MEAN_ABS;
	/* Cycles are counted whole by both siblings: they know no more of SMT than time does. */
	return weight == JT_WEIGHT_SMT ? CPU_SMT_AWARE_MEAN_ABS : CPU_SMT_MEAN_ABS;
}

double attrib_spread(enum energy_domain_kind kind, unsigned int threads_per_core,
		     enum jt_weight weight)
{
	switch (kind) {
	case ENERGY_PACKAGE:
	case ENERGY_CORE:
	case ENERGY_UNCORE:
	case ENERGY_PSYS:
		return SD_PER_MEAN_ABS * cpu_mean_abs(threads_per_core, weight);
	case ENERGY_DRAM:
		return DRAM_BY_TIME_SD;
	case ENERGY_GPU:
	case ENERGY_OTHER:
		break;
	}
	return NO_RELATION_SD;
}
