/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* source.c - see source.h. */
#include "intensity/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "intensity/intensity.h"
#include "intensity/series_file.h"
#include "jouletrail/units.h"

/* Different texts of all series that one source has held; a feed has a handful. */
#define MAX_TEXTS 256

struct intensity_source {
	struct intensity table;	   /* of the zone */
	struct intensity stand_in; /* where there is no series: of the kind that was asked for */
	bool has_kind;
	enum series_kind kind;
	char *file;
	char *location;
	char *feed;
	char *trouble;
	struct series_set set;
	const struct series *series; /* in set; NULL = none */
	struct stat seen;	     /* of the file that set was read from */
	size_t n_texts;
	char *text[MAX_TEXTS];
};

DEFINE_CLEANUP(struct intensity_source *, intensity_source_free)

void intensity_source_free(struct intensity_source *s)
{
	if (!s)
		return;
	series_set_free(&s->set);
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->text[i]);
	free(s->file);
	free(s->location);
	free(s->feed);
	free(s->trouble);
	free(s);
}

/* A copy that lives as long as s: records point to it after the series is gone. */
static const char *keep(struct intensity_source *s, const char *text)
{
	for (size_t i = 0; i < s->n_texts; i++)
		if (!strcmp(s->text[i], text))
			return s->text[i];
	if (s->n_texts == MAX_TEXTS)
		return "(too many sources)";
	s->text[s->n_texts] = strdup(text);
	return s->text[s->n_texts] ? s->text[s->n_texts++] : "(out of memory)";
}

static void set_trouble(struct intensity_source *s, const char *text)
{
	free(s->trouble);
	s->trouble = text[0] ? strdup(text) : NULL;
}

static const struct series *find_place(const struct intensity_source *s,
				       const struct series_set *set, const char *place)
{
	const struct series *found;

	if (!s->has_kind)
		return series_set_find(set, place);
	found = series_set_find_kind(set, place, s->kind);
	return found && found->n ? found : NULL;
}

static const struct series *find_series(const struct intensity_source *s,
					const struct series_set *set)
{
	const char *region = strchr(s->table.zone, ':');
	const char *within = intensity_within(s->table.zone);
	const struct series *found;

	if (s->location)
		return find_place(s, set, s->location);
	/* Without a zone the file's only place is meant; with one, no other place will do. */
	if (s->table.is_default)
		return find_place(s, set, NULL);
	found = find_place(s, set, s->table.zone);
	if (!found && region)
		found = find_place(s, set, region + 1);
	if (!found && within)
		found = find_place(s, set, within);
	return found ? found : find_place(s, set, "");
}

static int no_location(const struct intensity_source *s, const struct series_set *set,
		       struct why *why)
{
	struct buf there = { 0 };
	int err;

	for (size_t i = 0; i < set->n && i < 8; i++)
		buf_printf(&there, "%s %s'%s'", i ? "," : "",
			   !s->has_kind					     ? ""
			   : series_kind_name(set->series[i].kind)[0] == 'm' ? "marginal of "
									     : "average of ",
			   set->series[i].location);
	err = why_set(why, -ENOENT, "intensity %s: no %s%s'%s' in it: there is%s%s", s->file,
		      s->has_kind ? series_kind_name(s->kind) : "location",
		      s->has_kind ? " intensity of " : " ",
		      s->location ? s->location : s->table.zone, there.len ? there.data : " none",
		      set->n > 8 ? ", and more" : "");
	buf_free(&there);
	return err;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the file if it is another than the one that was read. What was read stays on error. */
static int look_at_file(struct intensity_source *s, struct why *why)
{
	struct series_set set = { 0 };
	const struct series *found;
	struct stat st;
	int err;

	if (stat(s->file, &st) < 0 && errno == ENOENT && s->feed)
		return why_set(why, -ENOENT, "feed %s has given nothing yet", s->feed);
	if (stat(s->file, &st) < 0)
		return why_set(why, -errno, "intensity %s: %s", s->file, strerror(errno));
	if (is_unchanged(&st, &s->seen))
		return 0;
	s->seen = st;
	err = series_load(s->file, &set, why);
	if (err)
		return err;
	found = find_series(s, &set);
	if (!found) {
		err = no_location(s, &set, why);
		series_set_free(&set);
		return err;
	}
	series_set_free(&s->set);
	s->set = set;
	s->series = found;
	set_trouble(s, found->trouble);
	return 0;
}

/* A file must be there and sound; a feed's cache may become so. */
static int open_file(struct intensity_source *s, const struct intensity_source_options *o,
		     struct why *why)
{
	struct why what = { "" };
	int err;

	s->file = strdup(o->file);
	s->location = o->location ? strdup(o->location) : NULL;
	s->feed = o->feed ? strdup(o->feed) : NULL;
	if (!s->file || (o->location && !s->location) || (o->feed && !s->feed))
		return -ENOMEM;
	err = look_at_file(s, &what);
	if (!err || o->feed)
		return 0;
	return why_set(why, err, "%s", what.text);
}

/* Of the table: of the kind that was asked for, or that the feed is of where the table has that. */
static int choose_stand_in(struct intensity_source *s, const struct intensity_source_options *o,
			   struct why *why)
{
	int err;

