/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.c - see answer.h. */
#include "intensity/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_read.h"
#include "intensity/series_file.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

/* 1 lb/MWh = 0.45359237 kg/MWh = 453.59237 mg/kWh (international pound, 1959). */
#define MG_PER_KWH_OF_LB_PER_MWH 453.59237

const struct answer_kind answer_kinds[N_ANSWER_FEEDS] = {
	[ANSWER_ELECTRICITYMAPS] = { "electricitymaps", "Electricity Maps v3", SERIES_AVERAGE,
				     "lifecycle" },
	[ANSWER_WATTTIME] = { "watttime", "WattTime v3 co2_moer", SERIES_MARGINAL, "direct" },
	[ANSWER_UK] = { "uk", "carbonintensity.org.uk (NESO, CC BY 4.0)", SERIES_AVERAGE,
			"direct" },
};

int answer_feed_of(const char *name, enum answer_feed *ret)
{
	for (int i = 0; i < N_ANSWER_FEEDS; i++) {
		if (strcmp(name, answer_kinds[i].name) == 0) {
			*ret = (enum answer_feed)i;
			return 0;
		}
	}
	return -ENOENT;
}

/* An answer while it is read. */
struct answer {
	struct series *into;
	int64_t now_s;
	int64_t period_s;  /* of a value that has no end */
	double mg_per_kwh; /* of one unit */
	uint32_t flags;	   /* of all values */
	unsigned int n_ahead;
	struct why *why;
};

static int refuse(struct answer *a, int err, const char *what)
{
	return why_set(a->why, err, "%s", what);
}

static int read_time(struct answer *a, json_t *time, struct series_point *p, int64_t *ret_s)
{
	bool assumed_utc;

	if (!json_is_string(time) ||
	    stamp_read_time(json_string_value(time), json_string_length(time), ret_s, &assumed_utc))
		return refuse(a, -EBADMSG, "a value without a time of ISO 8601");
	p->flags |= assumed_utc ? SERIES_ASSUMED_UTC : 0;
	return 0;
}

/* Adds the value, or notes that it is null. */
static int add_value(struct answer *a, struct series_point *p, json_t *value)
{
	double mg;
	int err;

	if (!value || json_is_null(value)) {
		series_miss(a->into);
		return 0;
	}
	if (!json_is_number(value))
		return refuse(a, -EBADMSG, "a value that is no number");
	mg = json_number_value(value) * a->mg_per_kwh;
	if (mg < 0) {
		series_miss(a->into);
		return 0;
	}
	p->flags |= a->flags;
	if (p->start_s > a->now_s + ANSWER_SKEW_S && !(p->flags & SERIES_FORECAST)) {
		p->flags |= SERIES_FORECAST;
		a->n_ahead++;
	}
	if (series_point_set(p, mg))
		return refuse(a, -EDOM, "more than any plant emits: another unit than g/kWh?");
	err = series_add(a->into, p);
	return err ? refuse(a, err, "a time that is none, or too many values") : 0;
}

/* {"carbonIntensity":31,"datetime":"…","isEstimated":true} */
static int read_electricitymaps_value(struct answer *a, json_t *entry)
{
	struct series_point p = { 0 };
	int err = read_time(a, json_object_get(entry, "datetime"), &p, &p.start_s);

	if (err)
		return err;
	p.end_s = p.start_s + a->period_s;
	if (json_is_true(json_object_get(entry, "isEstimated")))
		p.flags |= SERIES_ESTIMATED;
	return add_value(a, &p, json_object_get(entry, "carbonIntensity"));
}

static int read_list(struct answer *a, json_t *list, int (*read)(struct answer *a, json_t *entry))
{
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		int err = json_is_object(entry) ? read(a, entry)
						: refuse(a, -EBADMSG, "an entry that is no object");

		if (err)
			return err;
	}
	return 0;
}

