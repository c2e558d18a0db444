/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* config.c - see config.h. */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct config_line {
	const struct option_row *row;
	char *value;
	unsigned int number;
};

struct config {
	char *path;
	size_t n;
	struct config_line line[CONFIG_MAX_LINES];
};

DEFINE_CLEANUP(struct config *, config_free)

/* What is the machine's, and so every command's. */
static const char *const of_machine[] = {
	"zone", "kind",	 "intensity",  "intensity-location", "intensity-key", "intensity-cache",
	"pue",	"water", "calibration"
};

/* What asks, and tells nothing of how to measure. */
static const char *const of_command_line[] = { "check", "format" };

static const struct options_spec *known;

void config_know(const struct options_spec *all)
{
	known = all;
}

const char *config_path(void)
{
	return getenv("JOULETRAIL_CONFIG") ?: CONFIG_PATH;
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static char *trimmed(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return s;
}

static int unknown(const char *name, struct why *why)
{
	const struct option_row *near = options_nearest(known, name);

	if (near)
		return why_set(why, -EINVAL, "'%.40s' is no option; did you mean %s?", name,
			       near->name);
	return why_set(why, -EINVAL, "'%.40s' is no option of jouletrail daemon", name);
}

/* "zone = FR". Returns 0, or -errno with why (without the file). */
static int read_line(struct config *c, unsigned int number, char *text, struct why *why)
{
	char *equals = strchr(text, '='), *name, *value;
	const struct option_row *row;

	text = trimmed(text);
	if (!text[0] || text[0] == '#')
		return 0;
	if (!equals)
		return why_set(why, -EINVAL, "'%.40s': expected NAME = VALUE", text);
	*equals = '\0';
	name = trimmed(text);
	value = trimmed(equals + 1);
	row = options_named(known, name);
	if (!row)
		return unknown(name, why);
	if (is_among(name, of_command_line, ARRAY_LENGTH(of_command_line)))
		return why_set(why, -EINVAL, "%s belongs on the command line", name);
	if (!value[0])
		return why_set(why, -EINVAL, "%s has no value", name);
	if (c->n == CONFIG_MAX_LINES)
		return why_set(why, -E2BIG, "more than %d options", CONFIG_MAX_LINES);
	value = strdup(value);
	if (!value)
		return -ENOMEM;
	c->line[c->n++] = (struct config_line){ .row = row, .value = value, .number = number };
	return 0;
}

static int at_line(const struct config *c, unsigned int number, int err, const struct why *what,
		   struct why *why)
{
	return why_set(why, err, "%.200s, line %u: %s", c->path, number,
		       what->text[0] ? what->text : strerror(-err));
}

static int read_file(struct config *c, FILE *f, struct why *why)
{
	char text[CONFIG_LINE_LEN];

	for (unsigned int n = 1; fgets(text, sizeof(text), f); n++) {
		struct why what = { "" };
		int err = strlen(text) == sizeof(text) - 1
				  ? why_set(&what, -E2BIG, "longer than %d bytes",
					    CONFIG_LINE_LEN - 2)
				  : read_line(c, n, text, &what);

		if (err)
			return at_line(c, n, err, &what, why);
	}
	return ferror(f) ? why_set(why, -EIO, "%s cannot be read", c->path) : 0;
}

int config_read(struct config **ret, struct why *why)
{
	CLEANUP(config_free_ptr) struct config *c = calloc(1, sizeof(*c));
	CLEANUP(fclose_ptr) FILE *f = NULL;
	int err = 0;

	if (!c || !(c->path = strdup(config_path())))
		return -ENOMEM;
	f = fopen(c->path, "re");
	if (f)
		err = read_file(c, f, why);
	else if (errno != ENOENT || getenv("JOULETRAIL_CONFIG"))
		err = why_set(why, -errno, "%s: %s", c->path, strerror(errno));
	if (!err)
		*ret = TAKE_PTR(c);
	return err;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->line[i].value);
	free(c->path);
	free(c);
}

int config_fill(const struct config *c, const struct options_spec *spec, void *into,
		struct why *why)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct config_line *l = &c->line[i];
		const struct option_row *row = options_named(spec, l->row->name);
		struct why what = { "" };
		int err;

		if (!row ||
		    (spec != known && !is_among(row->name, of_machine, ARRAY_LENGTH(of_machine))))
			continue;
		err = options_set(spec, row, l->value, into, &what);
		if (err)
			return at_line(c, l->number, err, &what, why);
	}
	return 0;
}

int config_apply(const struct options_spec *spec, void *into, struct why *why)
{
	static struct config *kept;
	int err;

	if (!spec->configured)
		return 0;
	config_free(kept);
	kept = NULL;
	err = config_read(&kept, why);
	return err ? err : config_fill(kept, spec, into, why);
}
