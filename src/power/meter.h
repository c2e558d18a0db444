/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* meter.h - the ops table: a meter is one file and one row. */
#ifndef POWER_METER_H
#define POWER_METER_H

#include "base/why.h"
#include "power/power.h"

/* A row. Meters keep their state in *state, which open makes and close releases. */
struct meter_ops {
	const char *name; /* the word of --power */
	const char *about;
	/*
	 * Fills e's domains (and nothing else) and takes the first reading.
	 * Returns 0; -ENOENT: this machine has none; -errno. why: the reason and its mend.
	 */
	int (*open)(const struct power_options *o, void **ret_state, struct energy *e,
		    struct why *why);
	/* Readings, and gaps, of the window of u into e, whose reading[] and gap[] are cleared. */
	void (*read)(void *state, const struct usage *u, struct energy *e);
	/* The longest time between two reads that loses nothing; NULL = any. */
	uint64_t (*max_interval_ns)(const void *state);
	void (*close)(void *state);
};

extern const struct meter_ops meter_powercap;
extern const struct meter_ops meter_model;
extern const struct meter_ops meter_none;

/* Notes a gap over the window of u; beyond ENERGY_MAX_GAPS it is only counted. */
void meter_add_gap(struct energy *e, size_t domain, const char *reason, const struct window *w);

#endif /* POWER_METER_H */