	s->stand_in = s->table;
	if (o->kind != SERIES_MARGINAL || (o->file && !o->feed))
		return 0;
	err = s->table.is_default ? why_set(why, -ENODATA,
					    "marginal intensity needs --zone: the world has none")
				  : intensity_lookup_marginal(o->zone, &s->stand_in, why);
	if (err)
		return o->has_kind ? err : 0;
	/* Its ends are those of models, not of a distribution in time. */
	s->stand_in.is_annual_mean = false;
	return 0;
}

int intensity_source_new(const struct intensity_source_options *o, struct intensity_source **ret,
			 struct why *why)
{
	CLEANUP(intensity_source_free_ptr) struct intensity_source *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return why_set(why, -ENOMEM, "intensity: out of memory");
	s->has_kind = o->has_kind;
	s->kind = o->kind;
	err = intensity_lookup(o->zone, &s->table, why);
	if (!err)
		err = choose_stand_in(s, o, why);
	if (!err && o->file)
		err = open_file(s, o, why);
	if (err)
		return err;
	*ret = TAKE_PTR(s);
	return 0;
}

/* The mean over [from_s, to_s), or what is nearest to it. False where there is no point at all. */
static bool mean_of(const struct series *s, int64_t from_s, int64_t to_s, struct series_mean *ret)
{
	struct series_point p;

	if (series_mean(s, from_s, to_s, ret) == 0) {
		if (ret->coverage_ppm == JT_PPM_PER_1)
			return true;
		/* The part that is not covered is at most as far off as the stretch is long. */
		p = (struct series_point){ from_s,
					   to_s,
					   (uint32_t)ret->mg_per_kwh,
					   (uint32_t)ret->low_mg_per_kwh,
					   (uint32_t)ret->high_mg_per_kwh,
					   ret->flags | SERIES_FILLED };
		series_widen(&p, series_drift_sd(to_s - from_s) *
					 (1 - (double)ret->coverage_ppm / (double)JT_PPM_PER_1));
	} else if (series_hold(s, from_s, &p)) {
		if (!s->n)
			return false;
		p = s->point[0]; /* all of it is later */
		p.flags |= SERIES_FILLED;
		series_widen(&p, series_drift_sd(p.start_s - from_s));
	}
	*ret = (struct series_mean){ .mg_per_kwh = p.mg_per_kwh,
				     .low_mg_per_kwh = p.low_mg_per_kwh,
				     .high_mg_per_kwh = p.high_mg_per_kwh,
				     .flags = p.flags };
	return true;
}

/* The words of a series as a record has them. */
static void put_words(struct intensity_source *s, uint32_t flags, struct intensity *i)
{
	const struct series *series = s->series;
	struct buf words = { 0 };

	i->kind = series_kind_name(series->kind);
	i->boundary = series->boundary[0] ? keep(s, series->boundary) : "unknown";
	i->accounting = "unknown";
	i->source = keep(s, series->source[0] ? series->source : s->file);
	i->licence = s->feed ? "the feed's own" : "the file's own";
	i->zone_name = s->table.is_default ? "" : s->table.zone_name;
	if (series->location[0]) {
		i->zone_name = keep(s, series->location);
		snprintf(i->zone, sizeof(i->zone), "%.31s", series->location);
	}
	series_flags_write(flags, &words);
	i->flags = words.len ? keep(s, words.data) : "";
	buf_free(&words);
}

static int year_of(int64_t t_us)
{
	/* Mean years of the Gregorian calendar: right but for hours around New Year. */
	return 1970 + (int)((double)t_us / 1e6 / 31556952);
}

void intensity_source_at(struct intensity_source *s, int64_t from_us, int64_t to_us,
			 struct intensity *ret)
{
	int64_t us_per_s = (int64_t)JT_US_PER_S;
	int64_t from_s = from_us > 0 ? from_us / us_per_s : 0;
	int64_t to_s = to_us > 0 ? (to_us + us_per_s - 1) / us_per_s : 0;
	struct why why = { "" };
	struct series_mean mean;

	if (s->feed && look_at_file(s, &why))
		set_trouble(s, why.text);
	*ret = s->stand_in;
	ret->flags = "";
	if (s->feed && !s->series) {
		ret->source = keep(s, "annual mean of the table: the feed has given nothing yet");
		ret->flags = "filled";
	}
	if (!s->series || !mean_of(s->series, from_s, to_s > from_s ? to_s : from_s + 1, &mean))
		return;
	ret->mg_per_kwh = mean.mg_per_kwh;
	ret->low_mg_per_kwh = mean.low_mg_per_kwh;
	ret->high_mg_per_kwh = mean.high_mg_per_kwh;
	ret->is_annual_mean = false;
	ret->is_default = false;
	ret->year = year_of(from_us);
	put_words(s, mean.flags, ret);
}

const struct series *intensity_source_series(const struct intensity_source *s)
{
	return s->series;
}

const char *intensity_source_trouble(const struct intensity_source *s)
{
	return s->trouble ? s->trouble : "";
}

static bool is_same_word(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool intensity_is_same_signal(const struct intensity *a, const struct intensity *b)
{
	return is_same_word(a->kind, b->kind) && is_same_word(a->boundary, b->boundary) &&
	       is_same_word(a->source, b->source) && is_same_word(a->flags, b->flags) &&
	       is_same_word(a->licence, b->licence) && !strcmp(a->zone, b->zone) &&
	       a->is_annual_mean == b->is_annual_mean;
}
