/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reserve.c - see reserve.h. */
#include "daemon/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attrib/reserve.h"
#include "base/cleanup.h"
#include "base/fs.h"

#define UCPU_PER_CPU UINT64_C(1000000)
/* cpu.weight that a cgroup without the file would have; in cpu.shares of v1 it is 1024. */
#define DEFAULT_WEIGHT 100
#define DEFAULT_SHARES 1024

struct reserve_group {
	uint64_t id;
	uint32_t v1; /* JT_CELL_V1_CGRP or 0 */
	bool gone;
	bool known; /* its files have been read */
};

struct reserve {
	struct identity *identity;
	uint64_t n_windows;
	uint64_t n_dropped;
	size_t n;
	struct reserve_group group[RESERVE_MAX_CGROUPS]; /* by id, then hierarchy */
	struct reserve_claim claim[RESERVE_MAX_CGROUPS];
	uint64_t ucpu[RESERVE_MAX_CGROUPS];
};

int reserve_new(struct identity *id, struct reserve **ret)
{
	struct reserve *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->identity = id;
	*ret = r;
	return 0;
}

void reserve_free(struct reserve *r)
{
	free(r);
}

/* Where the cgroup is, or would go. */
static size_t find(const struct reserve *r, uint64_t id, uint32_t v1)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (r->group[mid].id < id || (r->group[mid].id == id && r->group[mid].v1 < v1))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void remember(struct reserve *r, uint64_t id, uint32_t v1)
{
	size_t at = find(r, id, v1);

	if (at < r->n && r->group[at].id == id && r->group[at].v1 == v1)
		return;
	if (r->n == RESERVE_MAX_CGROUPS) {
		r->n_dropped++;
		return;
	}
	memmove(&r->group[at + 1], &r->group[at], (r->n - at) * sizeof(r->group[0]));
	memmove(&r->claim[at + 1], &r->claim[at], (r->n - at) * sizeof(r->claim[0]));
	r->group[at] = (struct reserve_group){ .id = id, .v1 = v1 };
	r->claim[at] = (struct reserve_claim){ 0 };
	r->n++;
}

/* A number in the cgroup's file; fallback where there is none, or it is "max" or -1. */
static uint64_t read_number(int dir_fd, const char *name, uint64_t fallback)
{
	char text[64];
	uint64_t v;

	if (fs_read_text_at(dir_fd, name, text, sizeof(text), NULL) || fs_parse_u64(text, &v))
		return fallback;
	return v;
}

/* quota / period in 10^-6 of a CPU; 0 where there is no limit, or none that makes sense. */
static uint64_t quota_ucpu(uint64_t quota_us, uint64_t period_us)
{
	return period_us && quota_us <= UINT64_MAX / UCPU_PER_CPU
		       ? quota_us * UCPU_PER_CPU / period_us
		       : 0;
}

/* "150000 100000" or "max 100000" */
static uint64_t read_max(int dir_fd)
{
	char text[64], *period;
	uint64_t quota_us, period_us;

	if (fs_read_text_at(dir_fd, "cpu.max", text, sizeof(text), NULL))
		return 0;
	period = strchr(text, ' ');
	if (!period)
		return 0;
	*period++ = '\0';
	if (fs_parse_u64(text, &quota_us) || fs_parse_u64(period, &period_us))
		return 0;
	return quota_ucpu(quota_us, period_us);
}

/* None without a directory. */
static struct reserve_claim read_claim(int dir_fd, uint32_t v1)
{
	if (dir_fd < 0)
		return (struct reserve_claim){ 0 };
	if (!v1)
		return (struct reserve_claim){
			.quota_ucpu = read_max(dir_fd),
			.weight = read_number(dir_fd, "cpu.weight", DEFAULT_WEIGHT),
		};
	return (struct reserve_claim){
		.quota_ucpu = quota_ucpu(read_number(dir_fd, "cpu.cfs_quota_us", 0),
					 read_number(dir_fd, "cpu.cfs_period_us", 0)),
		.weight = read_number(dir_fd, "cpu.shares", DEFAULT_SHARES) * DEFAULT_WEIGHT /
			  DEFAULT_SHARES,
	};
}

/* Reads the claims that are new, or all; forgets the cgroups that are gone. */
static void refresh(struct reserve *r, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct reserve_group *g = &r->group[i];

		if (all || !g->known) {
			CLEANUP(cleanup_close)
			int fd = identity_open_cgroup(r->identity, g->id, g->v1);

			/* The hierarchy's root has no limit and competes with nobody. */
			g->gone = fd == -ENOENT;
			g->known = true;
			r->claim[i] = read_claim(fd, g->v1);
		}
		if (g->gone)
			continue;
		r->group[kept] = *g;
		r->claim[kept++] = r->claim[i];
	}
	r->n = kept;
}

size_t reserve_rows(struct reserve *r, const struct usage *u, struct usage_row *ret, size_t room)
{
	uint64_t last_id = 0;
	size_t n = 0;

	for (size_t i = 0; i < u->n_rows; i++) {
		const struct usage_row *row = &u->rows[i];

		if (row->cgroup_id == 0 || row->cgroup_id == last_id)
			continue;
		last_id = row->cgroup_id;
		remember(r, row->cgroup_id, row->flags & JT_CELL_V1_CGRP);
	}
	refresh(r, r->n_windows++ % RESERVE_EVERY == 0);
	attrib_reserve(r->claim, r->n, u->n_cpus, r->ucpu);
	for (size_t i = 0; i < r->n; i++) {
		if (r->ucpu[i] == 0)
			continue;
		if (n == room) {
			r->n_dropped++;
			continue;
		}
		ret[n++] = (struct usage_row){
			.cgroup_id = r->group[i].id,
			.flags = r->group[i].v1 | USAGE_ROW_RESERVED,
			.reserved_ucpu = r->ucpu[i],
		};
	}
	return n;
}

uint64_t reserve_n_dropped(const struct reserve *r)
{
	return r->n_dropped;
}
