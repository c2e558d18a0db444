/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* quantity.c - see quantity.h. */
#include "cli/quantity.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "intensity/stamp.h"

#define MOST 9.2e18

struct unit {
	const char *name;
	double micro; /* of the base unit, J or W */
};

static const struct unit energy_units[] = { { "J", 1e6 }, { "Wh", 3.6e9 } };
static const struct unit power_units[] = { { "W", 1e6 } };

/* What a letter before the unit multiplies by; 0: it is no such letter. */
static double prefix_of(const char *text, size_t len)
{
	static const char letters[] = "umkMG";
	static const double factors[] = { 1e-6, 1e-3, 1e3, 1e6, 1e9 };
	const char *at;

	if (len == 0)
		return 1;
	at = len == 1 ? strchr(letters, text[0]) : NULL;
	return at && *at ? factors[at - letters] : 0;
}

static int parse(const char *text, const struct unit *unit, size_t n_units, uint64_t *ret)
{
	size_t n = strspn(text, "0123456789.+-eE"), len;
	double v;

	if (stamp_read_number(text, n, &v) || v < 0)
		return -EINVAL;
	text += n;
	text += strspn(text, " ");
	len = strlen(text);
	for (size_t i = 0; i < n_units; i++) {
		size_t n_name = strlen(unit[i].name);
		double factor;

		if (len < n_name || strcmp(text + len - n_name, unit[i].name) != 0)
			continue;
		factor = prefix_of(text, len - n_name);
		if (factor == 0)
			continue;
		v *= factor * unit[i].micro;
		if (v > MOST)
			return -ERANGE;
		*ret = (uint64_t)llround(v);
		return 0;
	}
	return -EINVAL;
}

int quantity_parse_energy(const char *text, uint64_t *ret_uj)
{
	return parse(text, energy_units, sizeof(energy_units) / sizeof(energy_units[0]), ret_uj);
}

int quantity_parse_power(const char *text, uint64_t *ret_uw)
{
	return parse(text, power_units, 1, ret_uw);
}
