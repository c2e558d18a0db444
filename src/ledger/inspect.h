/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* inspect.h - what a ledger's directory holds, without verifying it, and what can be mended. */
#ifndef LEDGER_INSPECT_H
#define LEDGER_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "ledger/hash.h"

struct inspect {
	bool has_checkpoint;
	char origin[160];
	uint64_t size; /* records that the checkpoint covers */
	struct hash root;
	uint64_t first; /* index of the first record: those before it were retired */
	uint64_t n_segments;
	uint64_t n_packed;
	uint64_t segment_bytes;
	uint64_t n_kept; /* checkpoints */
	bool held;	 /* a writer has it now */
};

/* Returns 0; -ENOENT for what is no ledger; -errno, with why. */
int inspect_run(const char *dir, struct inspect *ret, struct why *why);

struct inspect_mended {
	uint64_t size;	  /* records hashed again */
	uint64_t n_aside; /* segments that are no part of the log: moved to aside/ */
	uint64_t n_tiles; /* leaves of which the tiles were made anew; 0 = records were retired */
};

/*
 * Makes what is derived anew and moves away what is no part of the log. Records are never touched:
 * where they are not what was signed, -EBADMSG and nothing is changed. -EBUSY: a writer has it.
 */
int inspect_repair(const char *dir, struct inspect_mended *ret, struct why *why);

#endif /* LEDGER_INSPECT_H */
