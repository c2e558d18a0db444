/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site_options.h - what a site and a machine add to energy x intensity, in the same words. */
#ifndef CLI_SITE_OPTIONS_H
#define CLI_SITE_OPTIONS_H

#include <stdbool.h>

#include "base/why.h"
#include "cli/options.h"
#include "export/export.h"
#include "types/site.h"

/* As given; NULL = not. */
struct site_options {
	const char *pue;
	const char *embodied;
	const char *share;
	const char *water;
	const char *sci_per;
};

#define SITE_ROW(type_, field_, name_, arg_, help_)                                        \
	{                                                                                  \
		.name = (name_), .type = OPTION_STRING, .offset = offsetof(type_, field_), \
		.arg = (arg_), .help = (help_)                                             \
	}

/* The rows, for a table over type_ whose member member_ is a struct site_options. */
#define SITE_ROWS(type_, member_)                                                                 \
	SITE_ROW(type_, member_.pue, "pue", "PUE", "the site's: 1.2, 1.2:1.1:1.4, on-prem, aws"), \
		SITE_ROW(type_, member_.embodied, "embodied", "HOST",                             \
			 "what building it took: server, aws:c5.large"),                          \
		SITE_ROW(type_, member_.share, "share", "PART",                                   \
			 "of the machine that was reserved: 0.25 (1)"),                           \
		SITE_ROW(type_, member_.water, "water", "L/KWH",                                  \
			 "litres of water per kWh of the site")

/* Where there is something to divide by. */
#define SCI_ROW(type_, member_) \
	SITE_ROW(type_, member_.sci_per, "sci-per", "UNIT=N", "SCI score: request=1200")

bool site_options_any(const struct site_options *o);

/*
 * PUE is 1 where none is given and the zone (NULL = none) is no cloud region, which brings its own.
 * Returns 0; -EINVAL with why; -ENOENT for a host that is not known.
 */
int site_options_terms(const struct site_options *o, const char *zone, struct site_terms *ret,
		       struct why *why);

/* "request=1200"; without the option units 0. 0, or -EINVAL with why. */
int site_options_sci(const struct site_options *o, struct export_site *ret, struct why *why);

/* Both for a command. False: it has been said why not, and *ret_code is the exit code. */
bool site_options_begin(const struct site_options *o, const char *command, const char *zone,
			struct export_site *ret, int *ret_code);

/*
 * The terms applied to energy that was measured, with the carbon in it (PUE 1), over that time.
 * Their figures are known where that can be done.
 */
void site_apply(const struct quant_interval_u64 *energy_uj,
		const struct quant_interval_u64 *co2e_ug, uint64_t duration_ns,
		struct export_site *ret);

#endif /* CLI_SITE_OPTIONS_H */
