/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_csv.c - intensity over time as CSV; the columns' names carry their units. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "intensity/series_form.h"
#include "intensity/stamp.h"

#define MAX_COLUMNS 64
#define MAX_LINE    4096

enum column {
	COLUMN_NONE = 0, /* not ours: skipped */
	COLUMN_START,
	COLUMN_END,
	COLUMN_DURATION,
	COLUMN_LOCATION,
	COLUMN_KIND,
	COLUMN_FLAGS,
	COLUMN_VALUE,
	COLUMN_LOW,
	COLUMN_HIGH,
	N_COLUMNS,
};

static const struct {
	const char *name;
	enum column column;
} names[] = {
	{ "start", COLUMN_START },
	{ "time", COLUMN_START },
	{ "datetime", COLUMN_START },
	{ "timestamp", COLUMN_START },
	{ "from", COLUMN_START },
	{ "point_time", COLUMN_START },
	{ "datetime (utc)", COLUMN_START },
	{ "end", COLUMN_END },
	{ "to", COLUMN_END },
	{ "duration", COLUMN_DURATION },
	{ "location", COLUMN_LOCATION },
	{ "zone", COLUMN_LOCATION },
	{ "zone id", COLUMN_LOCATION },
	{ "kind", COLUMN_KIND },
	{ "flags", COLUMN_FLAGS },
};

