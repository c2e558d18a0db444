/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.c - the embedded table of annual means, looked up by zone. */
#include "intensity/intensity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "intensity/near.h"

#define DEFAULT_ZONE "WORLD"
#define MAX_NEAR     6

/* The columns of zones.tsv, in their order. Sorted by zone, case ignored, then by kind. */
static const struct row {
	const char *zone;
	const char *name;
	const char *kind;
	uint64_t mg_per_kwh;
	uint64_t low_mg_per_kwh;
	uint64_t high_mg_per_kwh;
	const char *boundary;
	const char *accounting;
	int year;
	const char *source;
	const char *licence;
	const char *within; /* of a cloud region: the zone it lies in */
} rows[] = {
#include "intensity/zones.inc"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const char intensity_table_sha256[] = ZONES_SHA256;

size_t intensity_n_zones(void)
{
	return N_ROWS;
}

void intensity_zone(size_t i, struct intensity *ret)
{
	const struct row *r = &rows[i];

	*ret = (struct intensity){
		.zone_name = r->name,
		.mg_per_kwh = r->mg_per_kwh,
		.low_mg_per_kwh = r->low_mg_per_kwh,
		.high_mg_per_kwh = r->high_mg_per_kwh,
		.kind = r->kind,
		.boundary = r->boundary,
		.accounting = r->accounting,
		.year = r->year,
		.source = r->source,
		.licence = r->licence,
		.is_annual_mean = true,
	};
	snprintf(ret->zone, sizeof(ret->zone), "%s", r->zone);
}

/* What is looked for. */
struct wanted {
	const char *zone;
	const char *kind;
};

static int compare_zone(const void *key, const void *element)
{
	const struct wanted *w = key;
	const struct row *r = element;
	int order = strcasecmp(w->zone, r->zone);

	return order ? order : strcmp(w->kind, r->kind);
}

static const struct row *find(const char *zone, const char *kind)
{
	const struct wanted w = { zone, kind };

	return bsearch(&w, rows, N_ROWS, sizeof(rows[0]), compare_zone);
}

/* Zones near to the word, nearest first, each with a blank before; nothing where none is. */
static void put_near(struct buf *out, const char *word)
{
	unsigned int n = 0;

	for (unsigned int distance = 0; distance <= NEAR_MAX && n < MAX_NEAR; distance++) {
		for (size_t i = 0; i < N_ROWS && n < MAX_NEAR; i++) {
			if (near_distance(word, rows[i].zone, rows[i].name) != distance ||
			    (i && !strcmp(rows[i].zone, rows[i - 1].zone)))
				continue;
			buf_printf(out, " %s", rows[i].zone);
			n++;
		}
	}
}

static int unknown_zone(const char *zone, struct why *why)
{
	struct buf near = { 0 };
	int err;

	put_near(&near, zone);
	err = why_set(why, -ENOENT, "unknown zone '%.40s'%s%s; list: jouletrail intensity list",
		      zone, near.len ? ": near:" : "", near.len ? near.data : "");
	buf_free(&near);
	return err;
}

int intensity_lookup(const char *zone, struct intensity *ret, struct why *why)
{
	bool is_default = !zone || !*zone;
	const struct row *r = find(is_default ? DEFAULT_ZONE : zone, "average");

	if (!r)
		return unknown_zone(zone, why);
	intensity_zone((size_t)(r - rows), ret);
	ret->is_default = is_default;
	return 0;
}

/* "US-CA" is in "US", as ISO 3166-2 has it; anything else in nothing. */
static void country_of(const char *zone, char ret[3])
{
	bool is_part = strlen(zone) > 3 && zone[2] == '-';

	snprintf(ret, 3, "%s", is_part ? zone : "");
}

int intensity_lookup_marginal(const char *zone, struct intensity *ret, struct why *why)
{
	const struct row *average = find(zone, "average");
	const char *place = average && average->within ? average->within : zone;
	const struct row *r = find(place, "marginal");
	char country[3];

	country_of(place, country);
	if (!r)
		r = find(country, "marginal");
	if (!r && !average)
		return unknown_zone(zone, why);
	if (!r)
		return why_set(why, -ENODATA, "no marginal figure is known for %s", zone);
	intensity_zone((size_t)(r - rows), ret);
	return 0;
}

const char *intensity_within(const char *zone)
{
	const struct row *r = find(zone, "average");

	return r ? r->within : NULL;
}
