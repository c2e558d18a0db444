/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* registers.h - which model-specific registers count energy, by CPU, and in what unit. Pure. */
#ifndef POWER_REGISTERS_H
#define POWER_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "power/cpuinfo.h"
#include "types/energy.h"

#define REGISTERS_MAX 5

struct energy_register {
	enum energy_domain_kind kind;
	uint32_t address;
	int unit;      /* a count is 2^-unit J; -1 = as the unit register says */
	bool one_core; /* of the CPU's own core, not of all the package's */
};

struct registers {
	uint32_t unit_address;
	unsigned int unit; /* of the unit register, for the caller to fill: registers_unit() */
	bool by_die;	   /* a die has registers of its own; else a package */
	size_t n;
	struct energy_register reg[REGISTERS_MAX];
};

/* Returns 0, or -ENODEV for a CPU of which no such register is known. */
int registers_of_cpu(const struct cpuinfo *ci, struct registers *ret);

/* The energy status unit, bits 12:8 of MSR_RAPL_POWER_UNIT (Intel SDM vol. 4; AMD alike). */
unsigned int registers_unit(uint64_t value);

/* count x 2^-unit J in µJ, rounded down; the period of a 32-bit counter in µJ. */
uint64_t registers_uj(uint32_t count, unsigned int unit);
uint64_t registers_range_uj(unsigned int unit);

#endif /* POWER_REGISTERS_H */
