/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.h - grams of CO2e per kilowatt-hour for a place and a moment. */
#ifndef INTENSITY_INTENSITY_H
#define INTENSITY_INTENSITY_H

#include <stddef.h>

#include "base/why.h"
#include "types/intensity.h"

/*
 * The annual-mean average intensity of a zone from the embedded table (docs/data-sources.md).
 *
 * zone  "FR", "US-CA", "WORLD", "aws:eu-west-3" (case does not matter); NULL or "" = WORLD, with
 *       is_default set: the caller says so to its user
 *
 * Returns 0, or -ENOENT: why names near misses and how to list zones.
 */
int intensity_lookup(const char *zone, struct intensity *ret, struct why *why);

/*
 * The marginal intensity: what one more kWh causes, by UNFCCC's operating margin. Another signal
 * than the average, direct emissions, low and high a range over models without a claim of coverage.
 * A cloud region has that of its zone, a part of a country ("US-CA") that of the country: ret->zone
 * says which it is. Returns 0; -ENOENT as above; -ENODATA where there is none (WORLD).
 */
int intensity_lookup_marginal(const char *zone, struct intensity *ret, struct why *why);

/* The zone that a cloud region lies in; NULL for any other. */
const char *intensity_within(const char *zone);

/* The embedded table, for listing: row i of intensity_n_zones(), of either kind. */
size_t intensity_n_zones(void);
void intensity_zone(size_t i, struct intensity *ret);

/* SHA-256 (lower-case hex) of the table's source file, for the ledger's open record. */
extern const char intensity_table_sha256[];

#endif /* INTENSITY_INTENSITY_H */
