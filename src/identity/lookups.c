/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookups.c - see lookups.h: a table of groups, with what was answered beside each. */
#include "identity/lookups.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Asked so often, in the 1st, 3rd, 7th and 15th tick. */
#define MAX_TRIES 4

struct lookups {
	struct groups *places;
	uint64_t tick;
	/* Numbers of those to be asked, a ring. */
	uint64_t *queue;
	size_t capacity; /* a power of two */
	size_t first;
	size_t n;
};

int lookups_new(bool keep, struct lookups **ret)
{
	struct lookups *l = calloc(1, sizeof(*l));

	if (!l || groups_new(keep, &l->places)) {
		free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}

void lookups_free(struct lookups *l)
{
	if (!l)
		return;
	groups_free(l->places);
	free(l->queue);
	free(l);
}

void lookups_begin(struct lookups *l)
{
	l->tick++;
	groups_begin(l->places);
}

static bool grow(struct lookups *l)
{
	size_t capacity = l->capacity ? 2 * l->capacity : 64;
	uint64_t *queue = capacity > GROUPS_MAX ? NULL : malloc(capacity * sizeof(*queue));

	if (!queue)
		return false;
	for (size_t i = 0; i < l->n; i++)
		queue[i] = l->queue[(l->first + i) & (l->capacity - 1)];
	free(l->queue);
	l->queue = queue;
	l->capacity = capacity;
	l->first = 0;
	return true;
}

/* Those whose group is forgotten need no answer. */
static void drop_forgotten(struct lookups *l)
{
	while (l->n && !groups_at(l->places, l->queue[l->first & (l->capacity - 1)])) {
		l->first++;
		l->n--;
	}
}

/* What finds no room is asked in a later tick. */
static void enqueue(struct lookups *l, struct group *g)
{
	if (l->n == l->capacity && !grow(l)) {
		drop_forgotten(l);
		if (l->n == l->capacity)
			return;
	}
	l->queue[(l->first + l->n++) & (l->capacity - 1)] = g->number;
	g->lookup.n_tries++;
	g->lookup.next_tick = l->tick + (UINT64_C(1) << g->lookup.n_tries);
	g->lookup.is_asked = true;
}

const struct group_known *lookups_get(struct lookups *l, const char *path,
				      const struct place *place, enum place_what what)
{
	const struct place_name *name = &place->name[what];
	char key[PLACE_MAX_PATH];
	struct groups_new_group n = { .key = key, .id = name->id };
	struct group *g;

	if (!name->id[0] || name->len >= sizeof(key))
		return NULL;
	memcpy(key, path, name->len);
	key[name->len] = '\0';
	if (what == PLACE_CONTAINER) {
		n.runtime = place->runtime;
		n.pod = place->name[PLACE_POD].id[0] ? place->name[PLACE_POD].id : NULL;
	}
	g = groups_at(l->places, groups_number(l->places, &n));
	if (!g)
		return NULL;
	if (g->lookup.is_found)
		return &g->lookup.known;
	if (!g->lookup.is_asked && g->lookup.n_tries < MAX_TRIES && l->tick >= g->lookup.next_tick)
		enqueue(l, g);
	return NULL;
}

static void put(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

/* "/user.slice/user-1000.slice/…": a user's own containers. */
static uint32_t owner_of(const char *path)
{
	uint32_t uid;

	return sscanf(path, "/user.slice/user-%" SCNu32 ".slice/", &uid) == 1 ? uid : 0;
}

bool lookups_next(struct lookups *l, struct lookup_question *ret)
{
	while (l->n) {
		const struct group *g =
			groups_at(l->places, l->queue[l->first++ & (l->capacity - 1)]);

		l->n--;
		if (!g)
			continue;
		memset(ret, 0, sizeof(*ret));
		ret->number = g->number;
		/* Only a container has a runtime. */
		ret->what = g->runtime ? LOOKUP_CONTAINER : LOOKUP_POD;
		ret->uid = owner_of(g->key);
		put(ret->runtime, sizeof(ret->runtime), g->runtime);
		put(ret->id, sizeof(ret->id), g->id);
		put(ret->pod, sizeof(ret->pod), g->pod);
		return true;
	}
	return false;
}

static char *copy(const char *s)
{
	return *s ? strdup(s) : NULL;
}

void lookups_answer(struct lookups *l, const struct lookup_answer *a)
{
	struct group *g = groups_at(l->places, a->number);

	if (!g || g->lookup.is_found)
		return;
	g->lookup.is_asked = false;
	if (!a->is_found)
		return;
	g->lookup.is_found = true;
	g->lookup.known = (struct group_known){ .name = copy(a->name),
						.image = copy(a->image),
						.namespace = copy(a->namespace),
						.pod_name = copy(a->pod_name),
						.labels = copy(a->labels) };
}