static int read_electricitymaps(struct answer *a, json_t *root)
{
	static const char *const lists[] = { "history", "data", "forecast" };
	json_t *granularity = json_object_get(root, "temporalGranularity");
	json_t *unit = json_object_get(root, "unit");

	if (json_is_string(unit) && strncmp(json_string_value(unit), "gCO2eq/kWh", 10) != 0)
		return refuse(a, -EDOM, "another unit than gCO2eq/kWh");
	a->mg_per_kwh = (double)JT_MG_PER_G;
	a->period_s = 3600;
	if (json_is_string(granularity) && !strcmp(json_string_value(granularity), "5_minutes"))
		a->period_s = 300;
	if (json_is_string(granularity) && !strcmp(json_string_value(granularity), "15_minutes"))
		a->period_s = 900;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *list = json_object_get(root, lists[i]);

		if (!json_is_array(list))
			continue;
		a->flags = strcmp(lists[i], "forecast") ? 0 : SERIES_FORECAST;
		return read_list(a, list, read_electricitymaps_value);
	}
	if (json_object_get(root, "datetime"))
		return read_electricitymaps_value(a, root);
	return refuse(a, -EBADMSG, "neither a value nor history, data or forecast");
}

/* {"point_time":"…","value":870.0} */
static int read_watttime_value(struct answer *a, json_t *entry)
{
	struct series_point p = { 0 };
	int err = read_time(a, json_object_get(entry, "point_time"), &p, &p.start_s);

	if (err)
		return err;
	p.end_s = p.start_s + a->period_s;
	return add_value(a, &p, json_object_get(entry, "value"));
}

/* {"generated_at":"…","forecast":[…]}: one forecast of several. */
static int read_watttime_forecast(struct answer *a, json_t *entry)
{
	json_t *list = json_object_get(entry, "forecast");

	if (!json_is_array(list))
		return read_watttime_value(a, entry);
	a->flags = SERIES_FORECAST;
	return read_list(a, list, read_watttime_value);
}

static int read_watttime(struct answer *a, json_t *root)
{
	json_t *meta = json_object_get(root, "meta");
	json_t *units = json_object_get(meta, "units");
	json_t *period = json_object_get(meta, "data_point_period_seconds");
	json_t *list = json_object_get(root, "data");

	if (!json_is_array(list) || !json_is_string(units))
		return refuse(a, -EBADMSG, "no data, or no unit of them");
	/* A percentile, as signal-index has it, is no carbon. */
	if (strcmp(json_string_value(units), "lbs_co2_per_mwh") != 0)
		return why_set(a->why, -EDOM, "in %.40s, not in lbs_co2_per_mwh",
			       json_string_value(units));
	a->mg_per_kwh = MG_PER_KWH_OF_LB_PER_MWH;
	a->period_s = json_is_integer(period) ? json_integer_value(period) : 300;
	if (a->period_s < 1 || a->period_s > 86400)
		return refuse(a, -EBADMSG, "a period that is none");
	/* A forecast says when it was made. */
	if (json_object_get(meta, "generated_at"))
		a->flags = SERIES_FORECAST;
	return read_list(a, list, read_watttime_forecast);
}

/* {"from":"…","to":"…","intensity":{"forecast":266,"actual":263}}: actual, or else forecast. */
static int read_uk_value(struct answer *a, json_t *entry)
{
	json_t *intensity = json_object_get(entry, "intensity");
	json_t *value = json_object_get(intensity, "actual");
	struct series_point p = { 0 };
	int err = read_time(a, json_object_get(entry, "from"), &p, &p.start_s);

	if (!err)
		err = read_time(a, json_object_get(entry, "to"), &p, &p.end_s);
	if (err)
		return err;
	if (p.end_s <= p.start_s)
		return refuse(a, -EBADMSG, "a value that ends before it begins");
	if (!json_is_object(intensity))
		return refuse(a, -EBADMSG, "no intensity");
	if (!value || json_is_null(value)) {
		value = json_object_get(intensity, "forecast");
		p.flags |= SERIES_FORECAST;
	}
	return add_value(a, &p, value);
}

