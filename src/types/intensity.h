/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.h - carbon per kilowatt-hour at one place and time: what intensity/ produces. */
#ifndef TYPES_INTENSITY_H
#define TYPES_INTENSITY_H

#include <stdbool.h>
#include <stdint.h>

#define INTENSITY_ZONE_LEN 32

/* Strings are static or owned by the intensity source that filled them, and outlive the window. */
struct intensity {
	char zone[INTENSITY_ZONE_LEN]; /* "FR", "US-CA", "WORLD" */
	const char *zone_name;	       /* for people */
	uint64_t mg_per_kwh;	       /* central (median) */
	uint64_t low_mg_per_kwh;       /* 95 % coverage interval of the place's mean */
	uint64_t high_mg_per_kwh;
	const char *kind;	/* "average" | "marginal" */
	const char *boundary;	/* "lifecycle" | "direct" */
	const char *accounting; /* "production", … */
	int year;
	const char *source;
	const char *licence;
	const char
		*flags; /* "estimated+filled" …, words of intensity/series.h; "" or NULL = none */
	bool is_default;     /* no zone was given: WORLD */
	bool is_annual_mean; /* stands for a moment it was not measured at: temporal part */
};

#endif /* TYPES_INTENSITY_H */
