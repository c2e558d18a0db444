/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.h - checks a ledger from its files alone and says what was, and was not, checked. */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

/* docs/ledger.md, "Verdicts". */
enum verify_verdict {
	VERIFY_SIGNED = 0,
	VERIFY_UNREADABLE = 2,
	/* sound; strict, and a tail that nothing vouches for, or too few of the witnesses asked */
	VERIFY_UNSEALED = 3,
	VERIFY_UNANCHORED = 4,
	VERIFY_SELF_SIGNED = 5,
	VERIFY_TAMPERED = 10,
	VERIFY_TRUNCATED = 11,
	VERIFY_FORKED = 12,
	VERIFY_ROLLED_BACK = 13,
	VERIFY_TORN = 14,
	VERIFY_WITNESSED = 256, /* exit code 0 too: signed, and cosigned by the witnesses asked */
};

struct check_facts; /* ledger/check.h */

struct verify_options {
	const char *dir;
	const char *key;     /* a C2SP verifier key "origin+hash+base64", or a file with one */
	const char *key_dir; /* where key is NULL; NULL = LEDGER_DEFAULT_KEY_DIR */
	const char *state;   /* file that remembers the last checkpoint found good; NULL = none */
	const char *witness; /* verifier keys of witnesses, or a file of them; NULL = none asked */
	unsigned int quorum; /* so many of them must agree; 0 = all */
	bool strict;	     /* an unsealed tail is not accepted */
	unsigned int n_threads; /* 0 = one per CPU */

	/* Now and then: records checked so far, and how many there will be (0 = not known). */
	void (*progress)(uint64_t n, uint64_t size, void *arg);
	/* Each record that the checkpoint covers, once it is found to be the rightful next. What
	 * was seen is only to be believed when the verdict is in. Non-zero ends it: -ECANCELED. */
	int (*record)(const struct check_facts *f, void *arg);
	void *arg;
};

struct verify_result {
	enum verify_verdict verdict;
	uint64_t n_records; /* covered by the checkpoint */
	uint64_t n_samples;
	uint64_t n_ticks;
	uint64_t tail_bytes;  /* beyond the checkpoint: not vouched for */
	uint64_t index;	      /* where it went wrong; meaningless when all is well */
	uint64_t energy_uj;   /* host total over all ticks */
	uint64_t n_epochs;    /* keys announced; 0 = written without */
	uint64_t n_seals;     /* kept checkpoints that were checked */
	uint64_t first;	      /* index that the records begin with: those before it were retired */
	uint64_t n_rolled_up; /* of the ticks, those of which only a rollup is left */
	uint64_t witnessed_size; /* so many records the witnesses vouch for; 0 = none */
	uint64_t witnessed_at_s; /* when they did, seconds since 1970 */
	bool closed;		 /* its last record says that it was closed in good order */
	char origin[160];
	char witnesses[240]; /* names of those who do, and commas */
	char reason[320];    /* one line: what is wrong, where; or what was not checked */
};

/* Returns 0 with the verdict in *ret; -ENOMEM; -ECANCELED. Any bytes at all get a verdict. */
int verify_run(const struct verify_options *o, struct verify_result *ret);

/* The verifier key in text, or in the file of that name. Returns 0; -EINVAL with why; -ENOMEM. */
struct note_verifier;
int verify_key(const char *text, struct note_verifier *ret, struct why *why);

const char *verify_verdict_name(enum verify_verdict v);

/* The exit code of `jouletrail verify`. */
int verify_exit_code(enum verify_verdict v);

#endif /* LEDGER_VERIFY_H */
