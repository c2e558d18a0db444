/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify_parts.h - the inside of a verification: pass (verify.c) and verdict (verdict.c). */
#ifndef LEDGER_VERIFY_PARTS_H
#define LEDGER_VERIFY_PARTS_H

#include "ledger/ahead.h"
#include "ledger/check.h"
#include "ledger/seals.h"
#include "ledger/tree.h"
#include "ledger/trust.h"
#include "ledger/verify.h"
#include "ledger/walk.h"
#include "ledger/witness.h"

struct verify {
	const struct verify_options *o;
	struct verify_result *r;
	int dir;
	int seg_dir;
	struct trust trust;
	struct walk walk;
	struct ahead *ahead;
	struct seals seals;
	struct witnesses witnesses;
	struct check check;
	struct tree tree;
	struct tree_queue queue;
	bool remnants;	    /* segments that were retired are still there */
	int step;	    /* that ended the covered records, or the last one of the tail */
	uint64_t next_stop; /* size at which the root is to be looked at */
};

/* Settles the verdict. Returns 1: it is settled, nothing more is to be looked at. */
int verify_say(struct verify *v, enum verify_verdict verdict, uint64_t index, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Each returns 0, 1 (verdict) or -errno. */

/* Is what is remembered of this log a beginning of what lies here, as far as v has read it? */
int verify_remembered(struct verify *v, const struct hash *root);
/* The same of records that were retired; before the first record is read. */
int verify_retired(struct verify *v);
/* Older than what is remembered? After the last record that the checkpoint covers. */
int verify_rollback(struct verify *v);
/* The records before the first one are missing. Does the log itself say that they were retired? */
int verify_base_said(struct verify *v);

/* All covered records are sound; the tail decides, and what they were checked against. */
void verify_conclude(struct verify *v, bool torn);

#endif /* LEDGER_VERIFY_PARTS_H */
