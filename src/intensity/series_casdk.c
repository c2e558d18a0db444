/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_casdk.c - the Carbon Aware SDK's JSON: {"Emissions":[{Location,Time,Rating,Duration}]}. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json_read.h"
#include "intensity/series_form.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

bool form_is_json(const char *text, size_t len)
{
	size_t i = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (i < len && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	return i < len && (text[i] == '[' || text[i] == '{');
}

int form_add(struct series_set *set, const char *location, enum series_kind kind,
	     const struct series_point *p, struct why *why)
{
	size_t len = strlen(location);
	struct series *s;
	int err;

	if (len >= SERIES_LOCATION_LEN)
		return why_set(why, -EBADMSG, "a location of more than %d bytes",
			       SERIES_LOCATION_LEN - 1);
	s = series_set_get(set, location, len, kind);
	if (!s)
		return why_set(why, -E2BIG, "more than %d locations, or no memory for them",
			       SERIES_SET_MAX);
	err = series_add(s, p);
	if (err == -ERANGE)
		return why_set(why, err, "a time beyond 1970 to 2200");
	return err ? why_set(why, err, "not start < end, low <= value <= high") : 0;
}

/* The SDK writes "Rating" in files and "rating" in its API. */
static json_t *member(json_t *object, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) if (!strcasecmp(key, name)) return value;
	return NULL;
}

/* Grams per kWh, as a number or as a string of one. 1: a value; 0: none; -EBADMSG. */
static int rating_of(json_t *entry, double *ret_g)
{
	json_t *rating = member(entry, "rating");

	if (!rating || json_is_null(rating))
		return 0;
	if (json_is_number(rating))
		*ret_g = json_number_value(rating);
	else if (!json_is_string(rating) ||
		 stamp_read_number(json_string_value(rating), json_string_length(rating), ret_g))
		return -EBADMSG;
	/* The SDK's -1 is no value. */
	return *ret_g >= 0;
}

static int time_of(json_t *entry, struct series_point *p, struct why *why)
{
	json_t *time = member(entry, "time");
	json_t *duration = member(entry, "duration");
	bool assumed_utc;
	int64_t span_s;

	if (!json_is_string(time) ||
	    stamp_read_time(json_string_value(time), json_string_length(time), &p->start_s,
			    &assumed_utc))
		return why_set(why, -EBADMSG, "\"Time\" is no time of ISO 8601");
	p->flags |= assumed_utc ? SERIES_ASSUMED_UTC : 0;
	p->end_s = SERIES_END_UNKNOWN;
	if (!duration || json_is_null(duration))
		return 0;
	if (!json_is_string(duration) ||
	    stamp_read_span(json_string_value(duration), json_string_length(duration), &span_s))
		return why_set(why, -EBADMSG, "\"Duration\" is no [d.]hh:mm[:ss]");
	/* 00:00:00 is what the SDK writes where it knows none. */
	if (span_s > 0)
		p->end_s = p->start_s + span_s;
	return 0;
}

static int read_entry(json_t *entry, struct series_set *set, struct why *why)
{
	json_t *location = member(entry, "location");
	const char *where = json_is_string(location) ? json_string_value(location) : "";
	struct series_point p = { 0 };
	double g_per_kwh = 0;
	int has_value;
	int err;

	if (!json_is_object(entry))
		return why_set(why, -EBADMSG, "no object");
	err = time_of(entry, &p, why);
	if (err)
		return err;
	has_value = rating_of(entry, &g_per_kwh);
	if (has_value < 0)
		return why_set(why, -EBADMSG, "\"Rating\" is no number");
	if (!has_value) {
		struct series *s = strlen(where) < SERIES_LOCATION_LEN
					   ? series_set_get(set, where, strlen(where), 0)
					   : NULL;

		if (s && series_miss_at(s, p.start_s) == -ERANGE)
			return why_set(why, -ERANGE, "a time beyond 1970 to 2200");
		return 0;
	}
	if (series_point_set(&p, g_per_kwh * (double)JT_MG_PER_G))
		return why_set(why, -ERANGE, "\"Rating\" %g: more than any plant emits in g/kWh",
			       g_per_kwh);
	return form_add(set, where, SERIES_AVERAGE, &p, why);
}

int form_read_casdk(const char *text, size_t len, struct series_set *set, struct why *why)
{
	const struct json_limits limits = JSON_LIMITS_DEFAULT;
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	struct why what = { "" };
	json_t *list, *entry;
	size_t i;
	int err = json_read_document(text, len, &limits, &root, why);

	if (err)
		return err;
	list = json_is_object(root) ? member(root, "emissions") : root;
	if (!json_is_array(list))
		return why_set(why, -EBADMSG, "neither an array nor {\"Emissions\":[…]}");
	json_array_foreach(list, i, entry)
	{
		err = read_entry(entry, set, &what);
		if (err)
			return why_set(why, err, "entry %zu: %s", i + 1, what.text);
	}
	return 0;
}
