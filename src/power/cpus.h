/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpus.h - the table of CPUs and what they draw: src/power/cpus.tsv, which names the sources. */
#ifndef POWER_CPUS_H
#define POWER_CPUS_H

#include <stddef.h>
#include <stdint.h>

#include "power/cpuinfo.h"

enum cpu_kind { CPU_MODEL, CPU_UARCH, CPU_GENERIC };

/* 0 is unknown. */
struct cpu_row {
	enum cpu_kind kind;
	const char *key;   /* CPU_MODEL: a normalised name; else a name for people */
	const char *cpuid; /* CPU_UARCH: "vendor:family:model-model:stepping-stepping:word" */
	uint32_t tdp_mw;   /* of the package */
	uint32_t cores;
	uint32_t threads; /* of the package */
	/* Whole server at the wall, per hardware thread. */
	uint32_t idle_mw;
	uint32_t idle_low_mw;
	uint32_t idle_high_mw;
	uint32_t max_mw;
	uint32_t max_low_mw;
	uint32_t max_high_mw;
	uint32_t n;	    /* systems measured */
	const char *source; /* letters explained in cpus.tsv */
};

/* All rows, to walk. */
const struct cpu_row *cpus_table(size_t *ret_n);

/* The model of that name, or NULL. name is as in /proc/cpuinfo. */
const struct cpu_row *cpus_find_model(const char *name);

/* The microarchitecture by vendor, family, model, stepping and a word of the name, or NULL. */
const struct cpu_row *cpus_find_uarch(const struct cpuinfo *ci);

/* For a CPU that is neither. Never NULL. */
const struct cpu_row *cpus_generic(void);

#endif /* POWER_CPUS_H */
