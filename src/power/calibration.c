/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calibration.c - see calibration.h. */
#include "power/calibration.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

#define MOST_W		      1e6
#define DEFAULT_ERROR_PERCENT 10
#define DOMAIN_END	      ".idle_w"

int calibration_parse_watts(const char *text, uint64_t *ret_uw)
{
	char *end;
	double w = strtod(text, &end);

	/* Written so that a NaN fails. */
	if (end == text || *end || !(w >= 1e-6 && w <= MOST_W))
		return -EINVAL;
	*ret_uw = (uint64_t)(w * JT_UW_PER_W + 0.5);
	return 0;
}

/* Without blanks at both ends, in place. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static int take_domain(const char *key, const char *value, struct calibration *c)
{
	size_t len = strlen(key), end = strlen(DOMAIN_END);
	uint64_t uw;

	if (len <= end || strcmp(key + len - end, DOMAIN_END) != 0 || len - end >= ENERGY_NAME_LEN)
		return -EINVAL;
	if (c->n_domains == ENERGY_MAX_DOMAINS || calibration_parse_watts(value, &uw))
		return -EINVAL;
	snprintf(c->domain[c->n_domains].name, ENERGY_NAME_LEN, "%.*s", (int)(len - end), key);
	c->domain[c->n_domains++].idle_uw = uw;
	return 0;
}

static int take(const char *key, const char *value, struct calibration *c)
{
	uint64_t percent;

	if (!strcmp(key, "idle_w"))
		return calibration_parse_watts(value, &c->idle_uw);
	if (!strcmp(key, "max_w"))
		return calibration_parse_watts(value, &c->max_uw);
	if (!strcmp(key, "boundary")) {
		c->wall = !strcmp(value, "wall");
		return c->wall || !strcmp(value, "package") ? 0 : -EINVAL;
	}
	if (!strcmp(key, "error_percent")) {
		if (fs_parse_u64(value, &percent) || percent < 1 || percent > 100)
			return -EINVAL;
		c->error_percent = (unsigned int)percent;
		return 0;
	}
	return take_domain(key, value, c);
}

/* A line without its comment: nothing, or "key = value". */
static int take_line(char *line, struct calibration *c)
{
	char *equals;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!*line)
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return -EINVAL;
	*equals = '\0';
	return take(trim(line), trim(equals + 1), c);
}

int calibration_read(const char *path, struct calibration *ret, struct why *why)
{
	CLEANUP(fclose_ptr) FILE *f = fopen(path, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	struct calibration c = { .error_percent = DEFAULT_ERROR_PERCENT };
	bool bounded = false;
	unsigned int n = 0;
	size_t size = 0;

	if (!f)
		return why_set(why, -errno, "calibration %s: %s", path, strerror(errno));
	while (getline(&line, &size, f) > 0) {
		char whole[80];

		n++;
		snprintf(whole, sizeof(whole), "%s", trim(line));
		bounded |= !strncmp(whole, "boundary", strlen("boundary"));
		if (take_line(line, &c))
			return why_set(why, -EINVAL,
				       "calibration %s, line %u: '%s' is not understood; see man "
				       "jouletrail, CALIBRATION",
				       path, n, whole);
	}
	if (ferror(f))
		return why_set(why, -EIO, "calibration %s: cannot be read", path);
	if (!c.idle_uw != !c.max_uw || c.max_uw < c.idle_uw || (c.idle_uw && !bounded))
		return why_set(why, -EINVAL,
			       "calibration %s: idle_w, max_w (not less) and boundary go together",
			       path);
	*ret = c;
	return 0;
}
