/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_seen.c - see report_seen.h. */
#include "cli/report_seen.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

/* A power of two; half of it is used: some 10 MB of names. */
#define SEEN_SLOTS 65536

const struct scan_name report_of[REPORT_N_OF] = {
	[OF_CGROUP] = SCAN_NAME_OF("cgroup"),
	[OF_COMM] = SCAN_NAME_OF("comm"),
	[OF_CONTAINER_NAME] = SCAN_NAME_OF("container_name"),
	[OF_CPU_NS] = SCAN_NAME_OF("cpu_ns"),
	[OF_ENERGY_HIGH] = SCAN_NAME_OF("energy_high_uj"),
	[OF_ENERGY_LOW] = SCAN_NAME_OF("energy_low_uj"),
	[OF_ENERGY] = SCAN_NAME_OF("energy_uj"),
	[OF_FLAGS] = SCAN_NAME_OF("flags"),
	[OF_ID] = SCAN_NAME_OF("id"),
	[OF_KIND] = SCAN_NAME_OF("kind"),
	[OF_N_MISSING] = SCAN_NAME_OF("n_missing"),
	[OF_NAME] = SCAN_NAME_OF("name"),
	[OF_PID] = SCAN_NAME_OF("pid"),
	[OF_POD_NAME] = SCAN_NAME_OF("pod_name"),
	[OF_START] = SCAN_NAME_OF("start_boottime_ns"),
	[OF_TID] = SCAN_NAME_OF("tid"),
	[OF_TIME_NS] = SCAN_NAME_OF("time_ns"),
	[OF_UID] = SCAN_NAME_OF("uid"),
};

/* Those that say whose the sample is. */
static const unsigned char names[] = { OF_CGROUP, OF_COMM, OF_CONTAINER_NAME,
				       OF_FLAGS,  OF_ID,   OF_KIND,
				       OF_NAME,	  OF_PID,  OF_POD_NAME,
				       OF_START,  OF_TID,  OF_UID };

/* Names one after the other, each with its length before it. */
struct seen_entry {
	uint64_t hash;
	size_t group;
	size_t zone;
	size_t len[ARRAY_LENGTH(names)];
	char *bytes; /* NULL = the slot is free */
};

struct report_seen {
	size_t n;
	struct seen_entry slot[SEEN_SLOTS];
};

static uint64_t seen_mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Eight bytes at a time. Whoever chooses names to collide gets what there was without: a search. */
static uint64_t seen_hash(const struct scan_value *of)
{
	uint64_t h = 0, word;

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct scan_value v = of[names[i]];

		h = seen_mix(h, v.len);
		for (; v.len >= sizeof(word); v.at += sizeof(word), v.len -= sizeof(word)) {
			memcpy(&word, v.at, sizeof(word));
			h = seen_mix(h, word);
		}
		word = 0;
		memcpy(&word, v.at, v.len);
		h = seen_mix(h, word);
	}
	return h;
}

static bool seen_is(const struct seen_entry *e, const struct scan_value *of)
{
	const char *at = e->bytes;

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		const struct scan_value *v = &of[names[i]];

		if (v->len != e->len[i] || memcmp(at, v->at, v->len) != 0)
			return false;
		at += v->len;
	}
	return true;
}

/* So many slots are looked at: a crowd of collisions is not worth a search. */
#define SEEN_PROBES 8

/* A report by zone puts the same consumer in several groups. */
static size_t seen_zone(const struct report *r)
{
	return r->by == REPORT_ZONE ? r->tick_zone : 0;
}

struct report_group *report_seen_find(const struct report *r, const struct scan_value *of)
{
	uint64_t hash;

	if (!r->seen)
		return NULL;
	hash = seen_hash(of);
	for (size_t i = 0; i < SEEN_PROBES; i++) {
		const struct seen_entry *e = &r->seen->slot[(hash + i) & (SEEN_SLOTS - 1)];

		if (!e->bytes)
			return NULL;
		if (e->hash == hash && e->zone == seen_zone(r) && seen_is(e, of))
			return &r->group[e->group];
	}
	return NULL;
}

static char *seen_copy(const struct scan_value *of, size_t *ret_len)
{
	size_t all = 0;
	char *bytes, *at;

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		all += ret_len[i] = of[names[i]].len;
	at = bytes = malloc(all + 1);
	for (size_t i = 0; bytes && i < ARRAY_LENGTH(names); i++) {
		memcpy(at, of[names[i]].at, ret_len[i]);
		at += ret_len[i];
	}
	return bytes;
}

void report_seen_add(struct report *r, const struct scan_value *of, const struct report_group *g)
{
	uint64_t hash = seen_hash(of);

	if (!r->seen)
		r->seen = calloc(1, sizeof(*r->seen));
	if (!r->seen || r->seen->n >= SEEN_SLOTS / 2)
		return;
	for (size_t i = 0; i < SEEN_PROBES; i++) {
		struct seen_entry *e = &r->seen->slot[(hash + i) & (SEEN_SLOTS - 1)];

		if (e->bytes)
			continue;
		e->bytes = seen_copy(of, e->len);
		e->hash = hash;
		e->group = (size_t)(g - r->group);
		e->zone = seen_zone(r);
		r->seen->n += e->bytes != NULL;
		return;
	}
}

void report_seen_free(struct report_seen *s)
{
	for (size_t i = 0; s && i < SEEN_SLOTS; i++)
		free(s->slot[i].bytes);
	free(s);
}
