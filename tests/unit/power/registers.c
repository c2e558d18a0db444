/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* registers.c - is every CPU's energy read from its own registers, in their own unit? */
#include "power/registers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <criterion/criterion.h>

static int of(const char *vendor, unsigned int family, unsigned int model, struct registers *r)
{
	struct cpuinfo ci = { .family = family, .model = model };

	snprintf(ci.vendor, sizeof(ci.vendor), "%s", vendor);
	return registers_of_cpu(&ci, r);
}

static int unit_of(const struct registers *r, enum energy_domain_kind kind)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->reg[i].kind == kind)
			return r->reg[i].unit;
	return -2;
}

Test(registers, the_fixed_units_of_servers)
{
	static const struct {
		unsigned int model;
		int dram, psys;
	} cases[] = {
		{ 42, -1, -1 },	 { 45, -1, -1 }, { 62, -1, -1 },  { 63, 16, -1 },  { 79, 16, -1 },
		{ 86, 16, -1 },	 { 85, 16, -1 }, { 106, 16, -1 }, { 87, 16, -1 },  { 94, -1, -1 },
		{ 151, -1, -1 }, { 143, -1, 0 }, { 207, -1, 0 },  { 173, -1, -1 },
	};
	struct registers r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_assert_eq(of("GenuineIntel", 6, cases[i].model, &r), 0, "%u", cases[i].model);
		cr_expect_eq(r.unit_address, 0x606);
		cr_expect_eq(unit_of(&r, ENERGY_DRAM), cases[i].dram, "%u", cases[i].model);
		cr_expect_eq(unit_of(&r, ENERGY_PSYS), cases[i].psys, "%u", cases[i].model);
		cr_expect_eq(unit_of(&r, ENERGY_PACKAGE), -1);
	}
	cr_assert_eq(of("AuthenticAMD", 25, 17, &r), 0);
	cr_expect_eq(r.unit_address, 0xc0010299);
	cr_expect_eq(r.reg[0].address, 0xc001029b);
	cr_expect_not(r.by_die);
	cr_assert_eq(of("HygonGenuine", 24, 1, &r), 0);
	/* Atoms that count otherwise, CPUs that do not count, and others. */
	cr_expect_eq(of("GenuineIntel", 6, 76, &r), -ENODEV);
	cr_expect_eq(of("GenuineIntel", 6, 26, &r), -ENODEV);
	cr_expect_eq(of("GenuineIntel", 15, 6, &r), -ENODEV);
	cr_expect_eq(of("AuthenticAMD", 21, 1, &r), -ENODEV);
	cr_expect_eq(of("", 0, 0, &r), -ENODEV);
}

Test(registers, counts_and_their_period)
{
	cr_expect_eq(registers_unit(0xa0e03), 14);
	cr_expect_eq(registers_unit(0xa1003), 16);
	cr_expect_eq(registers_uj(1U << 16, 16), 1000000);
	cr_expect_eq(registers_uj(1, 14), 61);
	cr_expect_eq(registers_uj(3, 0), 3000000);
	cr_expect_eq(registers_range_uj(16), UINT64_C(65536000000));
	cr_expect_eq(registers_range_uj(14), UINT64_C(262144000000));
	for (unsigned int unit = 0; unit < 32; unit++) {
		/* The period is 2^32 counts exactly: no wrap is short or long by a microjoule. */
		cr_expect_eq(registers_range_uj(unit) << unit, UINT64_C(4294967296000000));
		cr_expect_lt(registers_uj(UINT32_MAX, unit), registers_range_uj(unit));
	}
}
