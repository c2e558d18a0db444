/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.h - is this line the rightful next record? Form, chain, clock, completeness and
 * conservation.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "ledger/note.h"

/* A signed sum that no 2^64 terms can overflow. */
__extension__ typedef __int128 check_wide;

/* State between two lines. Zero-initialise; set origin unless it is to be learnt from line 0. */
struct check {
	char origin[NOTE_ORIGIN_LEN];
	uint64_t n;	  /* lines accepted: the index the next one must have */
	struct hash prev; /* leaf of the last one */

	char boot_id[64];
	uint64_t mono_us; /* of the last one, in this boot */

	/* The tick whose samples are being read. */
	uint64_t tick;
	uint64_t n_left;	   /* samples still to come */
	bool missing;		   /* its energy is not known, so its samples' is not either */
	check_wide energy_left_uj; /* host - idle - unattributed - samples so far */
	check_wide co2e_left_ug;

	uint64_t n_ticks;
	uint64_t n_samples;
	uint64_t energy_uj; /* host totals of all ticks */
	uint64_t bad;	    /* after an error: index of the record at fault */
};

/*
 * Takes the next line. Returns 0; -EBADMSG (why says what is wrong, c->bad where; c is no longer
 * usable); -ENOMEM.
 */
int check_line(struct check *c, const char *line, size_t len, struct why *why);

/* Are all samples of the last tick there? Returns 0 or -EBADMSG. */
int check_complete(struct check *c, struct why *why);

#endif /* LEDGER_CHECK_H */