/* The national answer lists values; a region, alone or as one of several, has them in its data. */
static int read_uk(struct answer *a, json_t *root)
{
	json_t *list = json_object_get(root, "data");

	a->mg_per_kwh = (double)JT_MG_PER_G;
	if (json_is_array(list) && json_object_get(json_array_get(list, 0), "regionid")) {
		if (json_array_size(list) != 1)
			return refuse(a, -EBADMSG, "several regions");
		list = json_array_get(list, 0);
	}
	if (json_is_object(list))
		list = json_object_get(list, "data");
	if (!json_is_array(list))
		return refuse(a, -EBADMSG, "no data");
	return read_list(a, list, read_uk_value);
}

/* "error":"…", "error":{"message":"…"} or "message":"…" */
static const char *error_of(json_t *root)
{
	json_t *error = json_object_get(root, "error");

	if (json_is_object(error))
		error = json_object_get(error, "message");
	if (!error)
		error = json_object_get(root, "message");
	return json_string_value(error);
}

/* Line breaks and worse do not belong into a line of the log. */
static void put_words(const char *words, char *ret, size_t size)
{
	size_t n = 0;

	for (const char *p = words; p && *p && n + 1 < size; p++)
		ret[n++] = *p >= ' ' && *p < 0x7f ? *p : '?';
	ret[n] = '\0';
}

static int read_root(const char *text, size_t len, json_t **ret, struct why *why)
{
	const struct json_limits limits = { .max_bytes = ANSWER_MAX_BYTES,
					    .max_depth = 12,
					    .max_values = 1U << 18 };
	int err = json_read_document(text, len, &limits, ret, why);

	if (!err && !json_is_object(*ret))
		err = why_set(why, -EBADMSG, "no JSON object");
	return err;
}

/* The root's values into a's series, which stays as it was on error. */
static int read_values(enum answer_feed feed, struct answer *a, json_t *root)
{
	static int (*const readers[N_ANSWER_FEEDS])(struct answer * a, json_t * root) = {
		[ANSWER_ELECTRICITYMAPS] = read_electricitymaps,
		[ANSWER_WATTTIME] = read_watttime,
		[ANSWER_UK] = read_uk,
	};
	struct series_counts counts = a->into->count;
	size_t n = a->into->n;
	int err = readers[feed](a, root);

	if (!err && a->into->n == n)
		err = refuse(a, -ENODATA, "an answer without a value");
	if (err) {
		a->into->n = n;
		a->into->count = counts;
	}
	return err;
}

int answer_read(const struct answer_text *t, struct series *into, unsigned int *ret_n_ahead,
		struct why *why)
{
	const struct answer_kind *kind = &answer_kinds[t->feed];
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	struct answer a = { .into = into, .now_s = t->now_s, .why = why };
	char words[160];
	int err = read_root(t->text, t->len, &root, why);

	if (err)
		return err;
	put_words(error_of(root), words, sizeof(words));
	if (words[0])
		return why_set(why, -EPROTO, "it says: %s", words);
	err = read_values(t->feed, &a, root);
	if (err)
		return err;
	into->kind = kind->kind;
	snprintf(into->boundary, sizeof(into->boundary), "%s", kind->boundary);
	snprintf(into->source, sizeof(into->source), "%s", kind->source);
	*ret_n_ahead = a.n_ahead;
	return 0;
}

int answer_read_token(const char *text, size_t len, char *ret, size_t size)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	const char *token;
	int err = read_root(text, len, &root, NULL);

	if (err)
		return err;
	token = json_string_value(json_object_get(root, "token"));
	if (!token || !*token)
		return -EBADMSG;
	/* It goes into a header. */
	for (const char *p = token; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return -EBADMSG;
	return snprintf(ret, size, "%s", token) < (int)size ? 0 : -E2BIG;
}

void answer_read_error(const char *text, size_t len, char *ret, size_t size)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;

	ret[0] = '\0';
	if (read_root(text, len, &root, NULL) == 0)
		put_words(error_of(root), ret, size);
}
