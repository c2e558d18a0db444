/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site.h - what a data centre adds to a machine's energy, and what it took to build the machine. */
#ifndef CARBON_SITE_H
#define CARBON_SITE_H

#include <stdint.h>

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

/* Case does not matter; a region that is not known is its provider's. Returns 0 or -ENOENT. */
int site_pue_lookup(const char *site, struct site_pue *ret);
int site_embodied_lookup(const char *host, struct site_embodied *ret);

#endif /* CARBON_SITE_H */
