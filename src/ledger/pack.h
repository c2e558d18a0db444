/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pack.h - compresses sealed segments, a little after each commit, so that no tick waits for it.
 *
 * The packed file is complete and synced before it gets its name, and has its name before the plain
 * one goes: whatever is interrupted, the records are there.
 */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed but for in and out at -1: nothing is being packed. */
struct pack {
	bool idle; /* nothing is left to pack, as far as is known */
	int in;
	int out;
	uint64_t first;	  /* of the segment */
	uint64_t index;	  /* of the next line to be packed */
	uint64_t offset;  /* of it in the plain file */
	uint64_t written; /* bytes of the packed one */
};

/*
 * Packs at least so many plain bytes, if there is a sealed plain segment other than the one that
 * begins with open. Errors end the segment's turn till the next pack_more(): it stays plain.
 */
void pack_step(struct pack *p, int seg_dir, uint64_t open, uint64_t bytes);

/* A segment was sealed: there is something to pack again. */
void pack_more(struct pack *p);

/* Gives up what was begun. */
void pack_end(struct pack *p, int seg_dir);

/*
 * After a crash: removes what was being packed, and a packed segment whose plain one is still
 * there. Returns 0 or -errno.
 */
int pack_clean(int seg_dir);

#endif /* LEDGER_PACK_H */
