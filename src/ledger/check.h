/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.h - is this line the rightful next record? Form, chain, clock, completeness, conservation,
 * silence and epochs.
 *
 * In two halves: what a line says by itself (facts.c), which any thread may find out for any line,
 * and what it must be after the lines before it (check.c), in their order.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "ledger/note.h"
#include "ledger/scan.h"

/* A signed sum that no 2^64 terms can overflow. */
__extension__ typedef __int128 check_wide;

enum check_kind {
	CHECK_OTHER = 0, /* of a later version, or with nothing to check */
	CHECK_OPEN,
	CHECK_TICK,
	CHECK_SAMPLE,
	CHECK_GAP,
	CHECK_KEY,
	CHECK_CLOSE,
	CHECK_ROLLUP,
};

/* One line on its own. Points into it. */
struct check_facts {
	const char *line;
	size_t len;
	const char *what;      /* what is wrong with it; NULL = nothing by itself */
	const char *canonical; /* then, where it is not canonical: at which byte, and why */
	size_t at;

	enum check_kind kind;
	uint64_t index;
	struct hash prev;
	struct hash leaf;
	uint64_t mono_us;

	/* tick, rollup: samples that follow; sample: its tick; gap: n_ticks */
	uint64_t n;
	bool missing;	    /* tick: its energy is not known; sample: a figure is null */
	uint64_t energy_uj; /* tick, rollup: the host's */
	uint64_t co2e_ug;
	check_wide energy_left_uj; /* tick: what its samples must add up to */
	check_wide co2e_left_ug;
	uint64_t begin_mono_ns; /* tick: its window */
	uint64_t end_mono_ns;

	uint64_t from;	 /* rollup: the records that it stands for are those from here */
	uint64_t to;	 /* to before here */
	uint64_t n_more; /* rollups of the same records that follow */
	uint64_t n_ticks;
};

/* What line says. Errors are in f->what; never fails otherwise. */
void check_facts(struct scan_shapes *c, const char *line, size_t len, struct check_facts *f);

/*
 * State between two lines. Zero-initialise; set origin unless it is to be learnt from line 0. Where
 * the first records were retired: base_begin().
 */
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

	/* Silence: from the end of one tick to the beginning of the next, in one run. */
	uint64_t heartbeat_us; /* as the open record says; 0 = none */
	uint64_t end_mono_ns;  /* of the last tick of this run; 0 = none yet */

	/* Epochs: the last key record. */
	bool has_epoch;
	uint64_t epoch;
	uint64_t epoch_index; /* of its record */
	struct note_verifier epoch_key;
	struct note_verifier epoch_before; /* valid where epoch > 0 */
	bool closed;			   /* the last record is a close */
	bool base_said; /* the rollup that base_leaf is of was found in the log */

	/* Rollups: each group of them goes on where the one before it ended. */
	uint64_t rolled;	 /* records that the last one stands for end here */
	uint64_t rolled_from;	 /* and begin here */
	uint64_t n_rollups_left; /* of its group still to come */

	/* Records that were retired: those before base, if base_said. */
	uint64_t base;
	uint64_t base_index; /* of the rollup that says so */
	struct hash base_leaf;

	uint64_t n_ticks;
	uint64_t n_samples;
	uint64_t n_rolled_up; /* of the ticks, those of which only a rollup is left */
	uint64_t energy_uj;   /* host totals of all ticks */
	uint64_t bad;	      /* after an error: index of the record at fault */
};

/*
 * Takes the next line by its facts. Returns 0; -EBADMSG (why says what is wrong, c->bad where; c
 * is no longer usable); -ENOMEM.
 */
int check_take(struct check *c, const struct check_facts *f, struct why *why);

/* Are all samples of the last tick there, and all rollups? Returns 0 or -EBADMSG. */
int check_complete(struct check *c, struct why *why);

#endif /* LEDGER_CHECK_H */
