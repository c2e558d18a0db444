/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * site.h - what is constant of a place and of a machine, and the carbon of energy with it: what a
 * data centre adds, what it took to build the machine, water.
 */
#ifndef TYPES_SITE_H
#define TYPES_SITE_H

#include <stdint.h>

#include "quant/interval.h"

/* Power usage effectiveness of a provider, a region or a kind of site: energy over IT energy. */
struct site_pue {
	const char *site; /* "aws:eu-west-3", "aws", "on-prem", "colo", "workstation" */
	uint64_t pue_ppm; /* 1,200,000 = 1.2 */
	uint64_t low_ppm; /* 95 %, or the extremes of a provider's regions */
	uint64_t high_ppm;
	int year; /* 0 = not said */
	const char *source;
};

/* Of building a server, in g CO2e. */
struct site_embodied {
	const char
		*host; /* "server" is the generic one; "aws:c5.large": the host it runs on, whole */
	uint64_t g;
	uint64_t low_g;
	uint64_t high_g;
	int years; /* over which it is written off */
	const char *source;
};

/* What is to be applied; of IT energy x intensity nothing is changed by SITE_TERMS_NONE. */
struct site_terms {
	struct site_pue pue;	       /* 1,000,000 ppm thrice = none */
	struct site_embodied embodied; /* host NULL = left out */
	double share;		       /* of the machine that was reserved: 1 = all of it */
	double water_l_per_kwh;	       /* of the site; below 0 = not asked for */
};

#define SITE_TERMS_NONE                                                         \
	{                                                                       \
		.pue = { "none", 1000000, 1000000, 1000000, 0, "none" },        \
		.embodied = { .host = NULL }, .share = 1, .water_l_per_kwh = -1 \
	}

/* What comes of it. */
struct estimate {
	struct quant_interval_u64 energy_uj;	  /* with PUE */
	struct quant_interval_u64 operational_ug; /* energy x intensity */
	struct quant_interval_u64 embodied_ug;	  /* 0 without */
	struct quant_interval_u64 total_ug;
};

#endif /* TYPES_SITE_H */
