/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.h - what sums over records read in them; the records were checked before. */
#ifndef LEDGER_FIGURES_H
#define LEDGER_FIGURES_H

#include "ledger/scan.h"
#include "quant/sources.h"
#include "quant/total.h"

/* A figure, a number or a number in quotes: 0 where the object has none. */
uint64_t figures_u64(struct scan_value object, const char *name);

/* The same of the value itself; of one that is not there 0, and false. */
uint64_t figures_number(struct scan_value v);
bool figures_text(struct scan_value v, char *ret, size_t size);

/* A time in microseconds: 0 where the object has none. */
int64_t figures_us(struct scan_value object, const char *name);

/* A name as Linux gave it, NUL-terminated and cut to fit. False where there is none. */
bool figures_bytes(struct scan_value object, const char *name, char *ret, size_t size);

/* An interval that holds its value at least, whatever is on record. */
struct quant_interval_u64 figures_interval(uint64_t value, uint64_t low, uint64_t high);

/* energy_uj of a host or a sample with that. */
struct quant_interval_u64 figures_energy(struct scan_value object);

/* mg_per_kwh with its interval, of the object that a record has as `intensity`. */
struct quant_interval_u64 figures_mg_per_kwh(struct scan_value intensity);

/* Σ sd² of the random sources in a line's budget, ppm². */
uint64_t figures_random_ppm2(struct scan_value line);

/*
 * Adds the budget of a line whose host used that much; what is of its carbon alone is left out, for
 * the intensity on record says more of it.
 */
void figures_sources(struct scan_value line, uint64_t host_uj, struct quant_sources *to);

/* What the figures of a tick, or of a rollup, have in common. */
void figures_common(struct scan_value line, struct quant_common *ret);

#endif /* LEDGER_FIGURES_H */
