/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_key.c - see report_key.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/report_key.h"
#include "identity/place.h"

static const enum place_what places[RECORD_N_KINDS] = {
	[RECORD_CONTAINER] = PLACE_CONTAINER, [RECORD_POD] = PLACE_POD,
	[RECORD_UNIT] = PLACE_UNIT,	      [RECORD_SLICE] = PLACE_SLICE,
	[RECORD_SESSION] = PLACE_SESSION,     [RECORD_VM] = PLACE_VM,
};

/* What its cgroup's path says; as much of the path as names it is the key. */
static void key_place(enum place_what what, const struct report_names *n, char *key, char *id)
{
	const char *none = n->is_kthread ? "(kernel)" : n->cgroup[0] ? "(none)" : "(unknown)";
	struct place place;
	const struct place_name *name = &place.name[what];

	place_parse(n->cgroup, &place);
	if (!name->id[0]) {
		/* A record of this very kind without an id says what it is instead. */
		snprintf(key, REPORT_PATH_LEN, "%s", n->cgroup[0] || !n->name[0] ? none : n->name);
		return;
	}
	snprintf(id, REPORT_KEY_LEN, "%s", name->id);
	snprintf(key, REPORT_PATH_LEN, "%.*s", (int)name->len, n->cgroup);
	/* "-.slice" is no directory. */
	if (!name->len)
		snprintf(key, REPORT_PATH_LEN, "%s", name->id);
}

static void key_user(const struct report_names *n, char *key)
{
	struct place place;
	uint64_t uid;

	place_parse(n->cgroup, &place);
	if (!strcmp(n->kind, "user"))
		snprintf(key, REPORT_PATH_LEN, "%s", n->id[0] ? n->id : n->name);
	else if (n->is_kthread)
		snprintf(key, REPORT_PATH_LEN, "(kernel)");
	else if (n->has_uid)
		snprintf(key, REPORT_PATH_LEN, "%" PRIu64, n->uid);
	else if (sscanf(place.name[PLACE_SLICE].id, "user-%" SCNu64 ".slice", &uid) == 1)
		snprintf(key, REPORT_PATH_LEN, "%" PRIu64, uid);
}

static void key_task(const struct report *r, const struct report_names *n, char *key)
{
	uint64_t pid = n->pid, start = n->start_boottime_ns;

	if (!pid || (r->by == RECORD_THREAD && !n->tid))
		return;
	if (r->by == RECORD_THREAD)
		snprintf(key, REPORT_PATH_LEN, "%" PRIu64 ":%" PRIu64 ":%" PRIu64, pid, start,
			 n->tid);
	else
		snprintf(key, REPORT_PATH_LEN, "%" PRIu64 ":%" PRIu64, pid, start);
}

void report_key(const struct report *r, const struct report_names *n, char *key,
		char id[REPORT_KEY_LEN])
{
	key[0] = id[0] = '\0';
	if (n->is_irq && r->by < RECORD_N_KINDS) {
		snprintf(key, REPORT_PATH_LEN, "(interrupts)");
		return;
	}
	switch (r->by) {
	case RECORD_PROCESS:
	case RECORD_THREAD:
		key_task(r, n, key);
		break;
	case RECORD_COMM:
		snprintf(key, REPORT_PATH_LEN, "%s", n->comm[0] ? n->comm : n->id);
		break;
	case RECORD_CGROUP:
		snprintf(key, REPORT_PATH_LEN, "%s", n->cgroup);
		break;
	case RECORD_USER:
		key_user(n, key);
		break;
	case REPORT_ZONE:
		snprintf(key, REPORT_PATH_LEN, "%s", r->zone[r->tick_zone]);
		break;
	case REPORT_HOST:
		snprintf(key, REPORT_PATH_LEN, "consumers");
		break;
	default:
		key_place(places[r->by], n, key, id);
		break;
	}
	if (!key[0])
		snprintf(key, REPORT_PATH_LEN, n->is_reserved ? "(reserved)" : "(none)");
}
