/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpu.h - which CPU this is, and the row of the power table that fits it. */
#ifndef POWER_CPU_H
#define POWER_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPU_NAME_LEN 128

struct cpu {
	char name[CPU_NAME_LEN]; /* as /proc/cpuinfo has it; "" = not known */
	bool is_intel, is_amd;
	unsigned int family, model, stepping; /* CPUID; 0 where there is none */
	unsigned int n_packages;
	bool is_guest; /* the hypervisor flag is set */
};

/* Below root (NULL = "/"). Returns 0 or -errno of proc/cpuinfo. */
int cpu_read(const char *root, struct cpu *ret);

/* Lower case, without marks, clock rate and filler words: what names are compared by. */
void cpu_name_key(const char *name, char *ret, size_t size);

/* 95 % coverage around a central value, mW per hardware thread. */
struct cpu_mw {
	uint32_t low, central, high;
};

/* The kinds of rows in the table, best first. */
enum model_kind {
	MODEL_SERVER,  /* SPECpower of servers with this very CPU: whole server at the wall */
	MODEL_TDP,     /* the maker's TDP: CPU package alone */
	MODEL_UARCH,   /* SPECpower of servers with this microarchitecture */
	MODEL_GENERIC, /* SPECpower of all servers since 2017 */
};

struct model_row {
	enum model_kind kind;
	const char *name;
	uint32_t tdp_mw;	 /* of a package; MODEL_TDP only */
	uint32_t n_threads;	 /* of a package; 0 = not known */
	struct cpu_mw idle, max; /* all but MODEL_TDP */
};

/* The best row for the CPU; never NULL. */
const struct model_row *cpu_find(const struct cpu *c);

#endif /* POWER_CPU_H */
