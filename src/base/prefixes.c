/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* prefixes.c - see prefixes.h: all prefixes of all paths, sorted so that equal ones meet. */
#include "base/prefixes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct prefix {
	const char *path;
	size_t len;
	size_t index;
};

static int compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->path, y->path, len);

	if (order)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Puts the path's prefixes, itself included, into to (NULL: only counts). Returns how many. */
static size_t cut(const char *path, size_t index, struct prefix *to)
{
	size_t n = 0, len = 1;

	if (!path || path[0] != '/')
		return 0;
	if (to)
		to[n] = (struct prefix){ path, 1, index };
	n++;
	while (path[len]) {
		len += strcspn(path + len, "/");
		if (to)
			to[n] = (struct prefix){ path, len, index };
		n++;
		len += path[len] == '/';
	}
	return n;
}

/* Whether one of them lies below the directory, and is not the directory itself. */
static int has_below(const struct prefix *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].path[p[i].len])
			return 1;
	return 0;
}

int prefixes_each(const char *const *path, size_t n, prefixes_fn *f, void *arg)
{
	CLEANUP(cleanup_free) struct prefix *all = NULL;
	CLEANUP(cleanup_free) size_t *index = NULL;
	size_t n_all = 0, at = 0;
	int err = 0;

	for (size_t i = 0; i < n; i++)
		n_all += cut(path[i], i, NULL);
	all = calloc(n_all + 1, sizeof(*all));
	index = calloc(n + 1, sizeof(*index));
	if (!all || !index)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		at += cut(path[i], i, all + at);
	qsort(all, n_all, sizeof(*all), compare);
	for (size_t from = 0, to; from < n_all && !err; from = to) {
		for (to = from; to < n_all && all[to].len == all[from].len &&
				!memcmp(all[to].path, all[from].path, all[from].len);
		     to++)
			index[to - from] = all[to].index;
		if (has_below(all + from, to - from))
			err = f(all[from].path, all[from].len, index, to - from, arg);
	}
	return err;
}
