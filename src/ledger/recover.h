/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recover.h - the end of an existing log (recover.c), what is set aside of it (aside.c) and its
 * epochs (rotate.c): the part of the inside of a ledger that a start needs.
 */
#ifndef LEDGER_RECOVER_H
#define LEDGER_RECOVER_H

#include "ledger/store.h"

struct recovery;

/* ---- rotate.c ---- */

/* Finds the present key, and the end of the epoch before it, after a start. Returns 0 or -errno. */
int rotate_resume(struct ledger *l, struct recovery *r);

/* The key of epoch 0 for a log that has none, to be announced at that index. */
int rotate_begin(struct ledger *l, uint64_t index, struct why *why);

/* After the commit that announced l->next. */
void rotate_announced(struct ledger *l);

/*
 * Ends the epoch if it is time: announces the next key, seals that with the present one, keeps the
 * seal, wipes the key. Returns 0 (a key that cannot be made now is made later) or -errno, when
 * nothing may be committed before the seal is kept.
 */
int rotate_run(struct ledger *l, struct why *why);

/* ---- recover.c ---- */

/* What the directory holds before the ledger is opened. */
struct recovery {
	bool fresh;   /* no log: one is begun */
	bool damaged; /* ours, but not what was signed: a new incarnation is begun */
	bool has_previous;
	struct checkpoint previous; /* last signed state of the log that is replaced */
	struct checkpoint last;	    /* of the log that goes on; size 0 where fresh */
	uint64_t set_aside_bytes;
};

/* Could a ledger be in this directory: empty, or with our files? Returns 0, -EINVAL, -errno. */
int recover_is_ledger(int dir, bool *ret_empty);

/*
 * Whose log is in l->dir, and how does its checkpoint look? Sets l->origin where there is one.
 * Reads only. Returns 0; -EPERM (another's); -EINVAL (not a ledger); -errno.
 */
int recover_look(struct ledger *l, const char *host, struct recovery *ret, struct why *why);

/*
 * After recover_look(): re-hashes what the checkpoint covers. As signed: sets l's committed state
 * to it and sets what lies beyond aside. Otherwise sets r->damaged. Returns 0 or -errno.
 */
int recover_run(struct ledger *l, struct recovery *r, struct why *why);

/* ---- aside.c ---- */

/*
 * Moves what dir/seg/name holds from byte offset on into aside/<sha256>.pending, durably, and cuts
 * it off (offset 0: removes the file). *bytes grows by its length. Returns 0 or -errno.
 */
int aside_tail(struct ledger *l, const char *name, uint64_t offset, uint64_t *bytes);

/* A recover line for each pending file; after the commit, aside_settle() names them for good. */
int aside_announce(struct ledger *l);
int aside_settle(struct ledger *l);

/* Moves a damaged log to old/pending; the new one, once committed, lets it be old/<incarnation>. */
int aside_log(struct ledger *l, struct why *why);
int aside_log_settle(struct ledger *l);

#endif /* LEDGER_RECOVER_H */
