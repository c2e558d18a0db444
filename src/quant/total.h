/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * total.h - records added up: energy, the carbon in it, and their uncertainty.
 *
 * What is systematic in a record (meter, model, attribution) adds linearly over records, what is
 * random in quadrature. The intensity of a zone is one draw for all its records; zones are
 * independent. An annual mean that stands for a moment weighs less the longer the time is. All in
 * ln space per side (quant/value.h). Source: docs/method.md, "Sums over records".
 */
#ifndef QUANT_TOTAL_H
#define QUANT_TOTAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quant/value.h"

/* A zone's part in a total: one draw of its intensity for all its records. Zero-initialise. */
struct quant_zone {
	double co2e_ug;
	struct quant_sides linear; /* Σ c·σ */
};

/* What the figures of one record have in common. */
struct quant_common {
	double random; /* relative sd of the meters' counters */
	struct quant_sides intensity;
	bool annual; /* the intensity is an annual mean that stands for a moment */
};

/* Figures that are being added up. Zero-initialise. */
struct quant_total {
	uint64_t energy_uj;
	uint64_t co2e_ug;
	uint64_t n;			  /* records */
	uint64_t time_ns;		  /* that they are spread over: the caller's */
	struct quant_sides energy_linear; /* Σ e·σ */
	double energy_var;		  /* Σ (e·r)² */
	struct quant_sides co2e_linear;	  /* Σ c·σ of the energy in it */
	double co2e_var;
	double co2e_annual; /* µg that rest on an annual mean */
};

/*
 * From integers as records have them: 95 % interval of the intensity, Σ sd² of the budget's random
 * sources in ppm².
 */
void quant_common_from(const struct quant_interval_u64 *mg_per_kwh, uint64_t random_ppm2,
		       bool annual, struct quant_common *ret);

/* Adds a record's figures, given with its energy's interval, and its carbon to that of the zone. */
void quant_total_add(struct quant_total *t, const struct quant_interval_u64 *energy,
		     uint64_t co2e_ug, const struct quant_common *common, struct quant_zone *zone);

/* Adds what another total and its zone hold, but for its time. */
void quant_total_merge(struct quant_total *t, const struct quant_total *more);
void quant_zone_merge(struct quant_zone *zone, const struct quant_zone *more);

/* Ids of a total's parts: what is systematic in its energy, the moment, the zones from there on. */
enum { QUANT_TOTAL_ENERGY, QUANT_TOTAL_MOMENT, QUANT_TOTAL_ZONE };
#define QUANT_TOTAL_MAX_ZONES (QUANT_MAX_PARTS - QUANT_TOTAL_ZONE)

/* The total as values, µJ and µg; the moment is one of the time it is spread over. */
void quant_total_values(const struct quant_total *t, const struct quant_zone *zone, size_t n_zones,
			struct quant_value *ret_energy, struct quant_value *ret_co2e);

/* 95 % intervals of the total, as of quant_value_estimate(). */
void quant_total_intervals(const struct quant_total *t, const struct quant_zone *zone,
			   size_t n_zones, struct montecarlo *mc,
			   struct quant_interval_u64 *ret_energy,
			   struct quant_interval_u64 *ret_co2e);

/*
 * The intensity that it rests on as a whole: carbon by energy, with the zones' sides. Returns 0;
 * -ENODATA where there is no carbon to tell it from.
 */
int quant_total_intensity(const struct quant_total *t, const struct quant_zone *zone,
			  size_t n_zones, struct quant_interval_u64 *ret_mg_per_kwh);

#endif /* QUANT_TOTAL_H */