/* What a value is called, after "low_" or "high_" or nothing: its unit, in mg/kWh. */
static const struct {
	const char *name;
	double mg_per_kwh;
} units[] = {
	{ "mg_per_kwh", 1 },
	{ "g_per_kwh", 1e3 },
	{ "gco2_per_kwh", 1e3 },
	{ "gco2e_per_kwh", 1e3 },
	{ "rating", 1e3 },
	{ "kg_per_mwh", 1e3 },
	/* 1 lb = 0.45359237 kg exactly (international pound, 1959). */
	{ "lbs_co2_per_mwh", 453.59237 },
	{ "lb_per_mwh", 453.59237 },
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct field {
	const char *at;
	size_t len;
};

/* A file while it is read. */
struct csv {
	const char *at;
	const char *end;
	uint64_t n_lines;
	size_t n_columns;
	enum column column[MAX_COLUMNS];
	double scale[N_COLUMNS]; /* to mg/kWh; 0 = no such column */
	char location[SERIES_LOCATION_LEN];
	char boundary[sizeof(((struct series *)0)->boundary)];
	char source[SERIES_TEXT_LEN];
	char trouble[SERIES_TEXT_LEN];
	enum series_kind kind;
	struct series *last; /* of the row before; valid until the set grows */
	/* The date of the row before: most rows are of the same day. */
	char date[10];
	int64_t date_s;
};

static bool is_word(struct field f, const char *word)
{
	return f.len == strlen(word) && !strncasecmp(f.at, word, f.len);
}

static struct field trimmed(struct field f)
{
	while (f.len && (f.at[0] == ' ' || f.at[0] == '\t')) {
		f.at++;
		f.len--;
	}
	while (f.len &&
	       (f.at[f.len - 1] == ' ' || f.at[f.len - 1] == '\t' || f.at[f.len - 1] == '\r'))
		f.len--;
	if (f.len >= 2 && f.at[0] == '"' && f.at[f.len - 1] == '"') {
		f.at++;
		f.len -= 2;
	}
	return f;
}

/* The next line, without its end; false at the end of the text. */
static bool next_line(struct csv *c, struct field *ret)
{
	const char *lf;

	if (c->at >= c->end)
		return false;
	lf = memchr(c->at, '\n', (size_t)(c->end - c->at));
	*ret = (struct field){ c->at, (size_t)((lf ? lf : c->end) - c->at) };
	c->at = lf ? lf + 1 : c->end;
	c->n_lines++;
	return true;
}

/* Cuts a line at its commas outside quotes. Returns how many fields; 0: more than MAX_COLUMNS. */
static size_t split(struct field line, struct field *ret)
{
	const char *end = line.at + line.len, *begin = line.at;
	bool quoted = false;
	size_t n = 0;

	for (const char *p = begin;; p++) {
		if (p < end && *p == '"')
			quoted = !quoted;
		if (p < end && (*p != ',' || quoted))
			continue;
		if (n == MAX_COLUMNS)
			return 0;
		ret[n++] = (struct field){ begin, (size_t)(p - begin) };
		begin = p + 1;
		if (p >= end)
			return n;
	}
}

static enum column value_column(struct csv *c, struct field f)
{
	enum column column = COLUMN_VALUE;

	if (f.len > 4 && !strncasecmp(f.at, "low_", 4)) {
		column = COLUMN_LOW;
		f = (struct field){ f.at + 4, f.len - 4 };
	} else if (f.len > 5 && !strncasecmp(f.at, "high_", 5)) {
		column = COLUMN_HIGH;
		f = (struct field){ f.at + 5, f.len - 5 };
	}
	for (size_t i = 0; i < LENGTH(units); i++) {
		if (is_word(f, units[i].name)) {
			c->scale[column] = units[i].mg_per_kwh;
			return column;
		}
	}
	return COLUMN_NONE;
}

static int read_header(struct csv *c, struct field line, struct why *why)
{
	struct field f[MAX_COLUMNS];
	bool has[N_COLUMNS] = { false };

	c->n_columns = split(line, f);
	for (size_t i = 0; i < c->n_columns; i++) {
		struct field name = trimmed(f[i]);
		enum column column = COLUMN_NONE;

		for (size_t k = 0; k < LENGTH(names) && column == COLUMN_NONE; k++)
			if (is_word(name, names[k].name))
				column = names[k].column;
		if (column == COLUMN_NONE)
			column = value_column(c, name);
		if (column != COLUMN_NONE && has[column])
			return why_set(why, -EBADMSG, "line %" PRIu64 ": two columns like '%.*s'",
				       c->n_lines, (int)name.len, name.at);
		has[column] = true;
		c->column[i] = column;
	}
	if (!has[COLUMN_START] || !has[COLUMN_VALUE])
		return why_set(why, -EBADMSG,
			       "line %" PRIu64 ": no column for the %s: a header like "
			       "start,g_per_kwh is needed",
			       c->n_lines, has[COLUMN_START] ? "value and its unit" : "time");
	if (has[COLUMN_LOW] != has[COLUMN_HIGH])
		return why_set(why, -EBADMSG,
			       "line %" PRIu64 ": low_ without high_, or the reverse", c->n_lines);
	return 0;
}

/* "# kind: marginal" and the like, for the rows after it; other remarks are remarks. */
static int read_remark(struct csv *c, struct field line, struct why *why)
{
	struct field name = trimmed((struct field){ line.at + 1, line.len - 1 });
	const char *colon = memchr(name.at, ':', name.len);
	struct field value;

	if (!colon)
		return 0;
	value = trimmed((struct field){ colon + 1, name.len - (size_t)(colon + 1 - name.at) });
	name.len = (size_t)(colon - name.at);
	if (is_word(name, "kind")) {
		if (!is_word(value, "average") && !is_word(value, "marginal"))
			return why_set(why, -EBADMSG,
				       "line %" PRIu64 ": kind is average or marginal", c->n_lines);
		c->kind = is_word(value, "marginal") ? SERIES_MARGINAL : SERIES_AVERAGE;
	} else if (is_word(name, "location")) {
		snprintf(c->location, sizeof(c->location), "%.*s", (int)value.len, value.at);
	} else if (is_word(name, "boundary")) {
		snprintf(c->boundary, sizeof(c->boundary), "%.*s", (int)value.len, value.at);
	} else if (is_word(name, "source")) {
		snprintf(c->source, sizeof(c->source), "%.*s", (int)value.len, value.at);
	} else if (is_word(name, "trouble")) {
		snprintf(c->trouble, sizeof(c->trouble), "%.*s", (int)value.len, value.at);
	}
	return 0;
}

/* "2026-01-01Thh:mm:ssZ" of a date that was read before needs no calendar. */
static int read_time(struct csv *c, struct field f, int64_t *ret_s, uint32_t *flags)
{
	bool assumed_utc;
	int err;

	if (f.len == 20 && f.at[10] == 'T' && f.at[19] == 'Z' && f.at[13] == ':' &&
	    f.at[16] == ':' && !memcmp(f.at, c->date, sizeof(c->date))) {
		unsigned int d[6] = {
			(unsigned char)f.at[11] - '0', (unsigned char)f.at[12] - '0',
			(unsigned char)f.at[14] - '0', (unsigned char)f.at[15] - '0',
			(unsigned char)f.at[17] - '0', (unsigned char)f.at[18] - '0'
		};

		if (d[0] <= 1 && d[1] <= 9 && d[2] <= 5 && d[3] <= 9 && d[4] <= 5 && d[5] <= 9) {
			*ret_s = c->date_s + 36000 * d[0] + 3600 * d[1] + 600 * d[2] + 60 * d[3] +
				 10 * d[4] + d[5];
			return 0;
		}
	}
	err = stamp_read_time(f.at, f.len, ret_s, &assumed_utc);
	if (err)
		return err;
	if (assumed_utc)
		*flags |= SERIES_ASSUMED_UTC;
	if (f.len == 20 && f.at[10] == 'T' && f.at[19] == 'Z') {
		memcpy(c->date, f.at, sizeof(c->date));
		c->date_s = *ret_s - *ret_s % 86400;
	}
	return 0;
}

static int read_flags(struct field f, uint32_t *flags)
{
	while (f.len) {
		const char *plus = memchr(f.at, '+', f.len);
		struct field word = { f.at, plus ? (size_t)(plus - f.at) : f.len };
		uint32_t flag = series_flag_of(word.at, word.len);

		if (!flag)
			return -EBADMSG;
		*flags |= flag;
		f = plus ? (struct field){ plus + 1, f.len - word.len - 1 } : (struct field){ 0 };
	}
	return 0;
}

/* A row while its fields are read. */
struct row {
	struct series_point p;
	struct field location;
	enum series_kind kind;
	int64_t span_s;
	double mg[N_COLUMNS]; /* VALUE, LOW, HIGH; below 0 = none */
};

/* "" and null are no value, and neither is what is below 0. */
static int read_value(struct csv *c, enum column column, struct field f, struct row *r)
{
	if (f.len == 0 || is_word(f, "null") || is_word(f, "nan") || is_word(f, "na"))
		return 0;
	if (stamp_read_number(f.at, f.len, &r->mg[column]))
		return -EBADMSG;
	r->mg[column] *= c->scale[column];
	return 0;
}

static int read_field(struct csv *c, enum column column, struct field f, struct row *r)
{
	switch (column) {
	case COLUMN_START:
		return read_time(c, f, &r->p.start_s, &r->p.flags);
	case COLUMN_END:
		return f.len ? read_time(c, f, &r->p.end_s, &r->p.flags) : 0;
	case COLUMN_DURATION:
		return f.len ? stamp_read_span(f.at, f.len, &r->span_s) : 0;
	case COLUMN_LOCATION:
		r->location = f;
		return f.len < SERIES_LOCATION_LEN ? 0 : -EBADMSG;
	case COLUMN_KIND:
		r->kind = is_word(f, "marginal") ? SERIES_MARGINAL : SERIES_AVERAGE;
		return is_word(f, "marginal") || is_word(f, "average") ? 0 : -EBADMSG;
	case COLUMN_FLAGS:
		return read_flags(f, &r->p.flags);
	case COLUMN_VALUE:
	case COLUMN_LOW:
	case COLUMN_HIGH:
		return read_value(c, column, f, r);
	default:
		return 0;
	}
}

/* The row's series: mostly that of the row before. */
static struct series *series_of(struct csv *c, struct series_set *set, const struct row *r)
{
	struct series *s = c->last;

	if (s && s->kind == r->kind && !strncmp(s->location, r->location.at, r->location.len) &&
	    s->location[r->location.len] == '\0')
		return s;
	s = series_set_get(set, r->location.at, r->location.len, r->kind);
	if (s && !s->boundary[0])
		snprintf(s->boundary, sizeof(s->boundary), "%s", c->boundary);
	if (s && !s->source[0])
		snprintf(s->source, sizeof(s->source), "%s", c->source);
	if (s)
		snprintf(s->trouble, sizeof(s->trouble), "%s", c->trouble);
	c->last = s;
	return s;
}

static int add_row(struct csv *c, struct series_set *set, struct row *r)
{
	struct series *s = series_of(c, set, r);
	struct series_point *p = &r->p;
	double value = r->mg[COLUMN_VALUE];

	if (!s)
		return -E2BIG;
	if (p->end_s == SERIES_END_UNKNOWN && r->span_s > 0)
		p->end_s = p->start_s + r->span_s;
	if (value < 0)
		return series_miss_at(s, p->start_s);
	if (r->mg[COLUMN_LOW] < 0 || r->mg[COLUMN_HIGH] < 0) {
		if (series_point_set(p, value))
			return -ERANGE;
	} else {
		if (r->mg[COLUMN_HIGH] > SERIES_MAX_MG_PER_KWH || r->mg[COLUMN_LOW] > value ||
		    value > r->mg[COLUMN_HIGH])
			return -ERANGE;
		p->mg_per_kwh = (uint32_t)(value + 0.5);
		p->low_mg_per_kwh = (uint32_t)(r->mg[COLUMN_LOW] + 0.5);
		p->high_mg_per_kwh = (uint32_t)(r->mg[COLUMN_HIGH] + 0.5);
	}
	return series_add(s, p);
}

static int read_row(struct csv *c, struct field line, struct series_set *set, struct why *why)
{
	struct row r = { .p.end_s = SERIES_END_UNKNOWN,
			 .location = { c->location, strlen(c->location) },
			 .kind = c->kind,
			 .mg = { [COLUMN_VALUE] = -1, [COLUMN_LOW] = -1, [COLUMN_HIGH] = -1 } };
	struct field f[MAX_COLUMNS];
	size_t n = split(line, f);
	int err;

	if (n != c->n_columns)
		return why_set(why, -EBADMSG, "line %" PRIu64 ": %zu columns, not %zu", c->n_lines,
			       n, c->n_columns);
	for (size_t i = 0; i < n; i++) {
		struct field text;

		if (c->column[i] == COLUMN_NONE)
			continue;
		text = trimmed(f[i]);
		if (read_field(c, c->column[i], text, &r))
			return why_set(why, -EBADMSG, "line %" PRIu64 ": '%.*s' in column %zu",
				       c->n_lines, (int)(text.len < 40 ? text.len : 40), text.at,
				       i + 1);
	}
	err = add_row(c, set, &r);
	if (err == -ERANGE)
		return why_set(why, err,
			       "line %" PRIu64
			       ": a time beyond 1970 to 2200, low and high not about "
			       "the value, or more than any plant emits (10 kg/kWh): which unit?",
			       c->n_lines);
	if (err == -EINVAL)
		return why_set(why, err, "line %" PRIu64 ": it ends before it starts", c->n_lines);
	return err ? why_set(why, err, "line %" PRIu64 ": %s", c->n_lines,
			     err == -E2BIG ? "too many locations or values" : strerror(-err))
		   : 0;
}

int form_read_csv(const char *text, size_t len, struct series_set *set, struct why *why)
{
	struct csv c = { .at = text, .end = text + len };
	struct field line;
	int err = 0;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		c.at += 3;
	while (!err && next_line(&c, &line)) {
		if (line.len > MAX_LINE)
			return why_set(why, -E2BIG, "line %" PRIu64 ": longer than %d bytes",
				       c.n_lines, MAX_LINE);
		if (line.len == 0 || (line.len == 1 && line.at[0] == '\r'))
			continue;
		if (line.at[0] == '#')
			err = read_remark(&c, line, why);
		else if (!c.n_columns)
			err = read_header(&c, line, why);
		else
			err = read_row(&c, line, set, why);
	}
	if (!err && set->n == 0 && c.trouble[0])
		return why_set(why, -ENODATA, "no value yet: %s", c.trouble);
	return err;
}
