/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_pack.c - series as they lie in memory: a file that is mapped, not parsed. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "intensity/series_form.h"

#define MAGIC		"jouletrail.pack1"
#define PACK_BYTE_ORDER 0x01020304U

struct pack_head {
	char magic[16];
	uint32_t byte_order;
	uint32_t n_series;
	uint64_t size; /* of the file */
};

struct pack_series {
	char location[SERIES_LOCATION_LEN];
	char boundary[16];
	char source[SERIES_TEXT_LEN];
	uint32_t kind;
	uint32_t zero;
	uint64_t n;
	uint64_t offset; /* of the first point in the file */
	int64_t holes_s;
	uint64_t n_holes;
};

static_assert(sizeof(struct series_point) == 32, "a packed file holds points as they are");
static_assert(sizeof(struct pack_head) == 32, "the format of a packed file");
static_assert(sizeof(struct pack_series) == 216, "the format of a packed file");

bool form_is_pack(const char *text, size_t len)
{
	return len >= sizeof(((struct pack_head *)0)->magic) &&
	       !memcmp(text, MAGIC, sizeof(((struct pack_head *)0)->magic));
}

/* Every rule of series.h that a reader relies on. */
static bool is_sound(const struct series_point *p, size_t n)
{
	bool sound = true;
	int64_t end_s = 0;

	for (size_t i = 0; i < n; i++) {
		sound &= p[i].start_s >= end_s && p[i].start_s < p[i].end_s &&
			 p[i].end_s <= SERIES_MAX_S && p[i].low_mg_per_kwh <= p[i].mg_per_kwh &&
			 p[i].mg_per_kwh <= p[i].high_mg_per_kwh &&
			 p[i].high_mg_per_kwh <= SERIES_MAX_MG_PER_KWH;
		end_s = p[i].end_s;
	}
	return sound;
}

static bool is_text(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static int take_series(const struct series_set *set, const struct pack_series *in,
		       struct series *ret)
{
	if (!is_text(in->location, sizeof(in->location)) ||
	    !is_text(in->boundary, sizeof(in->boundary)) ||
	    !is_text(in->source, sizeof(in->source)) || in->kind > SERIES_MARGINAL ||
	    in->n > SERIES_MAX_POINTS || in->offset % 8 || in->offset > set->map_len ||
	    in->n * sizeof(struct series_point) > set->map_len - in->offset)
		return -EBADMSG;
	*ret = (struct series){
		.kind = in->kind,
		.n = in->n,
		.point = (void *)((char *)set->map + in->offset),
		.is_mapped = true,
		.count = { .n_added = in->n, .n_holes = in->n_holes, .holes_s = in->holes_s }
	};
	memcpy(ret->location, in->location, sizeof(ret->location));
	memcpy(ret->boundary, in->boundary, sizeof(ret->boundary));
	memcpy(ret->source, in->source, sizeof(ret->source));
	return is_sound(ret->point, ret->n) ? 0 : -EBADMSG;
}

static int take_all(struct series_set *set)
{
	const struct pack_head *head = set->map;
	const struct pack_series *in = (const void *)(head + 1);

	if (set->map_len < sizeof(*head) || head->byte_order != PACK_BYTE_ORDER ||
	    head->size != set->map_len || head->n_series < 1 || head->n_series > SERIES_SET_MAX ||
	    head->n_series * sizeof(*in) > set->map_len - sizeof(*head))
		return -EBADMSG;
	set->series = calloc(head->n_series, sizeof(*set->series));
	if (!set->series)
		return -ENOMEM;
	set->capacity = head->n_series;
	for (set->n = 0; set->n < head->n_series; set->n++) {
		int err = take_series(set, &in[set->n], &set->series[set->n]);

		if (err)
			return err;
	}
	return 0;
}

int form_map_pack(int fd, const struct stat *st, struct series_set *ret, struct why *why)
{
	struct series_set set = { .map_len = (size_t)st->st_size };
	int err;

	/* Who can write the file could cut it under our eyes, which ends the process. */
	if ((st->st_uid != geteuid() && st->st_uid != 0) || (st->st_mode & (S_IWGRP | S_IWOTH)))
		return why_set(why, -EPERM,
			       "a packed file that others can write; pack it yourself");
	set.map = mmap(NULL, set.map_len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (set.map == MAP_FAILED)
		return why_set(why, -errno, "cannot be mapped: %s", strerror(errno));
	err = take_all(&set);
	if (err) {
		series_set_free(&set);
		return why_set(why, err, "no packed file of this version and byte order, or cut");
	}
	*ret = set;
	return 0;
}

static int write_heads(FILE *f, const struct series_set *set)
{
	struct pack_head head = { .byte_order = PACK_BYTE_ORDER, .n_series = (uint32_t)set->n };
	uint64_t offset = sizeof(head) + set->n * sizeof(struct pack_series);

	memcpy(head.magic, MAGIC, sizeof(head.magic));
	head.size = offset;
	for (size_t i = 0; i < set->n; i++)
		head.size += set->series[i].n * sizeof(struct series_point);
	if (fwrite(&head, sizeof(head), 1, f) != 1)
		return -EIO;
	for (size_t i = 0; i < set->n; i++) {
		const struct series *s = &set->series[i];
		struct pack_series out = { .kind = s->kind,
					   .n = s->n,
					   .offset = offset,
					   .holes_s = s->count.holes_s,
					   .n_holes = s->count.n_holes };

		memcpy(out.location, s->location, sizeof(out.location));
		memcpy(out.boundary, s->boundary, sizeof(out.boundary));
		memcpy(out.source, s->source, sizeof(out.source));
		if (fwrite(&out, sizeof(out), 1, f) != 1)
			return -EIO;
		offset += s->n * sizeof(struct series_point);
	}
	return 0;
}

static int write_all(FILE *f, const struct series_set *set)
{
	int err = write_heads(f, set);

	for (size_t i = 0; i < set->n && !err; i++) {
		const struct series *s = &set->series[i];

		if (fwrite(s->point, sizeof(*s->point), s->n, f) != s->n)
			err = -EIO;
	}
	return err || fflush(f) ? -EIO : 0;
}

int series_pack(const struct series_set *set, const char *path, struct why *why)
{
	CLEANUP(fclose_ptr) FILE *f = NULL;
	char beside[4096];
	int fd, err;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return why_set(why, -ENAMETOOLONG, "%s: the name is too long", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return why_set(why, -errno, "%s: %s", beside, strerror(errno));
	err = write_all(f, set);
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err ? why_set(why, err, "%s: %s", path, strerror(-err)) : 0;
}
