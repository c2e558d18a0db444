/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * witness.h - what witnesses say of a ledger: c2sp.org/tlog-cosignature, Ed25519.
 *
 * A witness that cosigns a checkpoint says that, at that time, it was the longest history of this
 * log that it had seen, and that all before it were its beginnings. So whoever believes a witness
 * need not believe the log's own machine that nobody else was shown another history.
 */
#ifndef LEDGER_WITNESS_H
#define LEDGER_WITNESS_H

#include <stdbool.h>

#include "base/why.h"
#include "ledger/seals.h"

#define WITNESS_MAX 16

struct witness {
	struct note_verifier key;
	uint64_t size; /* of the largest checkpoint that it cosigned; 0 = none */
	uint64_t at_s; /* when, by its clock: seconds since 1970 */
};

struct witnesses {
	size_t n;
	struct witness witness[WITNESS_MAX];
};

/*
 * Verifier keys of witnesses ("name+hash+base64", type 4), one a line: text itself, or the file of
 * that name. Returns 0; -EINVAL with why; -ENOMEM.
 */
int witnesses_parse(const char *text, struct witnesses *ret, struct why *why);

/*
 * Notes who cosigned this checkpoint, whose root was found to be the log's. Returns 0; -EBADMSG
 * with why for a witness's signature that is wrong; -ENOMEM.
 */
int witnesses_take(struct witnesses *w, const struct sealed *note, struct why *why);

/*
 * The largest size that at least quorum of them have cosigned, or a larger one, and the earliest of
 * their times. Returns false where they are too few.
 */
bool witnesses_agree(const struct witnesses *w, size_t quorum, uint64_t *ret_size,
		     uint64_t *ret_at_s);

#endif /* LEDGER_WITNESS_H */
