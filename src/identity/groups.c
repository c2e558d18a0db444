/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* groups.c - see groups.h: two tables over one array, by key and by number. */
#include "identity/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"

/* Not used in this many ticks: nobody asks for its name any more. */
#define KEPT_TICKS 2

struct groups {
	bool keep;
	uint64_t tick;
	uint64_t next_number;
	uint64_t n_forgotten;
	struct group *group;
	size_t n;
	size_t capacity;  /* a power of two */
	uint32_t *by_key; /* [2 * capacity] index + 1; 0 = empty */
	uint32_t *by_number;
};

static uint64_t hash_key(enum groups_class class, const char *key)
{
	return fnv_add(FNV_BEGIN ^ class, key, strlen(key));
}

static uint32_t *slot_of_key(const struct groups *g, enum groups_class class, const char *key)
{
	for (size_t i = hash_key(class, key);; i++) {
		uint32_t *slot = &g->by_key[i & (2 * g->capacity - 1)];

		if (*slot == 0 ||
		    (g->group[*slot - 1].class == class && !strcmp(g->group[*slot - 1].key, key)))
			return slot;
	}
}

/* Numbers are given in turn: their low bits are spread already. */
static uint32_t *slot_of_number(const struct groups *g, uint64_t number)
{
	for (size_t i = number;; i++) {
		uint32_t *slot = &g->by_number[i & (2 * g->capacity - 1)];

		if (*slot == 0 || g->group[*slot - 1].number == number)
			return slot;
	}
}

static void index_all(struct groups *g)
{
	memset(g->by_key, 0, 2 * g->capacity * sizeof(*g->by_key));
	memset(g->by_number, 0, 2 * g->capacity * sizeof(*g->by_number));
	for (size_t i = 0; i < g->n; i++) {
		*slot_of_key(g, g->group[i].class, g->group[i].key) = (uint32_t)(i + 1);
		*slot_of_number(g, g->group[i].number) = (uint32_t)(i + 1);
	}
}

static int grow(struct groups *g)
{
	size_t capacity = g->capacity ? 2 * g->capacity : 64;
	struct group *group = reallocarray(g->group, capacity, sizeof(*group));
	uint32_t *by_key, *by_number;

	if (!group)
		return -ENOMEM;
	g->group = group;
	by_key = calloc(2 * capacity, sizeof(*by_key));
	by_number = calloc(2 * capacity, sizeof(*by_number));
	if (!by_key || !by_number) {
		free(by_key);
		free(by_number);
		return -ENOMEM;
	}
	free(g->by_key);
	free(g->by_number);
	g->by_key = by_key;
	g->by_number = by_number;
	g->capacity = capacity;
	index_all(g);
	return 0;
}

int groups_new(bool keep, struct groups **ret)
{
	struct groups *g = calloc(1, sizeof(*g));

	if (!g || grow(g)) {
		groups_free(g);
		return -ENOMEM;
	}
	g->keep = keep;
	g->next_number = 1;
	*ret = g;
	return 0;
}

static void release(struct group *group)
{
	struct group_known *known = &group->lookup.known;

	free(known->name);
	free(known->image);
	free(known->namespace);
	free(known->pod_name);
	free(known->labels);
	free(group->key);
	free(group->id);
	free(group->pod);
	free(group->name);
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		release(&g->group[i]);
	free(g->group);
	free(g->by_key);
	free(g->by_number);
	free(g);
}

void groups_begin(struct groups *g)
{
	bool full = g->n >= GROUPS_MAX;
	size_t kept = 0;

	g->tick++;
	if (g->keep && !full)
		return;
	for (size_t i = 0; i < g->n; i++) {
		if (g->group[i].used + KEPT_TICKS >= g->tick) {
			g->group[kept++] = g->group[i];
			continue;
		}
		g->n_forgotten += g->keep;
		release(&g->group[i]);
	}
	if (kept == g->n)
		return;
	g->n = kept;
	index_all(g);
}

static char *copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

uint64_t groups_number(struct groups *g, const struct groups_new_group *n)
{
	uint32_t *slot = slot_of_key(g, n->class, n->key);
	struct group *group;

	if (*slot) {
		g->group[*slot - 1].used = g->tick;
		return g->group[*slot - 1].number;
	}
	if (g->n == g->capacity && grow(g))
		return 0;
	group = &g->group[g->n];
	*group = (struct group){ .number = g->next_number,
				 .class = n->class,
				 .nameless = n->nameless,
				 .key = strdup(n->key),
				 .id = copy(n->id),
				 .runtime = n->runtime,
				 .qos = n->qos,
				 .pod = copy(n->pod),
				 .used = g->tick };
	if (!group->key || (n->id && !group->id) || (n->pod && !group->pod)) {
		release(group);
		return 0;
	}
	g->next_number++;
	g->n++;
	*slot_of_key(g, group->class, group->key) = (uint32_t)g->n;
	*slot_of_number(g, group->number) = (uint32_t)g->n;
	return group->number;
}

bool groups_touch(struct groups *g, uint64_t number)
{
	uint32_t *slot = slot_of_number(g, number);

	if (!*slot)
		return false;
	g->group[*slot - 1].used = g->tick;
	return true;
}

struct group *groups_at(struct groups *g, uint64_t number)
{
	uint32_t *slot = slot_of_number(g, number);

	return *slot ? &g->group[*slot - 1] : NULL;
}

const struct group *groups_get(const struct groups *g, uint64_t number)
{
	uint32_t *slot = slot_of_number(g, number);

	return *slot ? &g->group[*slot - 1] : NULL;
}

size_t groups_n(const struct groups *g)
{
	return g->n;
}

uint64_t groups_n_forgotten(const struct groups *g)
{
	return g->n_forgotten;
}
