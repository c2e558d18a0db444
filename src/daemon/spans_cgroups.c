/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spans_cgroups.c - which cgroup target is nearest above a path: one look into a hash for each of
 * its parts, however many targets there are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "daemon/spans_parts.h"

/* "/" is both hierarchies' root. */
static bool is_target(const struct target *t, const char *path, size_t len, bool v1)
{
	return (t->v1 == v1 || !t->path[1]) && !strncmp(t->path, path, len) && !t->path[len];
}

static uint32_t *find(const struct spans *s, const char *path, size_t len, bool v1)
{
	size_t i = fnv_add(FNV_BEGIN, path, len) & (s->n_slots - 1);

	while (s->slot[i] && !is_target(s->target[s->slot[i]], path, len, v1))
		i = (i + 1) & (s->n_slots - 1);
	return &s->slot[i];
}

void spans_index_cgroups(struct spans *s)
{
	size_t n = 0, n_slots = 16;

	for (uint32_t i = 1; i <= s->n_targets; i++)
		n += s->target[i]->number && s->target[i]->kind == SPANS_CGROUP;
	while (n_slots < 2 * n)
		n_slots *= 2;
	if (n_slots != s->n_slots) {
		free(s->slot);
		s->slot = malloc(n_slots * sizeof(*s->slot));
		s->n_slots = s->slot ? n_slots : 0;
	}
	s->has_lost |= n && !s->n_slots;
	if (!s->n_slots)
		return;
	memset(s->slot, 0, s->n_slots * sizeof(*s->slot));
	for (uint32_t i = 1; n && i <= s->n_targets; i++) {
		const struct target *t = s->target[i];

		if (t->number && t->kind == SPANS_CGROUP)
			*find(s, t->path, strlen(t->path), t->v1) = i;
	}
}

/* That of path[0 … len), or of what is above it. */
static uint32_t nearest(const struct spans *s, const char *path, size_t len, bool v1)
{
	while (s->n_slots) {
		uint32_t found = *find(s, path, len, v1);

		if (found)
			return found;
		if (len <= 1)
			break;
		while (len > 0 && path[len - 1] != '/')
			len--;
		len = len > 1 ? len - 1 : 1;
	}
	return 0;
}

uint32_t spans_cgroup_around(const struct spans *s, uint32_t target)
{
	const struct target *t = s->target[target];
	const char *slash = strrchr(t->path, '/');

	if (!t->path[1])
		return 0;
	return nearest(s, t->path, slash > t->path ? (size_t)(slash - t->path) : 1, t->v1);
}

uint32_t spans_cgroup_of(const struct spans *s, const struct usage_row *row, struct identity *id,
			 struct spans_cgroup_memo *memo)
{
	bool v1 = row->flags & JT_CELL_V1_CGRP;
	const char *path;

	if (!row->cgroup_id)
		return 0;
	/* Rows of one cgroup often follow each other. */
	if (memo->id != row->cgroup_id || memo->v1 != v1) {
		path = identity_cgroup_path(id, row->cgroup_id, row->flags);
		*memo = (struct spans_cgroup_memo){ row->cgroup_id, v1, 0 };
		if (path && path[0] == '/')
			memo->target = nearest(s, path, strlen(path), v1);
	}
	return memo->target;
}
