/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * base.h - where the records begin, once the first of them were retired.
 *
 * DIR/base is the line of the rollup that stands for all of them: a copy, so that a reader need not
 * look for it. It says (member `at`) how things stood before the first record that is still here.
 * It is not to be believed until the record itself is found in the log: check.h, base_said.
 *
 * DIR/base.pending is the same before its record is known to be committed.
 */
#ifndef LEDGER_BASE_H
#define LEDGER_BASE_H

#include "base/json.h"
#include "ledger/check.h"
#include "ledger/tree.h"

#define BASE_FILE    "base"
#define BASE_PENDING "base.pending"

struct base {
	uint64_t first; /* records before this one were retired; 0 = none were */
	uint64_t index; /* of the rollup */
	struct hash leaf;
	struct tree tree;	  /* over the retired records */
	struct note_verifier key; /* of the log, as the rollup says */
	struct check check;	  /* as it was then */
	size_t len;
	char line[SCAN_MAX_LINE + 1]; /* the rollup, NUL-terminated */
};

/* Returns 0; -EBADMSG for a line that is no such rollup, with *ret_what; -ENOMEM. */
int base_parse(const char *line, size_t len, struct base *ret, const char **ret_what);

/* Reads dir/name. Returns 0; -ENOENT; -EBADMSG with *ret_what; -errno. */
int base_read(int dir, const char *name, struct base *ret, const char **ret_what);

/* The rollup that stands for what the first segment in seg/ lacks. Returns as base_read(). */
int base_find(int seg_dir, struct base *ret);

/*
 * DIR/base, made anew where it is gone; ret->first is 0 where all records are here. Returns 0;
 * -EBADMSG where records are missing and no rollup stands for them; -ENOMEM; -errno.
 */
int base_load(int dir, int seg_dir, struct base *ret);

/* A check that begins with record b->first, of the log with that origin. */
void base_begin(const struct base *b, const char *origin, struct check *ret);

/* The member `at` of a rollup that retires all records that c has seen; t is the tree over them. */
void base_format(struct json_writer *w, const struct check *c, const struct tree *t,
		 const char *vkey);

#endif /* LEDGER_BASE_H */
