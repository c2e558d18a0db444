/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* domains.c - see domains.h. */
#include "power/domains.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jouletrail/shared.h"

/* 95 % half-widths of the gain; docs/power.md, "Uncertainty of RAPL". */
#define GAIN_PACKAGE 0.05
#define GAIN_DRAM    0.20

enum energy_domain_kind domains_kind(const char *zone_name)
{
	static const struct {
		const char *name;
		enum energy_domain_kind kind;
	} kinds[] = {
		{ "core", ENERGY_CORE },
		{ "uncore", ENERGY_UNCORE },
		{ "dram", ENERGY_DRAM },
		{ "psys", ENERGY_PSYS },
	};

	if (!strncmp(zone_name, "package-", strlen("package-")))
		return ENERGY_PACKAGE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(zone_name, kinds[i].name))
			return kinds[i].kind;
	return ENERGY_OTHER;
}

/* Name of the package zone that z is or lies in ("package-1-die-0"), or NULL. */
static const char *package_of(const struct zones *zs, const struct zone *z)
{
	for (; z; z = zones_parent(zs, z))
		if (domains_kind(z->name) == ENERGY_PACKAGE)
			return z->name;
	return NULL;
}

/* "package-1-die-0" -> 1; what has no number that is accounted apart is the machine's: -1. */
static int package_number(const char *package)
{
	unsigned int n;

	if (!package || sscanf(package, "package-%3u", &n) != 1 || n >= JT_MAX_PACKAGES)
		return -1;
	return (int)n;
}

int domains_find(const struct energy *e, const char *name)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (!strcmp(e->domain[i].name, name))
			return (int)i;
	return -1;
}

void domains_describe(const struct zones *zs, const struct zone *z, struct energy_domain *ret)
{
	const char *package = package_of(zs, z);
	bool is_part =
		package && domains_kind(z->name) != ENERGY_PACKAGE && strcmp(z->name, z->id) != 0;
	double gain;

	*ret = (struct energy_domain){
		.kind = domains_kind(z->name),
		.package = package_number(package),
		.parent = -1,
		.quality = ENERGY_MEASURED,
		.factor = "rapl_gain",
	};
	/* "dram" in "package-1-die-0" -> "dram-1-die-0" */
	snprintf(ret->name, sizeof(ret->name), "%s%s", z->name,
		 is_part ? package + strlen("package") : "");
	snprintf(ret->source, sizeof(ret->source), "powercap %s (%s)", z->id, z->name);
	gain = log1p(ret->kind == ENERGY_DRAM ? GAIN_DRAM : GAIN_PACKAGE) / QUANT_Z95;
	ret->systematic = (struct quant_sides){ gain, gain };
}

void domains_build_tree(struct energy *e, size_t first, bool psys_instead)
{
	int psys = domains_find(e, "psys");

	for (size_t i = first; i < e->n_domains; i++) {
		struct energy_domain *d = &e->domain[i];

		if (d->kind == ENERGY_CORE || d->kind == ENERGY_UNCORE) {
			const char *dash = strchr(d->name, '-');
			char package[ENERGY_NAME_LEN + 8];

			snprintf(package, sizeof(package), "package%s", dash ? dash : "");
			d->parent = domains_find(e, package);
		} else if (d->kind != ENERGY_PSYS) {
			d->parent = psys;
		}
		d->counted = psys_instead ? (int)i == psys
					  : d->kind == ENERGY_PACKAGE || d->kind == ENERGY_DRAM;
	}
}
