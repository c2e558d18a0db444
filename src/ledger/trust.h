/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trust.h - which key a verification believes, and whether the checkpoint is signed by it. */
#ifndef LEDGER_TRUST_H
#define LEDGER_TRUST_H

#include <stdbool.h>

#include "base/why.h"
#include "ledger/note.h"
#include "ledger/seals.h"
#include "ledger/verify.h"

struct trust {
	bool has_checkpoint;
	struct sealed sealed;	  /* valid where has_checkpoint */
	struct note_verifier key; /* that it is signed by; valid where has_checkpoint */
	bool has_first_epoch;	  /* the key came with that of epoch 0 */
	struct note_verifier first_epoch;
	bool self_signed; /* by the key that the ledger names, which proves no one's identity */
	bool has_seen;	  /* this machine remembers an earlier state of the same log */
	struct checkpoint seen;
	bool has_state; /* so does options->state */
	struct checkpoint state;
};

/*
 * Reads DIR/checkpoint and judges its signature: by options->key, else by the key in
 * options->state, else by the key directory, else by the key in the ledger's own first record.
 *
 * Returns 0; -EBADMSG where it must not be believed; -EINVAL where options->key is no key; -ENOENT
 * where there is no key to judge by; -ENOMEM; or -errno of reading. why has the line.
 */
int trust_judge(const struct verify_options *o, int dir, int seg_dir, struct trust *ret,
		struct why *why);

/* Remembers the checkpoint that was found good in options->state. Returns 0 or -errno. */
int trust_remember(const struct verify_options *o, const struct trust *t, struct why *why);

/*
 * "key" or "origin" as the ledger's first record has it, or the rollup that stands for that,
 * unchecked. Returns 0, -ENOENT.
 */
int trust_first_record(int dir, int seg_dir, const char *name, char *ret, size_t size);

#endif /* LEDGER_TRUST_H */
