/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.h - which consumers a screen lists, in which order, and what is folded into what. */
#ifndef VIEW_LIST_H
#define VIEW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/rows.h"

enum list_sort {
	LIST_BY_POWER = 0, /* of the window */
	LIST_BY_ENERGY,	   /* since the start, as what follows */
	LIST_BY_CO2E,
	LIST_BY_CPU, /* of the window */
	LIST_BY_NAME,
	LIST_BY_PID,
	LIST_N_SORTS,
};

/* What was chosen with keys. */
struct list_choice {
	enum list_sort sort;
	bool reversed;
	bool tree;
	char filter[64];  /* part of a name, by bytes, ASCII letters in any case; "" = all */
	uint64_t *folded; /* [n_folded] ids; owned by the choice */
	size_t n_folded;
};

/* A line of the list. Pointers are into the rows and the list, until the next list_make(). */
struct list_item {
	uint64_t id;
	const struct row *row; /* NULL: a branch of which nothing of its own is known */
	const char *name;      /* [name_len] bytes; NULL = not known */
	size_t name_len;
	uint32_t tgid;	    /* 0 = none */
	unsigned int depth; /* 0 = at the root */
	bool is_branch;	    /* others are below it */
	bool is_folded;	    /* and are not listed: figures are of all of them */
	struct rows_figures figures;
};

struct list;

int list_new(struct list **ret); /* 0 or -ENOMEM */
void list_free(struct list *l);

/*
 * All that had something in the last ROWS_HISTORY windows, or ever, if sorted by what is since
 * the start; a filter leaves only what matches, in a tree with what it is below, unfolded. No
 * consumer is listed twice, nor in itself and in what is folded: figures of all lines add up.
 * Returns 0; -ENOMEM: it is empty then.
 */
int list_make(struct list *l, const struct rows *r, const struct list_choice *choice);

size_t list_length(const struct list *l);
/* How many it would be without a filter; 0 in a tree, where that is not known. */
size_t list_unfiltered(const struct list *l);
void list_get(const struct list *l, size_t i, struct list_item *ret);
/* Where the line with that id is; its length where there is none. */
size_t list_find(const struct list *l, uint64_t id);

/* Whether that kind of consumers forms trees: processes, threads, cgroups, slices. */
bool list_has_tree(enum record_kind by);

bool list_is_folded(const struct list_choice *c, uint64_t id);
void list_fold(struct list_choice *c, uint64_t id, bool folded);

#endif /* VIEW_LIST_H */
