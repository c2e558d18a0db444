/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store.h - the inside of an open ledger, shared by the files that build a batch (batch.c), make it
 * durable (commit.c) and find the end of an existing log (recover.c, aside.c).
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <stdbool.h>

#include "base/buf.h"
#include "ledger/epoch.h"
#include "ledger/format.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "ledger/scan.h"
#include "ledger/tiles.h"
#include "ledger/tree.h"

/* Lines that will be written at once, and the log as it will be then. */
struct batch {
	struct buf lines;
	struct buf leaves; /* struct hash of each */
	struct tree tree;
	struct hash prev;
	int err; /* the first one; later lines are not added */
	struct why why;
};

struct ledger {
	char *path; /* of the directory, for messages */
	uint64_t segment_bytes;
	uint64_t segment_age_ns;
	int64_t epoch_us;
	uint64_t heartbeat_ns;
	bool keep_plain;
	bool stream; /* to standard output: none of the directories, no epochs */
	int dir;
	int seg_dir;
	int aside_dir;
	int kept_dir; /* checkpoints/ */
	int tile_dir;
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
	struct buf note; /* that checkpoint */
	struct tiles tiles;

	struct epoch epoch; /* whose key signs */
	struct epoch next;  /* made and durable, not announced yet; pkey NULL = none */
	bool unkept;	    /* the published checkpoint ends an epoch and is not kept yet */
	bool unpromoted;    /* the key that signs is still KEY_DIR's next one */

	/* The segment to append to; fd -1 = the next commit begins a new one at tree.size. */
	int fd;
	uint64_t seg_first;
	uint64_t seg_len;      /* committed bytes; what lies beyond is to be cut off */
	uint64_t seg_began_ns; /* when this run began to write to it */
	bool untrimmed;	       /* a failed write may have left bytes beyond seg_len */
	struct pack pack;

	struct batch batch;
	struct scan_shapes shapes;
	ledger_told_fn *told;
	void *told_arg;
	uint64_t end_mono_ns; /* of the last committed tick of this run; 0 = none */
	int64_t end_real_us;
	struct format_gap lost; /* ticks that failed since the last commit; n_ticks 0 = none */
};

struct recovery;

/* ---- batch.c ---- */

/* Empties the batch: the next line follows the last committed one. */
void batch_begin(struct ledger *l);

/* Head of the next line: index, prev, salt and the present time. Errors stick in the batch. */
void batch_head(struct ledger *l, struct format_head *ret);

/* Ends the line that was formatted from byte from of batch.lines on: checks, chains, hashes it. */
void batch_seal(struct ledger *l, size_t from);

void batch_open(struct ledger *l, const struct format_open *o);
void batch_gap(struct ledger *l, const struct format_gap *g);
void batch_recover(struct ledger *l, const struct format_recover *r);
void batch_key(struct ledger *l, const struct epoch *e);
void batch_close(struct ledger *l);
void batch_tick(struct ledger *l, const struct tick *t);

/* ---- commit.c ---- */

/*
 * Makes the batch durable and signed: one write, fdatasync, checkpoint. On error nothing committed
 * is touched; -EIO with "may not outlive" in why: committed, but its directory could not be synced.
 */
int commit_run(struct ledger *l, struct why *why);

/* Keeps the published checkpoint as checkpoints/<size>. Returns 0 or -errno. */
int commit_keep(struct ledger *l);

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

#endif /* LEDGER_STORE_H */
