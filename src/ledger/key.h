/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key.h - the secrets of a ledger, kept outside it: the signing key, the salts' secret, and the
 * last checkpoint of each ledger that this machine wrote.
 *
 *   KEY_DIR/ledger.pem         Ed25519 private key, PKCS#8 PEM, 0600
 *   KEY_DIR/ledger.secret      64 hexadecimal digits: what the salts are derived from, 0600
 *   KEY_DIR/<incarnation>.vkey the verifier keys of one ledger, to give away
 *   KEY_DIR/<incarnation>.seen its last checkpoint's three lines: older files are a rollback
 */
#ifndef LEDGER_KEY_H
#define LEDGER_KEY_H

#include <openssl/types.h>
#include <stdbool.h>

#include "base/why.h"
#include "ledger/note.h"

/* Hexadecimal digits of an incarnation: the last part of an origin. */
#define KEY_INCARNATION_LEN 16

struct key; /* an open key directory with its key */

/*
 * Opens the directory (NULL: LEDGER_DEFAULT_KEY_DIR) and loads key and secret; with create, makes
 * what is missing. Returns 0; -ENOENT without a key; -EPERM if others may read it; or -errno.
 */
int key_open(const char *dir, bool create, struct key **ret, struct why *why);
void key_free(struct key *k);

/* The verifier key under the name origin. */
void key_verifier(const struct key *k, const char *origin, struct note_verifier *ret);

/* The open directory, for what else is kept there. Borrowed. */
int key_dir(const struct key *k);

/* Ed25519 over data. Returns 0 or -ENOMEM. */
int key_sign_with(EVP_PKEY *pkey, const void *data, size_t len, uint8_t ret[NOTE_SIGNATURE_LEN]);
int key_sign(const struct key *k, const void *data, size_t len, uint8_t ret[NOTE_SIGNATURE_LEN]);

/* HMAC-SHA-256 of data under the secret. Returns 0 or -ENOMEM. */
int key_derive(const struct key *k, const void *data, size_t len, struct hash *ret);

/* The incarnation of an origin "<host>/ledger/<16 digits>"; NULL where it is none. */
const char *key_incarnation(const char *origin);

/* Room for "<incarnation>.<suffix>". Returns 0, or -EINVAL for an origin without incarnation. */
#define KEY_FILE_LEN 64
int key_file_name(const char *origin, const char *suffix, char ret[KEY_FILE_LEN]);

/*
 * Writes <incarnation>.vkey if missing, with the key of epoch 0 on its second line (NULL: without),
 * and opens <incarnation>.seen for key_see().
 */
int key_adopt(struct key *k, const char *origin, const struct note_verifier *epoch,
	      struct why *why);

/*
 * Remembers c as the last checkpoint. Best effort and never synced: what is remembered may lag
 * behind, which only weakens the check, and is never ahead.
 */
void key_see(const struct key *k, const struct checkpoint *c);

/* The last remembered checkpoint of origin. Returns 0, -ENOENT (none, or unreadable). */
int key_seen(const struct key *k, const char *origin, struct checkpoint *ret);

#endif /* LEDGER_KEY_H */
