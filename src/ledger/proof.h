/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * proof.h - that a record is in a signed ledger, and that an older ledger is the beginning of a
 * newer one, for people who have neither: RFC 6962, 2.1.
 *
 * Inclusion: the record's line, then a c2sp.org/tlog-proof. Consistency: the same shape with its
 * own first line; docs/ledger.md, "Proofs".
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include "base/buf.h"
#include "base/why.h"
#include "ledger/note.h"
#include "ledger/scan.h"

#define PROOF_MAX_HASHES 130
#define PROOF_MAX_LEN	 (SCAN_MAX_LINE + NOTE_MAX_LEN + 64 * PROOF_MAX_HASHES)

struct proof {
	size_t n;
	struct hash hash[PROOF_MAX_HASHES];
};

/* Is leaf the index-th of the size leaves under root? Returns 0 or -EBADMSG. */
int proof_check_inclusion(const struct proof *p, uint64_t index, uint64_t size,
			  const struct hash *leaf, const struct hash *root);

/* Are the old_size leaves under old_root the first of the size ones under root? The same. */
int proof_check_consistency(const struct proof *p, uint64_t old_size, const struct hash *old_root,
			    uint64_t size, const struct hash *root);

/*
 * Proof that the record with that index is in the ledger's last checkpoint, appended to out.
 * Returns 0; -ENOENT with why where there is no such record or checkpoint; -EBADMSG where the
 * ledger is damaged; -errno.
 */
int proof_inclusion(const char *dir, uint64_t index, struct buf *out, struct why *why);

/* The same of a directory that is open, dir being its name in messages; at -1: by its name. */
int proof_inclusion_at(int at, const char *dir, uint64_t index, struct buf *out, struct why *why);

/*
 * Proof that the first `from` records are the beginning of the first `to`, a size of which there is
 * a checkpoint (0: the last one). Returns the same.
 */
int proof_consistency(const char *dir, uint64_t from, uint64_t to, struct buf *out,
		      struct why *why);

/*
 * Is the log of c the beginning of the one of size records under root? By the tiles below dir.
 * Returns 0; -EBADMSG: it is not, and the tiles lead to root; -ENOENT: they do not, so it cannot be
 * told; -ENOMEM.
 */
int proof_is_beginning(int dir, const struct checkpoint *c, uint64_t size, const struct hash *root);

/* What a proof says, once it is found to be one. */
struct proof_said {
	bool consistency;
	uint64_t index;		  /* of the record; consistency: the older size */
	struct hash root;	  /* consistency: of the older size */
	struct checkpoint covers; /* the checkpoint that it leads to */
	const char *line;	  /* the record, in text */
	size_t line_len;
};

/*
 * Does text prove what it says, to one who trusts key? Returns 0; -EBADMSG with why; -ENOMEM.
 */
int proof_verify(const char *text, size_t len, const struct note_verifier *key,
		 struct proof_said *ret, struct why *why);

#endif /* LEDGER_PROOF_H */
