/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grid.c - see grid.h. */
#include "daemon/grid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "daemon/feed.h"
#include "intensity/answer.h"
#include "intensity/source.h"

#define ROOT_CACHE "/var/cache/jouletrail"

/* What --intensity names. */
struct grid_spec {
	bool is_feed;
	enum answer_feed feed;
	char location[64];
	const char *url; /* within the option; NULL = none */
	char cache[FS_PATH_LEN];
};

static void put_cache_dir(const char *dir, char *ret, size_t size)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CACHE_HOME");

	if (dir)
		snprintf(ret, size, "%s", dir);
	else if (geteuid() == 0)
		snprintf(ret, size, "%s", ROOT_CACHE);
	else if (xdg && xdg[0] == '/')
		snprintf(ret, size, "%s/jouletrail", xdg);
	else
		snprintf(ret, size, "%s/.cache/jouletrail", home ? home : "");
}

static bool is_table(const struct grid_options *o)
{
	return !o->spec || !strcmp(o->spec, "table");
}

/* "uk", "uk=http://127.0.0.1:8080"; -ENOENT for anything else, which is a file. */
static int feed_of_spec(const char *text, enum answer_feed *ret)
{
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
	return answer_feed_of(name, ret);
}

static int read_spec(const struct grid_options *o, const char *zone, struct grid_spec *ret,
		     struct why *why)
{
	size_t n_name = strcspn(o->spec, "=");
	const char *location = o->location ? o->location : zone;
	char dir[FS_PATH_LEN / 2];
	const char *name;

	*ret = (struct grid_spec){ .is_feed = false };
	if (feed_of_spec(o->spec, &ret->feed))
		return 0;
	ret->is_feed = true;
	name = answer_kinds[ret->feed].name;
	if (o->spec[n_name] == '=')
		ret->url = o->spec + n_name + 1;
	if (!location && ret->feed == ANSWER_UK)
		location = "GB";
	if (!location)
		return why_set(why, -EINVAL,
			       "--intensity %s needs the place: --zone, or --intensity-location as "
			       "the feed calls it",
			       name);
	if (strlen(location) >= sizeof(ret->location) || strchr(location, '/'))
		return why_set(why, -EINVAL, "--intensity %s: '%.40s' is no place", name, location);
	snprintf(ret->location, sizeof(ret->location), "%s", location);
	put_cache_dir(o->cache_dir, dir, sizeof(dir));
	snprintf(ret->cache, sizeof(ret->cache), "%s/%s-%s.csv", dir, name, location);
	return 0;
}

static int read_kind(const struct grid_options *o, struct intensity_source_options *so,
		     struct why *why)
{
	so->has_kind = o->kind;
	if (o->kind && series_kind_parse(o->kind, &so->kind))
		return why_set(why, -EINVAL, "--kind %.40s: average or marginal", o->kind);
	return 0;
}

/* A feed is of one kind, which no other stands in for. */
static int feed_source(const struct grid_spec *spec, struct intensity_source_options *so,
		       struct why *why)
{
	const struct answer_kind *is = &answer_kinds[spec->feed];

	if (so->has_kind && so->kind != is->kind)
		return why_set(why, -EINVAL, "--kind %s: %s is %s", series_kind_name(so->kind),
			       is->name, series_kind_name(is->kind));
	so->kind = is->kind;
	if (spec->feed == ANSWER_UK && !so->zone)
		so->zone = "GB"; /* which is where that feed is of */
	so->file = spec->cache;
	so->location = spec->location;
	so->feed = is->name;
	return 0;
}

int grid_open(const struct grid_options *o, const char *zone, struct intensity_source **ret,
	      struct why *why)
{
	struct intensity_source_options so = { .zone = zone };
	struct grid_spec spec;
	int err = read_kind(o, &so, why);

	if (!err && !is_table(o)) {
		err = read_spec(o, zone, &spec, why);
		if (!err && spec.is_feed)
			err = feed_source(&spec, &so, why);
		else if (!err) {
			so.file = o->spec;
			so.location = o->location;
		}
	}
	return err ? err : intensity_source_new(&so, ret, why);
}

static struct feed_options feed_options_of(const struct grid_options *o,
					   const struct grid_spec *spec)
{
	return (struct feed_options){ .name = answer_kinds[spec->feed].name,
				      .location = spec->location,
				      .url = spec->url,
				      .cache = spec->cache,
				      .key_file = o->key_file };
}

int grid_start_feed(const struct grid_options *o, const char *zone, struct spawner *spawner,
		    struct feed **ret, struct why *why)
{
	struct feed_options fo;
	struct grid_spec spec;
	int err;

	if (is_table(o))
		return 0;
	err = read_spec(o, zone, &spec, why);
	if (err || !spec.is_feed)
		return err;
	fo = feed_options_of(o, &spec);
	fo.spawner = spawner;
	return feed_new(&fo, ret, why);
}

bool grid_is_asked(const struct grid_options *o)
{
	return !is_table(o) && grid_is_feed(o->spec);
}

bool grid_is_feed(const char *text)
{
	enum answer_feed feed;

	return feed_of_spec(text, &feed) == 0;
}

int grid_ask_feed(const struct grid_options *o, const char *zone, char ret_cache[FS_PATH_LEN],
		  struct why *why)
{
	struct feed_options fo;
	struct grid_spec spec;
	int err = read_spec(o, zone, &spec, why);

	if (err)
		return err;
	if (!spec.is_feed)
		return why_set(why, -EINVAL, "'%.40s' is no feed", o->spec);
	fo = feed_options_of(o, &spec);
	memcpy(ret_cache, spec.cache, sizeof(spec.cache));
	return feed_ask(&fo, why);
}
