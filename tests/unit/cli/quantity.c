/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* quantity.c - are energies and powers read as people mean them? */
#include "cli/quantity.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(quantity, energies)
{
	static const struct {
		const char *text;
		uint64_t uj;
		int err;
	} cases[] = {
		{ "0.5Wh", 1800000000, 0 },
		{ "1kWh", 3600000000000, 0 },
		{ "300J", 300000000, 0 },
		{ "5 MJ", 5000000000000, 0 },
		{ "1mWh", 3600000, 0 },
		{ "1uJ", 1, 0 },
		{ "0J", 0, 0 },
		{ "1e3J", 1000000000, 0 },
		{ "2.5GJ", 2500000000000000, 0 },
		{ "5", 0, -EINVAL },
		{ "Wh", 0, -EINVAL },
		{ "-1J", 0, -EINVAL },
		{ "1kcal", 0, -EINVAL },
		{ "1 xJ", 0, -EINVAL },
		{ "1KWh", 0, -EINVAL },
		{ "3W", 0, -EINVAL },
		{ "1e30J", 0, -ERANGE },
		{ "nanJ", 0, -EINVAL },
		{ "", 0, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t uj = 0;

		cr_expect_eq(quantity_parse_energy(cases[i].text, &uj), cases[i].err, "%s",
			     cases[i].text);
		cr_expect_eq(uj, cases[i].uj, "%s: %lu", cases[i].text, uj);
	}
}

Test(quantity, powers)
{
	uint64_t uw = 0;

	cr_expect_eq(quantity_parse_power("300W", &uw), 0);
	cr_expect_eq(uw, 300000000);
	cr_expect_eq(quantity_parse_power("1.2kW", &uw), 0);
	cr_expect_eq(uw, 1200000000);
	cr_expect_eq(quantity_parse_power("300Wh", &uw), -EINVAL);
	cr_expect_eq(quantity_parse_power("300J", &uw), -EINVAL);
}
