/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* zones.c - see zones.h. */
#include "power/zones.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

#define MAX_CONSTRAINTS 8
#define MAX_CONTROLS	8

/* Names of control types ("intel-rapl", "intel-rapl-mmio") seen in the class directory. */
struct controls {
	size_t n;
	char name[MAX_CONTROLS][ZONE_ID_LEN];
};

/* "prefix:12" or, for a prefix of NULL, "any-rapl-name:12" and "any-rapl-name:12:3:…". */
static bool is_zone_id(const char *s, const char *prefix)
{
	const char *p = strchr(s, ':');
	const char *rapl = strstr(s, "rapl");

	if (prefix) {
		size_t len = strlen(prefix);

		if (strncmp(s, prefix, len) != 0 || s[len] != ':')
			return false;
		p = s + len;
		if (strchr(p + 1, ':'))
			return false;
	}
	if (!p || !rapl || rapl > p || strlen(s) >= ZONE_ID_LEN)
		return false;
	for (; *p; p++)
		if (!isdigit((unsigned char)*p) && !(*p == ':' && isdigit((unsigned char)p[1])))
			return false;
	return true;
}

static bool is_known(const struct zones *zs, const char *id)
{
	for (size_t i = 0; i < zs->n; i++)
		if (!strcmp(zs->zone[i].id, id))
			return true;
	return false;
}

/* What has neither a name nor a counter is no zone: a dangling or looping symlink. */
static int read_name(const char *root, const struct zone *z, char *ret, size_t size)
{
	char path[ZONE_PATH_LEN + 16], text[64];
	int err;

	snprintf(path, sizeof(path), "%s/name", z->path);
	if (!fs_read_text(root, path, ret, size, NULL) && *ret)
		return 0;
	snprintf(path, sizeof(path), "%s/energy_uj", z->path);
	err = fs_read_text(root, path, text, sizeof(text), NULL);
	if (err && err != -EACCES && err != -EIO)
		return err;
	snprintf(ret, size, "%.*s", (int)size - 1, z->id);
	return 0;
}

static int add_zone(const char *root, const char *dir, const char *id, struct zones *zs)
{
	struct zone z = { 0 };

	if (is_known(zs, id) || strlen(dir) + 1 + strlen(id) >= sizeof(z.path))
		return 0;
	/* is_zone_id() has looked at the length. */
	snprintf(z.id, sizeof(z.id), "%.*s", ZONE_ID_LEN - 1, id);
	snprintf(z.path, sizeof(z.path), "%s/%s", dir, id);
	if (read_name(root, &z, z.name, sizeof(z.name)))
		return 0;
	if (zs->n == ZONES_MAX)
		return -E2BIG;
	zs->zone[zs->n++] = z;
	return 0;
}

/* Zones in root/dir whose ids continue prefix (NULL: any). controls may be NULL. */
static int scan(const char *root, const char *dir, const char *prefix, struct zones *zs,
		struct controls *controls)
{
	char full[FS_PATH_LEN];
	CLEANUP(closedir_ptr) DIR *d = NULL;
	const struct dirent *ent;
	int err = fs_path(root, dir, full, sizeof(full));

	if (err)
		return err;
	d = opendir(full);
	if (!d)
		return -errno;
	while (!err && (ent = readdir(d))) {
		const char *name = ent->d_name;

		if (is_zone_id(name, prefix))
			err = add_zone(root, dir, name, zs);
		else if (controls && controls->n < MAX_CONTROLS && strstr(name, "rapl") &&
			 !strchr(name, ':') && strlen(name) < ZONE_ID_LEN)
			snprintf(controls->name[controls->n++], ZONE_ID_LEN, "%s", name);
	}
	return err;
}

static int compare_zones(const void *pa, const void *pb)
{
	const struct zone *a = pa, *b = pb;
	size_t la = strcspn(a->id, ":"), lb = strcspn(b->id, ":");

	/* The shorter control type is the plain one: intel-rapl before intel-rapl-mmio. */
	if (la != lb)
		return la < lb ? -1 : 1;
	return strverscmp(a->id, b->id);
}

int zones_find(const char *root, struct zones *ret)
{
	struct controls controls = { 0 };
	int err;

	ret->n = 0;
	err = scan(root, ZONES_CLASS_DIR, NULL, ret, &controls);
	if (err)
		return err;
	for (size_t i = 0; i < controls.n && err != -E2BIG; i++) {
		char dir[sizeof(ZONES_CLASS_DIR) + ZONE_ID_LEN];

		snprintf(dir, sizeof(dir), "%s/%s", ZONES_CLASS_DIR, controls.name[i]);
		err = scan(root, dir, controls.name[i], ret, NULL);
	}
	/* Grows while it runs; ends because a child's id is longer than its parent's. */
	for (size_t i = 0; i < ret->n && err != -E2BIG; i++)
		err = scan(root, ret->zone[i].path, ret->zone[i].id, ret, NULL);
	if (err == -E2BIG)
		return err;
	qsort(ret->zone, ret->n, sizeof(ret->zone[0]), compare_zones);
	return 0;
}

const struct zone *zones_parent(const struct zones *zs, const struct zone *z)
{
	size_t len = (size_t)(strrchr(z->id, ':') - z->id);

	for (size_t i = 0; i < zs->n; i++)
		if (strlen(zs->zone[i].id) == len && !strncmp(zs->zone[i].id, z->id, len))
			return &zs->zone[i];
	return NULL;
}

uint64_t zone_most_power_uw(const char *root, const struct zone *z)
{
	static const char *const files[] = { "max_power_uw", "power_limit_uw" };
	uint64_t most_uw = 0;

	for (int k = 0; k < MAX_CONSTRAINTS; k++) {
		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
			char path[FS_PATH_LEN];
			uint64_t uw;

			snprintf(path, sizeof(path), "%s/constraint_%d_%s", z->path, k, files[i]);
			if (!fs_read_u64(root, path, &uw) && uw >= JT_UW_PER_W / 10 &&
			    uw <= 10000 * JT_UW_PER_W && uw > most_uw)
				most_uw = uw;
		}
	}
	return most_uw;
}
