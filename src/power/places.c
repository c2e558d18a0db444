/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* places.c - see places.h. */
#include "power/places.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fs.h"

#define CPU_DIR "sys/devices/system/cpu"

struct search {
	const char *root;
	bool all;    /* every CPU of the list is a place of its own */
	bool by_die; /* a place is a die, not a package */
	int err;
	struct places *places;
};

static int read_id(const char *root, unsigned int cpu, const char *file, int otherwise)
{
	char path[128];
	uint64_t id;

	snprintf(path, sizeof(path), CPU_DIR "/cpu%u/topology/%s", cpu, file);
	/* "-1" and what else is no small number is no id. */
	return !fs_read_u64(root, path, &id) && id <= 65535 ? (int)id : otherwise;
}

static bool is_known(const struct search *s, const struct place *new)
{
	for (size_t i = 0; i < s->places->n && !s->all; i++) {
		const struct place *p = &s->places->place[i];

		if (p->package == new->package && (!s->by_die || p->die == new->die))
			return true;
	}
	return false;
}

static void add_cpu(unsigned int cpu, void *arg)
{
	struct search *s = arg;
	struct place new = {
		.cpu = cpu,
		.package = read_id(s->root, cpu, "physical_package_id", 0),
		.die = read_id(s->root, cpu, "die_id", 0),
	};

	if (s->err || is_known(s, &new))
		return;
	if (s->places->n == PLACES_MAX)
		s->err = -E2BIG;
	else
		s->places->place[s->places->n++] = new;
}

/* A die is spoken of only where a package has several of them. */
static void drop_single_dies(struct places *p)
{
	bool several = false;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < i; k++)
			several |= p->place[i].package == p->place[k].package;
	for (size_t i = 0; i < p->n && !several; i++)
		p->place[i].die = -1;
}

static int search(struct search *s, const char *cpulist)
{
	int err = fs_parse_cpulist(cpulist, add_cpu, s);

	if (err || s->err)
		return err ? err : s->err;
	drop_single_dies(s->places);
	return s->places->n ? 0 : -ENODATA;
}

int places_find(const char *root, bool by_die, struct places *ret)
{
	struct search s = { .root = root, .by_die = by_die, .places = ret };
	char online[4096];
	int err = fs_read_text(root, CPU_DIR "/online", online, sizeof(online), NULL);

	ret->n = 0;
	if (err && err != -ENOENT)
		return err;
	return search(&s, err ? "0" : online);
}

int places_of_list(const char *root, const char *cpulist, struct places *ret)
{
	struct search s = { .root = root, .all = true, .places = ret };

	ret->n = 0;
	return search(&s, cpulist);
}
