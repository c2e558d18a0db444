/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store.h - the inside of an open ledger, shared by the files that build a batch (batch.c), make it
 * durable (commit.c) and find the end of an existing log (recover.c, aside.c).
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <stdbool.h>

#include "base/buf.h"
#include "ledger/format.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/tree.h"

/* Lines that will be written at once, and the log as it will be then. */
struct batch {
	struct buf lines;
	struct tree tree;
	struct hash prev;
	int err; /* the first one; later lines are not added */
	struct why why;
};

struct ledger {
	char *path;			  /* of the directory, for messages */
	const struct ledger_scene *scene; /* NULL = here and now */
	uint64_t segment_bytes;
	int dir;
	int seg_dir;
	int aside_dir;
	int lock;
	struct key *key;
	struct note_verifier verifier;
	char origin[NOTE_ORIGIN_LEN];
	struct hash
		salt_key; /* HMAC(secret, origin): salts of two ledgers have nothing in common */
	uint64_t mono_us; /* of the last record: the clock may not go back within a boot */

	/* Committed: what the published checkpoint covers. */
	struct tree tree;
	struct hash prev;

	/* The segment to append to; fd -1 = the next commit begins a new one at tree.size. */
	int fd;
	uint64_t seg_first;
	uint64_t seg_len; /* committed bytes; what lies beyond is to be cut off */
	bool untrimmed;	  /* a failed write may have left bytes beyond seg_len */

	struct batch batch;
	struct format_gap lost; /* ticks that failed since the last commit; n_ticks 0 = none */
};

/* ---- batch.c ---- */

/* The clocks of the scene, or the machine's. */
void ledger_now(const struct ledger *l, uint64_t *ret_mono_ns, int64_t *ret_real_us);

/* Empties the batch: the next line follows the last committed one. */
void batch_begin(struct ledger *l);

/* Head of the next line: index, prev, salt and the present time. Errors stick in the batch. */
void batch_head(struct ledger *l, struct format_head *ret);

/* Ends the line that was formatted from byte from of batch.lines on: checks, chains, hashes it. */
void batch_seal(struct ledger *l, size_t from);

void batch_open(struct ledger *l, const struct format_open *o);
void batch_gap(struct ledger *l, const struct format_gap *g);
void batch_recover(struct ledger *l, const struct format_recover *r);
void batch_close(struct ledger *l);
void batch_tick(struct ledger *l, const struct tick *t);

/* ---- commit.c ---- */

/*
 * Makes the batch durable and signed: one write, fdatasync, checkpoint. On error nothing committed
 * is touched; -EIO with "may not outlive" in why: committed, but its directory could not be synced.
 */
int commit_run(struct ledger *l, struct why *why);

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

#endif /* LEDGER_STORE_H */
