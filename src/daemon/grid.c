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

/* "uk", "uk=http://127.0.0.1:8080"; anything else is a file. */
static int read_spec(const struct grid_options *o, const char *zone, struct grid_spec *ret,
		     struct why *why)
{
	size_t n_name = strcspn(o->spec, "=");
	const char *location = o->location ? o->location : zone;
	char name[32], dir[FS_PATH_LEN / 2];

	*ret = (struct grid_spec){ .is_feed = false };
	snprintf(name, sizeof(name), "%.*s", (int)(n_name < 31 ? n_name : 31), o->spec);
	if (answer_feed_of(name, &ret->feed))
		return 0;
	ret->is_feed = true;
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

int grid_open(const struct grid_options *o, const char *zone, struct intensity_source **ret,
	      struct why *why)
{
	struct intensity_source_options so = { .zone = zone };
	struct grid_spec spec;
	int err;

	if (is_table(o))
		return intensity_source_new(&so, ret, why);
	err = read_spec(o, zone, &spec, why);
	if (err)
		return err;
	if (spec.is_feed && spec.feed == ANSWER_UK && !zone)
		so.zone = "GB"; /* which is where that feed is of */
	so.file = spec.is_feed ? spec.cache : o->spec;
	so.location = spec.is_feed ? spec.location : o->location;
	so.feed = spec.is_feed ? answer_kinds[spec.feed].name : NULL;
	return intensity_source_new(&so, ret, why);
}

int grid_start_feed(const struct grid_options *o, const char *zone, struct feed **ret,
		    struct why *why)
{
	struct feed_options fo;
	struct grid_spec spec;
	int err;

	if (is_table(o))
		return 0;
	err = read_spec(o, zone, &spec, why);
	if (err || !spec.is_feed)
		return err;
	fo = (struct feed_options){ .name = answer_kinds[spec.feed].name,
				    .location = spec.location,
				    .url = spec.url,
				    .cache = spec.cache,
				    .key_file = o->key_file };
	return feed_new(&fo, ret, why);
}
