/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_store.c - see api_store.h. */
#include "cli/api_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "intensity/series_file.h"

#define STORE_MAX_FILES 64

struct api_snapshot {
	unsigned int n_holders;
	size_t n_sets;
	struct series_set set[STORE_MAX_FILES];
	struct api_data data;
};

struct store_file {
	const char *path; /* into api_store.names */
	bool is_forecast;
	struct stat was; /* when it was read last */
};

struct api_store {
	char *names[2];
	size_t n_files;
	struct store_file file[STORE_MAX_FILES];
	bool unreadable;      /* said */
	pthread_mutex_t lock; /* of now */
	struct api_snapshot *now;
};

static void snapshot_free(struct api_snapshot *s)
{
	if (!s)
		return;
	api_index_free(&s->data);
	free(s->data.series);
	for (size_t i = 0; i < s->n_sets; i++)
		series_set_free(&s->set[i]);
	free(s);
}

DEFINE_CLEANUP(struct api_snapshot *, snapshot_free)

void api_snapshot_get(struct api_snapshot *s)
{
	__atomic_add_fetch(&s->n_holders, 1, __ATOMIC_RELAXED);
}

void api_snapshot_put(struct api_snapshot *s)
{
	if (__atomic_sub_fetch(&s->n_holders, 1, __ATOMIC_ACQ_REL) == 0)
		snapshot_free(s);
}

const struct api_data *api_snapshot_data(const struct api_snapshot *s)
{
	return &s->data;
}

struct api_snapshot *api_store_get(struct api_store *s)
{
	struct api_snapshot *now;

	pthread_mutex_lock(&s->lock);
	now = s->now;
	api_snapshot_get(now);
	pthread_mutex_unlock(&s->lock);
	return now;
}

/* The series of a file, behind those of the files before. */
static int snapshot_add(struct api_snapshot *s, const struct store_file *f)
{
	const struct series_set *set = &s->set[s->n_sets - 1];
	struct api_series *more =
		reallocarray(s->data.series, s->data.n + set->n, sizeof(*s->data.series));

	if (!more)
		return -ENOMEM;
	s->data.series = more;
	for (size_t i = 0; i < set->n; i++)
		more[s->data.n++] = (struct api_series){
			.series = &set->series[i],
			.is_forecast = f->is_forecast,
			.generated_s = f->is_forecast ? f->was.st_mtime : API_GENERATED_NONE,
		};
	return 0;
}

static int store_read(struct api_store *s, struct api_snapshot **ret, struct why *why)
{
	CLEANUP(snapshot_free_ptr) struct api_snapshot *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < s->n_files; i++) {
		struct store_file *f = &s->file[i];

		/* Before it is read: what changes meanwhile is read again. */
		if (stat(f->path, &f->was))
			return why_set(why, -errno, "%s: %s", f->path, strerror(errno));
		err = series_load(f->path, &new->set[i], why);
		if (err)
			return err;
		new->n_sets = i + 1;
		if (snapshot_add(new, f))
			return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	}
	if (api_index(&new->data))
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	new->n_holders = 1;
	*ret = TAKE_PTR(new);
	return 0;
}

static bool store_has_changed(const struct api_store *s)
{
	for (size_t i = 0; i < s->n_files; i++) {
		const struct store_file *f = &s->file[i];
		struct stat now;

		/* One that is not there just now may be about to be renamed to. */
		if (!stat(f->path, &now) &&
		    (now.st_ino != f->was.st_ino || now.st_size != f->was.st_size ||
		     now.st_mtim.tv_sec != f->was.st_mtim.tv_sec ||
		     now.st_mtim.tv_nsec != f->was.st_mtim.tv_nsec))
			return true;
	}
	return false;
}

/* As the user that the server has become. */
static int store_is_readable(struct api_store *s, struct why *why)
{
	for (size_t i = 0; i < s->n_files && !s->unreadable; i++) {
		if (!access(s->file[i].path, R_OK) || errno != EACCES)
			continue;
		s->unreadable = true;
		return why_set(why, -EACCES, "%s cannot be read again by this user",
			       s->file[i].path);
	}
	return 0;
}

int api_store_refresh(struct api_store *s, struct why *why)
{
	struct api_snapshot *new, *old;
	int err = store_is_readable(s, why);

	if (err)
		return err;
	if (!store_has_changed(s))
		return 0;
	err = store_read(s, &new, why);
	if (err)
		return err;
	pthread_mutex_lock(&s->lock);
	old = s->now;
	s->now = new;
	pthread_mutex_unlock(&s->lock);
	api_snapshot_put(old);
	return 1;
}

/* Cuts names at its commas, which stays the store's. */
static int store_files(struct api_store *s, char *names, bool is_forecast, struct why *why)
{
	for (char *path = names; path; path = names) {
		names = strchr(path, ',');
		if (names)
			*names++ = '\0';
		if (s->n_files == STORE_MAX_FILES)
			return why_set(why, -EINVAL, "more than %d files", STORE_MAX_FILES);
		s->file[s->n_files++] = (struct store_file){ path, is_forecast, { 0 } };
	}
	return 0;
}

DEFINE_CLEANUP(struct api_store *, api_store_free)

int api_store_new(const char *data, const char *forecast, struct api_store **ret, struct why *why)
{
	CLEANUP(api_store_free_ptr) struct api_store *s = calloc(1, sizeof(*s));
	const char *const names[] = { data, forecast };
	int err = 0;

	if (!s)
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	pthread_mutex_init(&s->lock, NULL);
	for (int i = 0; i < 2 && !err; i++) {
		if (!names[i])
			continue;
		s->names[i] = strdup(names[i]);
		err = s->names[i] ? store_files(s, s->names[i], i == 1, why) : -ENOMEM;
	}
	if (!err && s->n_files == 0)
		err = why_set(why, -EINVAL, "no file: give --data or --forecast");
	if (!err)
		err = store_read(s, &s->now, why);
	if (err)
		return err;
	*ret = TAKE_PTR(s);
	return 0;
}

void api_store_free(struct api_store *s)
{
	if (!s)
		return;
	if (s->now)
		api_snapshot_put(s->now);
	free(s->names[0]);
	free(s->names[1]);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
