/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seals.h - the checkpoints that were kept (checkpoints/<size>), and the epochs that they seal.
 *
 * Every checkpoint is signed by the log's key and by the key of its epoch. The one whose last
 * record announces epoch n + 1 ends epoch n: it is signed by key n, which is wiped then, so that
 * whoever takes the machine later cannot make it again.
 */
#ifndef LEDGER_SEALS_H
#define LEDGER_SEALS_H

#include "ledger/check.h"
#include "ledger/note.h"

/* A signed note as read. */
struct sealed {
	char note[NOTE_MAX_LEN];
	size_t len;
	size_t text_len;
	struct checkpoint checkpoint;
};

/*
 * Reads dir/name. Returns 0; -ENOENT; -EBADMSG with *ret_what for what is no checkpoint; -errno.
 */
int sealed_read(int dir, const char *name, struct sealed *ret, const char **ret_what);

/* The sizes of the kept checkpoints. */
struct seals {
	int dir; /* checkpoints/; -1 = there is none */
	size_t n;
	size_t next; /* to be checked */
	size_t n_skipped;
	uint64_t *size;
	struct sealed *now;
};

/* Lists them. Returns 0 or -errno. */
int seals_begin(struct seals *s, int ledger_dir);
void seals_end(struct seals *s);

/* Those up to that size are not checked: the records that they cover are not here. */
void seals_skip(struct seals *s, uint64_t size);

/* Size of the next one to be checked; UINT64_MAX when there is none. */
uint64_t seals_next(const struct seals *s);

/*
 * The log has this size and root now, and the next kept checkpoint is of that size. Is it signed
 * by v and by its epoch's key? Returns 0; -EBADMSG with why; -ENOMEM.
 */
int seals_check(struct seals *s, const struct note_verifier *v, const struct check *c,
		const struct hash *root, struct why *why);

/*
 * After the record that announces an epoch: does a seal of the epoch before it exist? last is the
 * size of the published checkpoint, which may be that seal. Returns 0 or -EBADMSG.
 */
int seals_require(const struct seals *s, const struct check *c, uint64_t last, struct why *why);

/* Is this note, over c->n records, signed by the key of its epoch? Returns 0, -EBADMSG, -ENOMEM. */
int seals_epoch(const struct sealed *note, const struct check *c, struct why *why);

#endif /* LEDGER_SEALS_H */
