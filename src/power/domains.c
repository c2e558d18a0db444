/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* domains.c - see domains.h. */
#include "power/domains.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jouletrail/shared.h"
#include "jouletrail/units.h"

/* 95 % half-widths of the gain; docs/power.md, "Uncertainty of RAPL". */
#define GAIN_PACKAGE 0.05
#define GAIN_DRAM    0.20

/* The largest CPU packages of 2025 have a TDP of 500 W. */
#define MOST_PACKAGE_UW (1000 * JT_UW_PER_W)
#define MOST_DRAM_UW	(500 * JT_UW_PER_W)
#define MOST_PSYS_UW	(4000 * JT_UW_PER_W)

#define INSIDE_PACKAGE "inside its package"
#define CONTAINS_ALL   "contains packages that are counted"
#define NOT_KNOWN      "not known what it is part of"
#define PSYS_INSTEAD   "psys is counted, as no package can be read"
#define COVERED	       "another meter's domain covers it"

static const struct {
	const char *name;
	enum energy_domain_kind kind;
} kinds[] = {
	{ "core", ENERGY_CORE },
	{ "uncore", ENERGY_UNCORE },
	{ "dram", ENERGY_DRAM },
	{ "psys", ENERGY_PSYS },
};

enum energy_domain_kind domains_kind(const char *zone_name)
{
	if (!strncmp(zone_name, "package-", strlen("package-")))
		return ENERGY_PACKAGE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(zone_name, kinds[i].name))
			return kinds[i].kind;
	return ENERGY_OTHER;
}

bool domains_is_part_of_host(enum energy_domain_kind kind)
{
	return kind == ENERGY_PACKAGE || kind == ENERGY_DRAM || kind == ENERGY_PSYS;
}

uint64_t domains_most_power_uw(enum energy_domain_kind kind)
{
	return kind == ENERGY_DRAM   ? MOST_DRAM_UW
	       : kind == ENERGY_PSYS ? MOST_PSYS_UW
				     : MOST_PACKAGE_UW;
}

/* All but name and source. */
static void fill(enum energy_domain_kind kind, int package, struct energy_domain *ret)
{
	bool dram = kind == ENERGY_DRAM;
	double gain = log1p(dram ? GAIN_DRAM : GAIN_PACKAGE) / QUANT_Z95;

	*ret = (struct energy_domain){
		.kind = kind,
		/* What has no number that is accounted apart is the machine's. */
		.package = package < JT_MAX_PACKAGES ? package : -1,
		.parent = -1,
		.quality = ENERGY_MEASURED,
		.factor = "rapl_gain",
		.systematic = { gain, gain },
	};
	/* DRAM errs by its own offset; under one name the package would get its width. */
	if (dram)
		memcpy(ret->factor, "rapl_dram_gain", sizeof("rapl_dram_gain"));
}

void domains_fill(enum energy_domain_kind kind, int package, int die, struct energy_domain *ret)
{
	const char *stem = "package";
	char place[32] = "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].kind == kind)
			stem = kinds[i].name;
	fill(kind, kind == ENERGY_PSYS ? -1 : package, ret);
	if (kind != ENERGY_PSYS && package >= 0 && die >= 0)
		snprintf(place, sizeof(place), "-%d-die-%d", package, die);
	else if (kind != ENERGY_PSYS && package >= 0)
		snprintf(place, sizeof(place), "-%d", package);
	snprintf(ret->name, sizeof(ret->name), "%s%.24s", stem, place);
}

/* Name of the package zone that z is or lies in ("package-1-die-0"), or NULL. */
static const char *package_of(const struct zones *zs, const struct zone *z)
{
	for (; z; z = zones_parent(zs, z))
		if (domains_kind(z->name) == ENERGY_PACKAGE)
			return z->name;
	return NULL;
}

/* "package-1-die-0" -> 1; -1 = none. */
static int package_number(const char *package)
{
	unsigned int n;

	return package && sscanf(package, "package-%3u", &n) == 1 ? (int)n : -1;
}

void domains_describe(const struct zones *zs, const struct zone *z, struct energy_domain *ret)
{
	const char *package = package_of(zs, z);
	bool is_part =
		package && domains_kind(z->name) != ENERGY_PACKAGE && strcmp(z->name, z->id) != 0;

	fill(domains_kind(z->name), package_number(package), ret);
	/* "dram" in "package-1-die-0" -> "dram-1-die-0" */
	snprintf(ret->name, sizeof(ret->name), "%s%s", z->name,
		 is_part ? package + strlen("package") : "");
	snprintf(ret->source, sizeof(ret->source), "powercap %s (%s)", z->id, z->name);
}

int domains_find(const struct energy *e, size_t first, const char *name)
{
	for (size_t i = first; i < e->n_domains; i++)
		if (!strcmp(e->domain[i].name, name))
			return (int)i;
	return -1;
}

static int find_psys(const struct energy *e, size_t first)
{
	for (size_t i = first; i < e->n_domains; i++)
		if (e->domain[i].kind == ENERGY_PSYS)
			return (int)i;
	return -1;
}

/* Why a domain of a meter of its own is not part of the host's total; NULL = it is. */
static const char *why_not(enum energy_domain_kind kind, bool psys_instead)
{
	switch (kind) {
	case ENERGY_CORE:
	case ENERGY_UNCORE:
		return INSIDE_PACKAGE;
	case ENERGY_PSYS:
		return psys_instead ? NULL : CONTAINS_ALL;
	case ENERGY_OTHER:
		return NOT_KNOWN;
	default:
		return psys_instead ? PSYS_INSTEAD : NULL;
	}
}

void domains_build_tree(struct energy *e, size_t first, bool psys_instead)
{
	int psys = find_psys(e, first);

	for (size_t i = first; i < e->n_domains; i++) {
		struct energy_domain *d = &e->domain[i];

		if (d->kind == ENERGY_CORE || d->kind == ENERGY_UNCORE) {
			const char *dash = strchr(d->name, '-');
			char package[ENERGY_NAME_LEN + 8];

			snprintf(package, sizeof(package), "package%s", dash ? dash : "");
			d->parent = domains_find(e, first, package);
		} else if (d->kind != ENERGY_PSYS) {
			d->parent = psys;
		}
		d->why_not = why_not(d->kind, psys_instead);
		d->counted = !d->why_not;
	}
}

/* Whether the two, each part of a host's total, have energy in common. */
static bool overlap(const struct energy_domain *a, const struct energy_domain *b)
{
	if (a->kind == ENERGY_PSYS || b->kind == ENERGY_PSYS)
		return true;
	if (a->kind == ENERGY_GPU)
		return false;
	return a->kind == b->kind && (a->package == b->package || a->package < 0 || b->package < 0);
}

static bool is_covered(const struct energy *e, size_t first, const struct energy_domain *d)
{
	for (size_t i = 0; i < first; i++)
		if (e->domain[i].counted && overlap(&e->domain[i], d))
			return true;
	return false;
}

size_t domains_join(struct energy *e, size_t first, const char *meter)
{
	size_t n_counted = 0;

	for (size_t i = first; i < e->n_domains; i++) {
		struct energy_domain *d = &e->domain[i];
		int same = domains_find(e, 0, d->name);

		if (same >= 0 && (size_t)same < first) {
			char name[ENERGY_NAME_LEN];

			snprintf(name, sizeof(name), "%.20s-%.10s", d->name, meter);
			memcpy(d->name, name, sizeof(name));
		}
		if (d->counted && is_covered(e, first, d)) {
			d->counted = false;
			d->why_not = COVERED;
		}
		n_counted += d->counted;
	}
	return n_counted;
}
