/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sources.h - the sources of an energy's uncertainty by name, summed over records. */
#ifndef QUANT_SOURCES_H
#define QUANT_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What finds no room is with the last. */
#define QUANT_MAX_SOURCES 12

/* Zero-initialise. */
struct quant_sources {
	size_t n;
	struct quant_source {
		char name[32];
		bool is_random;
		double sum; /* Σ e·sd, of a random one Σ (e·sd)², µJ */
	} source[QUANT_MAX_SOURCES];
};

/* A source of that relative sd in a record of that energy. */
void quant_sources_add(struct quant_sources *s, const struct quant_source *source, uint64_t sd_ppm,
		       uint64_t energy_uj);

/* Relative sd of source i in all that energy, 0 in none: in ppm, rounded down. */
uint64_t quant_sources_ppm(const struct quant_sources *s, size_t i, uint64_t energy_uj);

#endif /* QUANT_SOURCES_H */
