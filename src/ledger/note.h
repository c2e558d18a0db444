/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * note.h - signed notes and the checkpoint inside: c2sp.org/signed-note, c2sp.org/tlog-checkpoint,
 * c2sp.org/tlog-cosignature.
 *
 * A checkpoint is "<origin>\n<size>\n<base64 root>\n"; the note adds a blank line and one line
 * "— <key name> <base64(key hash ‖ signature)>\n" for each signature. Key name = origin.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <stdbool.h>

#include "base/buf.h"
#include "ledger/hash.h"

#define NOTE_MAX_LEN	    16384
#define NOTE_MAX_SIGNATURES 64
#define NOTE_ORIGIN_LEN	    160
#define NOTE_PUBLIC_LEN	    32
#define NOTE_SIGNATURE_LEN  64
/* "name+01234567+base64(1 ‖ 32 bytes)" */
#define NOTE_VKEY_LEN (NOTE_ORIGIN_LEN + 64)

struct checkpoint {
	char origin[NOTE_ORIGIN_LEN];
	uint64_t size;
	struct hash root;
};

/* A verifier key: who signs (name) and with which Ed25519 key. */
struct note_verifier {
	char name[NOTE_ORIGIN_LEN];
	uint8_t public_key[NOTE_PUBLIC_LEN];
	bool cosigner; /* of timestamped cosignatures: a witness */
};

/*
 * First 4 bytes, big-endian, of SHA-256(name ‖ LF ‖ type ‖ public key), type 0x01 or, of a
 * cosigner, 0x04. Returns 0 or -ENOMEM.
 */
int note_key_hash(const struct note_verifier *v, uint32_t *ret);

/* "name+hash+base64" and back. Returns 0; -EINVAL for what is not exactly that; -ENOMEM. */
int note_vkey_format(const struct note_verifier *v, char ret[NOTE_VKEY_LEN]);
int note_vkey_parse(const char *text, struct note_verifier *ret);

/* The same of a cosigner: a key is the one or the other, never both. */
int note_cosigner_parse(const char *text, struct note_verifier *ret);

/* Name of the key of one epoch, "<origin>/epoch/<n>". Returns 0 or -ENAMETOOLONG. */
int note_epoch_name(const char *origin, uint64_t epoch, char ret[NOTE_ORIGIN_LEN]);

/* The three lines. */
void note_checkpoint_format(const struct checkpoint *c, struct buf *out);

/*
 * Reads them back: an origin as a key name may be, a size without sign or leading zero, a root of
 * 32 bytes in canonical base64; lines after those are let pass. Returns 0; -EBADMSG with *ret_what.
 */
int note_checkpoint_parse(const char *text, size_t len, struct checkpoint *ret,
			  const char **ret_what);

/* The signature line of v; the first one goes behind a blank line. */
int note_append_signature(const struct note_verifier *v,
			  const uint8_t signature[NOTE_SIGNATURE_LEN], struct buf *out);

/*
 * Reads a note that is a checkpoint, without looking at the signatures' worth. Strict: UTF-8, no
 * control characters, 1 to NOTE_MAX_SIGNATURES well-formed signature lines.
 *
 * Returns 0 with *ret_text_len, the length of what is signed; -EBADMSG with *ret_what.
 */
int note_parse(const char *note, size_t len, struct checkpoint *ret, size_t *ret_text_len,
	       const char **ret_what);

/*
 * Is the note signed by v? Lines of other keys are ignored. note_parse() must have accepted it.
 *
 * Returns 0; -ENOKEY if no line is v's; -EKEYREJECTED if one is and its signature is wrong;
 * -ENOMEM.
 */
int note_verify(const char *note, size_t len, size_t text_len, const struct note_verifier *v);

/* The same for the cosigner v; *ret_at_s is the time that it signed, seconds since 1970. */
int note_cosigned(const char *note, size_t len, size_t text_len, const struct note_verifier *v,
		  uint64_t *ret_at_s);

#endif /* LEDGER_NOTE_H */
