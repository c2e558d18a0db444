/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symlist.h - names of addresses out of text: kallsyms, and the perf maps that programs write. */
#ifndef STACKS_SYMLIST_H
#define STACKS_SYMLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SYMLIST_MAX_BYTES (256U << 20) /* what lies behind is not read */
#define SYMLIST_MAX	  4000000U

enum symlist_form {
	SYMLIST_KALLSYMS, /* "ffffffff81000000 T name\t[module]": to the next address */
	SYMLIST_PERF_MAP, /* "7f0000001000 40 name with blanks": that many bytes; later ones win */
};

struct symlist;

/*
 * Reads all lines of f; those that are none of this form are left out. Returns 0 (*ret for
 * symlist_free()) or -ENOMEM.
 */
int symlist_read(FILE *f, enum symlist_form form, struct symlist **ret);
void symlist_free(struct symlist *l);

/* The name of what lies at the address, or NULL. Valid as long as the list. */
const char *symlist_find(const struct symlist *l, uint64_t address);

#endif /* STACKS_SYMLIST_H */
