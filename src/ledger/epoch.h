/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * epoch.h - the key of the present epoch: a second signature on every checkpoint, by a key that is
 * wiped when its epoch ends, so that nobody can sign that epoch again.
 *
 *   KEY_DIR/<incarnation>.epoch       the present one, 0600
 *   KEY_DIR/<incarnation>.epoch-next  made, durable, and not known to be announced yet
 *
 * Each holds one line: number of the epoch, index of the record that announces it, µs since 1970 of
 * its beginning, and the 32 bytes of the private key in hexadecimal.
 */
#ifndef LEDGER_EPOCH_H
#define LEDGER_EPOCH_H

#include <stdbool.h>
#include <openssl/types.h>

#include "ledger/note.h"

/* Zero-initialise; pkey NULL = none. */
struct epoch {
	uint64_t number;
	uint64_t index; /* of the record that announces it */
	int64_t began_us;
	EVP_PKEY *pkey;
	struct note_verifier verifier;
};

/* Wipes it from memory. */
void epoch_end(struct epoch *e);

/* Reads the present (or the next) key. Returns 0; -ENOENT; -EINVAL for a damaged file; -errno. */
int epoch_load(int key_dir, const char *origin, bool next, struct epoch *ret);

/*
 * A new key for e, whose number, index and began_us are given; durable as the next one, to be
 * announced at index. seed is its private half; NULL = by chance. Returns 0 or -errno: no key.
 */
int epoch_make(int key_dir, const char *origin, const struct hash *seed, struct epoch *e);

/* The next key becomes the present one, whose file is overwritten first. Returns 0 or -errno. */
int epoch_promote(int key_dir, const char *origin);

/* A next key that was never announced. Returns 0 or -errno. */
int epoch_discard(int key_dir, const char *origin);

/* Ed25519 over data. Returns 0 or -ENOMEM. */
int epoch_sign(const struct epoch *e, const void *data, size_t len,
	       uint8_t ret[NOTE_SIGNATURE_LEN]);

#endif /* LEDGER_EPOCH_H */
