/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store.h - the inside of an open ledger, shared by the files that build a batch (batch.c), make it
 * durable (commit.c), find the end of an existing log (recover.c, aside.c) and drop its beginning
 * (retire.c).
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
	char *path;			  /* of the directory, for messages */
	const struct ledger_scene *scene; /* NULL = here and now */
	uint64_t segment_bytes;
	uint64_t segment_age_ns;
	int64_t epoch_us;
	uint64_t heartbeat_ns;
	bool keep_plain;
	uint64_t retain_ns; /* 0 = for ever */
	bool stream;	    /* to standard output: none of the directories, no epochs */
	bool stream_cut;    /* a write failed and cannot be taken back: nothing more may follow */
	bool retire_idle;   /* nothing is left to retire, as far as is known */
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
	bool unsynced;	       /* a sync of fd failed: nothing more is to be written to it */
	struct pack pack;

	uint64_t base;	       /* records before it were retired */
	struct retire *retire; /* that is being done; NULL = nothing */
	struct why retire_why; /* why the last one failed; "" = it did not */

	struct batch batch;
	struct scan_shapes shapes;
	ledger_told_fn *told;
	void *told_arg;
	uint64_t end_mono_ns; /* of the last committed tick of this run; 0 = none */
	int64_t end_real_us;
	struct format_gap lost; /* ticks that failed since the last commit; n_ticks 0 = none */
};

/* ---- batch.c ---- */

/* The clocks of the scene, or the machine's. */
void ledger_now(const struct ledger *l, uint64_t *ret_mono_ns, int64_t *ret_real_us);
uint64_t ledger_now_mono_ns(const struct ledger *l);

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

#endif /* LEDGER_STORE_H */
