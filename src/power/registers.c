/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* registers.c - see registers.h. */
#include "power/registers.h"

#include <errno.h>
#include <string.h>

#include "jouletrail/units.h"

/* Intel SDM vol. 4, tables of model-specific registers. */
#define INTEL_UNIT   0x606 /* MSR_RAPL_POWER_UNIT */
#define INTEL_PKG    0x611 /* MSR_PKG_ENERGY_STATUS */
#define INTEL_DRAM   0x619 /* MSR_DRAM_ENERGY_STATUS */
#define INTEL_CORES  0x639 /* MSR_PP0_ENERGY_STATUS */
#define INTEL_UNCORE 0x641 /* MSR_PP1_ENERGY_STATUS */
#define INTEL_PSYS   0x64d /* MSR_PLATFORM_ENERGY_STATUS */

/* Processor Programming Reference of family 17h: RAPL_PWR_UNIT, PKG_ENERGY_STAT. */
#define AMD_UNIT 0xc0010299
#define AMD_CORE 0xc001029a
#define AMD_PKG	 0xc001029b

/* "Intel Xeon Processor E5-1600 and E5-2600 v3 Product Families" datasheet 330784: 15.3 µJ. */
#define SERVER_DRAM_UNIT 16
/* Sapphire Rapids: 1 J. */
#define SERVER_PSYS_UNIT 0

/*
 * Models of family 6. The lists are those of rapl_model_match in Linux' arch/x86/events/rapl.c
 * (model_hsx, model_knl: Haswell, Broadwell, Skylake, Ice Lake servers, Knights Landing and Mill;
 * model_spr: Sapphire and Emerald Rapids). Atoms before Goldmont count in 2^unit µJ
 * (rapl_check_unit_atom() in drivers/powercap): left out, powercap knows them.
 */
static const unsigned int fixed_dram[] = { 63, 79, 86, 87, 133, 85, 106, 108 };
static const unsigned int fixed_psys[] = { 143, 207 };
static const unsigned int old_atoms[] = { 55, 74, 76, 77, 90, 93, 117 };

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool is_one_of(unsigned int model, const unsigned int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == model)
			return true;
	return false;
}

static void add(struct registers *r, enum energy_domain_kind kind, uint32_t address, int unit)
{
	r->reg[r->n++] = (struct energy_register){ .kind = kind, .address = address, .unit = unit };
}

static void fill_intel(unsigned int model, struct registers *ret)
{
	bool dram = is_one_of(model, fixed_dram, LENGTH(fixed_dram));
	bool psys = is_one_of(model, fixed_psys, LENGTH(fixed_psys));

	*ret = (struct registers){ .unit_address = INTEL_UNIT, .by_die = true };
	add(ret, ENERGY_PACKAGE, INTEL_PKG, -1);
	add(ret, ENERGY_CORE, INTEL_CORES, -1);
	add(ret, ENERGY_UNCORE, INTEL_UNCORE, -1);
	add(ret, ENERGY_DRAM, INTEL_DRAM, dram ? SERVER_DRAM_UNIT : -1);
	add(ret, ENERGY_PSYS, INTEL_PSYS, psys ? SERVER_PSYS_UNIT : -1);
}

static void fill_amd(struct registers *ret)
{
	*ret = (struct registers){ .unit_address = AMD_UNIT };
	add(ret, ENERGY_PACKAGE, AMD_PKG, -1);
	add(ret, ENERGY_CORE, AMD_CORE, -1);
	ret->reg[ret->n - 1].one_core = true;
}

int registers_of_cpu(const struct cpuinfo *ci, struct registers *ret)
{
	if (!strcmp(ci->vendor, "GenuineIntel") && ci->family == 6 &&
	    /* Sandy Bridge is the first. */
	    ci->model >= 42 && !is_one_of(ci->model, old_atoms, LENGTH(old_atoms))) {
		fill_intel(ci->model, ret);
		return 0;
	}
	if ((!strcmp(ci->vendor, "AuthenticAMD") && ci->family >= 0x17) ||
	    (!strcmp(ci->vendor, "HygonGenuine") && ci->family >= 0x18)) {
		fill_amd(ret);
		return 0;
	}
	return -ENODEV;
}

unsigned int registers_unit(uint64_t value)
{
	return (unsigned int)(value >> 8 & 0x1f);
}

/* 10^6 is 2^6 x 15625, so the range is exact up to a unit of 38. */
uint64_t registers_uj(uint32_t count, unsigned int unit)
{
	return (uint64_t)count * JT_UJ_PER_J >> unit;
}

uint64_t registers_range_uj(unsigned int unit)
{
	return (UINT64_C(1) << 32) * JT_UJ_PER_J >> unit;
}
