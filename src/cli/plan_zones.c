/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan_zones.c - which zones are planned for, and the search. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "cli/plan.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

/* A file of allowed zones is written by people. */
#define ALLOW_MAX_LINE 4096

struct plan *plan_new(void)
{
	return calloc(1, sizeof(struct plan));
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	series_set_free(&p->set);
	for (size_t i = 0; i < p->n; i++)
		series_set_free(&p->zone[i].fed);
	free(p);
}

static struct plan_zone *find_zone(struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcasecmp(p->zone[i].name, name) == 0)
			return &p->zone[i];
	return NULL;
}

/* The zone, named once however often it is given; NULL with why. */
static struct plan_zone *add_zone(struct plan *p, const char *name, struct why *why)
{
	struct plan_zone *z = find_zone(p, name);

	if (z)
		return z;
	if (!*name || strlen(name) >= sizeof(z->name)) {
		why_set(why, -EINVAL, "'%.40s' is no name of a zone", name);
		return NULL;
	}
	if (p->n == PLAN_MAX_ZONES) {
		why_set(why, -E2BIG, "more than %d zones", PLAN_MAX_ZONES);
		return NULL;
	}
	z = &p->zone[p->n++];
	memcpy(z->name, name, strlen(name) + 1);
	return z;
}

/* Is word one of the list's, which commas and blanks separate? */
static bool list_has(const char *list, const char *word)
{
	static const char separators[] = ", \t";
	size_t len = strlen(word);

	for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
		size_t n = strcspn(list, separators);

		if (n == len && strncasecmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* Every zone that the file allows is marked in allowed; without zones they are added. */
struct allow {
	struct plan *p;
	const char *sku;
	bool all;
	bool allowed[PLAN_MAX_ZONES];
};

static int allow_line(struct allow *a, char *line, struct why *why)
{
	char *skus, *end = line + strcspn(line, "#\r\n");
	struct plan_zone *z;

	*end = '\0';
	line += strspn(line, " \t");
	skus = line + strcspn(line, " \t");
	if (*skus)
		*skus++ = '\0';
	if (!*line)
		return 0;
	z = find_zone(a->p, line);
	if (!z && a->all)
		z = add_zone(a->p, line, why);
	if (!z)
		return a->all ? -EINVAL : 0;
	if (a->sku && !list_has(skus, a->sku)) {
		snprintf(z->excluded, sizeof(z->excluded), "'%.40s' is not to be had there",
			 a->sku);
		return 0;
	}
	a->allowed[z - a->p->zone] = true;
	return 0;
}

static int allow_read(struct allow *a, const char *path, struct why *why)
{
	CLEANUP(fclose_ptr) FILE *f = fopen(path, "re");
	char line[ALLOW_MAX_LINE];
	int err = 0;

	if (!f)
		return why_set(why, -errno, "%s: %s", path, strerror(errno));
	while (!err && fgets(line, sizeof(line), f)) {
		if (!strchr(line, '\n') && !feof(f))
			return why_set(why, -EBADMSG, "%s: a line longer than %d bytes", path,
				       ALLOW_MAX_LINE - 2);
		err = allow_line(a, line, why);
	}
	if (!err && ferror(f))
		return why_set(why, -EIO, "%s: cannot be read", path);
	for (size_t i = 0; i < a->p->n; i++)
		if (!a->allowed[i] && !a->p->zone[i].excluded[0])
			snprintf(a->p->zone[i].excluded, sizeof(a->p->zone[i].excluded),
				 "not in %.100s", path);
	return err;
}

int plan_zones(struct plan *p, const char *zones, const char *allow_file, const char *sku,
	       struct why *why)
{
	struct allow a = { .p = p, .sku = sku, .all = !zones };
	CLEANUP(cleanup_free) char *list = NULL;
	char *rest, *name;

	if (!zones && !allow_file)
		return why_set(why, -EINVAL,
			       "which zones? Give --zones FR,DE or --allow-zones FILE");
	if (sku && !allow_file)
		return why_set(why, -EINVAL, "--sku needs --allow-zones FILE, which says where");
	list = strdup(zones ? zones : "");
	rest = zones ? list : NULL;
	while ((name = strsep(&rest, ",")))
		if (!add_zone(p, name, why))
			return -EINVAL;
	return allow_file ? allow_read(&a, allow_file, why) : 0;
}

/* Why there is no window, in words. */
static void exclude(struct plan_zone *z, const struct plan *p, int err)
{
	const struct plan_series *s = &z->signal[p->kind].series;
	char text[32];

	if (s->n == 0)
		snprintf(z->excluded, sizeof(z->excluded), "no %s intensities of it%s",
			 series_kind_name(p->kind), p->has_forecast ? " in the forecast" : "");
	else if (err != -ENODATA)
		snprintf(z->excluded, sizeof(z->excluded), "its series cannot be searched");
	else if (s->step[s->n - 1].end_s <= p->span.from_s)
		snprintf(z->excluded, sizeof(z->excluded),
			 "its forecast is of the past: it ends %s",
			 stamp_write(s->step[s->n - 1].end_s, text, sizeof(text)));
	else
		snprintf(z->excluded, sizeof(z->excluded),
			 "no window of that length without missing time (its forecast ends %s)",
			 stamp_write(s->step[s->n - 1].end_s, text, sizeof(text)));
}

static void rank_insert(struct plan *p, size_t zone)
{
	size_t i = p->n_ranked++;

	while (i > 0 && plan_is_better(&p->zone[zone].best, &p->zone[p->rank[i - 1]].best)) {
		p->rank[i] = p->rank[i - 1];
		i--;
	}
	p->rank[i] = zone;
}

int plan_run(struct plan *p, struct why *why)
{
	const struct plan_span *span = &p->span;

	if (span->from_s > span->until_s - (int64_t)span->duration_s)
		return why_set(why, -ERANGE,
			       "the deadline cannot be met: it is %lld s from the "
			       "earliest start, and the work takes %llu s",
			       (long long)(span->until_s - span->from_s),
			       (unsigned long long)span->duration_s);
	for (size_t i = 0; i < p->n; i++) {
		struct plan_zone *z = &p->zone[i];
		const struct plan_series *s = &z->signal[p->kind].series;
		int err;

		if (z->excluded[0])
			continue;
		err = s->n ? plan_best(s, span, &z->best, &z->missing_s) : -ENODATA;
		if (err)
			exclude(z, p, err);
		else
			rank_insert(p, i);
	}
	if (p->n_ranked == 0)
		return why_set(why, -ENODATA, "no zone is left: %s: %s", p->zone[0].name,
			       p->zone[0].excluded);
	p->best = p->rank[0];
	p->has_now = p->zone[0].signal[p->kind].series.n &&
		     !plan_window(&p->zone[0].signal[p->kind].series, span->from_s,
				  span->from_s + (int64_t)span->duration_s, &p->now, NULL);
	return 0;
}

double plan_better(const struct plan *p, const struct plan_zone *z)
{
	if (!p->has_now)
		return NAN;
	return plan_chance(&z->best, &z->signal[p->kind].series, &p->now,
			   &p->zone[0].signal[p->kind].series);
}

bool plan_intensity(const struct plan_zone *z, enum series_kind kind, const struct plan_window *at,
		    struct plan_window *ret)
{
	const struct plan_series *s = &z->signal[kind].series;

	return s->n && !plan_window(s, at->start_s, at->end_s, ret, NULL);
}
