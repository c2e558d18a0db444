/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* config.c - see config.h. */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* One line; a handful of them are all that can be said. */
#define LINE_LEN 512

static const char *const config_names[] = {
	"zone",	 "intensity", "intensity-location", "intensity-key", "intensity-cache", "pue",
	"water", "metrics"
};

#define N_NAMES ARRAY_LENGTH(config_names)

static char *config_value[N_NAMES]; /* as last read */

static char *trimmed(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return s;
}

/* "zone = FR". Returns 0, or -EINVAL with why (without the file). */
static int read_line(char *line, struct why *why)
{
	char *equals = strchr(line, '='), *name, *value;

	line = trimmed(line);
	if (!line[0] || line[0] == '#')
		return 0;
	if (!equals)
		return why_set(why, -EINVAL, "'%.40s': expected NAME = VALUE", line);
	*equals = '\0';
	name = trimmed(line);
	value = trimmed(equals + 1);
	for (size_t i = 0; i < N_NAMES; i++) {
		if (strcmp(name, config_names[i]) != 0)
			continue;
		if (!value[0])
			return why_set(why, -EINVAL, "%s has no value", name);
		free(config_value[i]);
		config_value[i] = strdup(value);
		return config_value[i] ? 0 : -ENOMEM;
	}
	return why_set(why, -EINVAL,
		       "'%.40s' is none of zone, intensity, intensity-location, intensity-key, "
		       "intensity-cache, pue, water and metrics",
		       name);
}

static int read_file(const char *path, FILE *f, struct why *why)
{
	struct why what = { "" };
	char line[LINE_LEN];

	for (unsigned int n = 1; fgets(line, sizeof(line), f); n++) {
		int err = strlen(line) == sizeof(line) - 1
				  ? why_set(&what, -E2BIG, "longer than %d bytes", LINE_LEN - 2)
				  : read_line(line, &what);

		if (err)
			return why_set(why, err, "%s, line %u: %s", path, n, what.text);
	}
	return ferror(f) ? why_set(why, -EIO, "%s cannot be read", path) : 0;
}

int config_apply(const struct options_spec *spec, void *into, struct why *why)
{
	const char *path = getenv("JOULETRAIL_CONFIG");
	CLEANUP(fclose_ptr) FILE *f = NULL;
	int err;

	if (!spec->configured)
		return 0;
	f = fopen(path ? path : CONFIG_PATH, "re");
	if (!f && errno == ENOENT && !path)
		return 0;
	if (!f)
		return why_set(why, -errno, "%s: %s", path ? path : CONFIG_PATH, strerror(errno));
	err = read_file(path ? path : CONFIG_PATH, f, why);
	for (size_t i = 0; i < spec->n_rows && !err; i++) {
		const struct option_row *row = &spec->row[i];

		for (size_t k = 0; k < N_NAMES; k++)
			if (config_value[k] && !strcmp(row->name, config_names[k]))
				*(const char **)((char *)into + row->offset) = config_value[k];
	}
	return err;
}
