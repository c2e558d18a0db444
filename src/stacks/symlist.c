/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symlist.c - see symlist.h. */
#include "stacks/symlist.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stacks/index.h"
#include "types/stack.h"

struct symbol {
	uint64_t begin;
	uint64_t end; /* 0 = where the next begins */
	uint32_t line;
	uint32_t text; /* offset of its name */
};

struct symlist {
	struct symbol *symbol;
	size_t n, capacity;
	char *text;
	size_t n_text, text_capacity;
};

DEFINE_CLEANUP(struct symlist *, symlist_free)

void symlist_free(struct symlist *l)
{
	if (!l)
		return;
	free(l->symbol);
	free(l->text);
	free(l);
}

static int symlist_add(struct symlist *l, struct symbol s, const char *name)
{
	size_t len = strnlen(name, STACK_NAME_LEN - 1);

	while (l->n_text + len + 1 > l->text_capacity)
		if (index_grow(&l->text, &l->text_capacity, l->text_capacity, 1))
			return -ENOMEM;
	if (index_grow(&l->symbol, &l->capacity, l->n, sizeof(s)))
		return -ENOMEM;
	s.line = (uint32_t)l->n;
	s.text = (uint32_t)l->n_text;
	memcpy(l->text + l->n_text, name, len);
	l->text[l->n_text + len] = '\0';
	l->n_text += len + 1;
	l->symbol[l->n++] = s;
	return 0;
}

/* Hexadecimal digits and then a blank; *end is behind it. */
static bool parse_hex(const char *text, const char **end, uint64_t *ret)
{
	char *stop;

	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*ret = strtoull(text, &stop, 16);
	*end = stop + 1;
	return !errno && *stop == ' ';
}

/* Only code: T, t, W, w. Addresses are 0 where the kernel hides them. */
static bool parse_kallsyms(const char *line, struct symbol *ret, const char **ret_name)
{
	const char *at;

	if (!parse_hex(line, &at, &ret->begin) || !ret->begin || !strchr("TtWw", at[0]) || !at[0] ||
	    at[1] != ' ' || !at[2])
		return false;
	*ret_name = at + 2;
	return true;
}

static bool parse_perf_map(const char *line, struct symbol *ret, const char **ret_name)
{
	uint64_t size;

	if (!parse_hex(line, ret_name, &ret->begin) || !parse_hex(*ret_name, ret_name, &size) ||
	    !size || size > UINT64_MAX - ret->begin || !**ret_name)
		return false;
	ret->end = ret->begin + size;
	return true;
}

static int compare_symbols(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* A module's name stands behind a tab. */
static void blank_tabs(char *name)
{
	for (; *name; name++)
		if (*name == '\t')
			*name = ' ';
}

int symlist_read(FILE *f, enum symlist_form form, struct symlist **ret)
{
	CLEANUP(symlist_free_ptr) struct symlist *l = calloc(1, sizeof(*l));
	/* Longer lines are cut: the rest is no line of the form, or another name at worst. */
	char line[STACK_NAME_LEN + 64];
	size_t n_bytes = 0;
	int err = l ? 0 : -ENOMEM;

	while (!err && l->n < SYMLIST_MAX && n_bytes < SYMLIST_MAX_BYTES &&
	       fgets(line, sizeof(line), f)) {
		struct symbol s = { 0 };
		const char *name;

		/* A line of NULs, as a hole in the file is, has a length too. */
		n_bytes += strchr(line, '\n') ? strlen(line) : sizeof(line) - 1;
		line[strcspn(line, "\n")] = '\0';
		blank_tabs(line);
		if (form == SYMLIST_KALLSYMS ? parse_kallsyms(line, &s, &name)
					     : parse_perf_map(line, &s, &name))
			err = symlist_add(l, s, name);
	}
	if (err)
		return err;
	if (l->n)
		qsort(l->symbol, l->n, sizeof(*l->symbol), compare_symbols);
	*ret = TAKE_PTR(l);
	return 0;
}

const char *symlist_find(const struct symlist *l, uint64_t address)
{
	size_t low = 0, high = l->n;
	const struct symbol *s;

	/* The last one that begins at or before it. */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->symbol[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	s = &l->symbol[low - 1];
	/* Behind the kernel's last symbol lies nothing that is known. */
	if (s->end ? address >= s->end : low == l->n)
		return NULL;
	return l->text + s->text;
}
