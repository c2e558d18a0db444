/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_file.c - a file of series: opened within bounds, its form told, its series found. */
#include "intensity/series_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "intensity/series_form.h"

#define JSON_LOOK 64 /* bytes in which JSON must begin */
/* exp(z·σ) of SERIES_SOURCE_SD, and of it with SERIES_GUESS_SD in quadrature; tested. */
#define VALUE_FACTOR 1.479927
#define GUESS_FACTOR 1.558529

struct series *series_set_get(struct series_set *set, const char *location, size_t len,
			      enum series_kind kind)
{
	struct series *s;

	/* Rows of one location mostly follow each other. */
	for (size_t i = set->n; i-- > 0;) {
		s = &set->series[i];
		if (s->kind == kind && !strncasecmp(s->location, location, len) &&
		    s->location[len] == '\0')
			return s;
	}
	if (set->n == SERIES_SET_MAX)
		return NULL;
	if (set->n == set->capacity) {
		size_t capacity = set->capacity ? 2 * set->capacity : 4;
		void *bigger = realloc(set->series, capacity * sizeof(*set->series));

		if (!bigger)
			return NULL;
		set->series = bigger;
		set->capacity = capacity;
	}
	s = &set->series[set->n++];
	*s = (struct series){ .kind = kind };
	memcpy(s->location, location, len);
	return s;
}

const struct series *series_set_find(const struct series_set *set, const char *location)
{
	const struct series *found = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct series *s = &set->series[i];

		if (location ? strcasecmp(s->location, location) != 0
			     : strcasecmp(s->location, set->series[0].location) != 0) {
			if (!location)
				return NULL;
			continue;
		}
		if (!found || (found->kind != SERIES_AVERAGE && s->kind == SERIES_AVERAGE))
			found = s;
	}
	return found;
}

const struct series *series_set_find_kind(const struct series_set *set, const char *location,
					  enum series_kind kind)
{
	const struct series *found = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct series *s = &set->series[i];

		if (s->kind != kind || (location && strcasecmp(s->location, location) != 0))
			continue;
		if (found)
			return NULL; /* of two places: which? */
		found = s;
	}
	return found;
}

void series_set_free(struct series_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		series_free(&set->series[i]);
	free(set->series);
	if (set->map)
		munmap(set->map, set->map_len);
	*set = (struct series_set){ 0 };
}

int series_point_set(struct series_point *p, double mg_per_kwh)
{
	double factor = VALUE_FACTOR;
	double high;

	if (!(mg_per_kwh >= 0 && mg_per_kwh <= SERIES_MAX_MG_PER_KWH))
		return -ERANGE;
	if (p->flags & (SERIES_ESTIMATED | SERIES_FORECAST))
		factor = GUESS_FACTOR;
	high = mg_per_kwh * factor + 0.5;
	p->mg_per_kwh = (uint32_t)(mg_per_kwh + 0.5);
	p->low_mg_per_kwh = (uint32_t)(mg_per_kwh / factor);
	p->high_mg_per_kwh = high < SERIES_MAX_MG_PER_KWH ? (uint32_t)high : SERIES_MAX_MG_PER_KWH;
	return 0;
}

int series_read(const char *path, const char *text, size_t len, struct series_set *ret,
		struct why *why)
{
	bool is_json = form_is_json(text, len < JSON_LOOK ? len : JSON_LOOK);
	struct series_set set = { 0 };
	struct why what = { "" };
	int err;

	err = is_json ? form_read_casdk(text, len, &set, &what)
		      : form_read_csv(text, len, &set, &what);
	for (size_t i = 0; i < set.n && !err; i++)
		err = series_finish(&set.series[i]);
	for (size_t i = 0, n = 0; !err; i++) {
		if (i == set.n) {
			err = n ? 0 : why_set(&what, -ENODATA, "has no value");
			break;
		}
		n += set.series[i].n;
	}
	if (err) {
		series_set_free(&set);
		return why_set(why, err, "intensity %s: %s", path,
			       what.text[0] ? what.text : strerror(-err));
	}
	*ret = set;
	return 0;
}

/* All of a plain file of at most max bytes. */
static int read_file(int fd, size_t size, char **ret)
{
	CLEANUP(cleanup_free) char *text = malloc(size + 1);
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ENODATA; /* it shrank meanwhile */
		if (n > 0)
			len += (size_t)n;
	}
	*ret = TAKE_PTR(text);
	return 0;
}

int series_load(const char *path, struct series_set *ret, struct why *why)
{
	/* A FIFO without a writer must not hang. */
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(cleanup_free) char *text = NULL;
	char begin[JSON_LOOK];
	struct why what = { "" };
	struct stat st;
	bool is_pack;
	ssize_t n;
	off_t max;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return why_set(why, -errno, "intensity %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, -EINVAL, "intensity %s: not a plain file", path);
	n = pread(fd, begin, sizeof(begin), 0);
	is_pack = n > 0 && form_is_pack(begin, (size_t)n);
	max = is_pack					? SERIES_FILE_MAX_PACK
	      : n > 0 && form_is_json(begin, (size_t)n) ? SERIES_FILE_MAX_JSON
							: SERIES_FILE_MAX_CSV;
	if (st.st_size > max)
		return why_set(why, -E2BIG, "intensity %s: %lld bytes, at most %lld are read", path,
			       (long long)st.st_size, (long long)max);
	if (is_pack) {
		err = form_map_pack(fd, &st, ret, &what);
		return err ? why_set(why, err, "intensity %s: %s", path, what.text) : 0;
	}
	err = read_file(fd, (size_t)st.st_size, &text);
	if (err)
		return why_set(why, err, "intensity %s: %s", path, strerror(-err));
	return series_read(path, text, (size_t)st.st_size, ret, why);
}
