/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* derived.h - figures that follow from a tick's sums and are kept nowhere. */
#ifndef TYPES_DERIVED_H
#define TYPES_DERIVED_H

#include "types/record.h"

/* Its part of what was attributed in t, in ppm, rounded; false where nothing was. */
bool record_allocation_ppm(const struct tick *t, const struct sample *s, uint64_t *ret);

/*
 * What the platform meter (psys) shows beyond the packages and DRAM that are counted: boards,
 * disks, losses. Nobody's, and no part of the host's energy. False where that is not known.
 */
bool record_platform_rest_uj(const struct tick *t, uint64_t *ret);

/* An energy as the mean power over so long, µW. */
struct quant_interval_u64 record_power_uw(const struct quant_interval_u64 *energy_uj, uint64_t ns);

#endif /* TYPES_DERIVED_H */
