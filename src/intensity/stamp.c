/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stamp.c - see stamp.h. */
#include "intensity/stamp.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S	   INT64_C(86400)
#define MAX_SPAN_S (36525 * DAY_S)

/* What is still to be read. */
struct cursor {
	const char *at;
	const char *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits. */
static bool take_digits(struct cursor *c, size_t n, int *ret)
{
	int v = 0;

	if ((size_t)(c->end - c->at) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(c->at[i]))
			return false;
		v = 10 * v + (c->at[i] - '0');
	}
	c->at += n;
	*ret = v;
	return true;
}

static bool take_char(struct cursor *c, char want)
{
	if (c->at == c->end || *c->at != want)
		return false;
	c->at++;
	return true;
}

/* One to max digits. */
static bool take_number(struct cursor *c, size_t max, int64_t *ret)
{
	size_t n = 0;

	for (*ret = 0; n <= max && c->at < c->end && is_digit(*c->at); n++)
		*ret = 10 * *ret + (*c->at++ - '0');
	return n >= 1 && n <= max;
}

/* ".509", if it is there. */
static bool skip_fraction(struct cursor *c)
{
	const char *begin;

	if (!take_char(c, '.') && !take_char(c, ','))
		return true;
	begin = c->at;
	while (c->at < c->end && is_digit(*c->at))
		c->at++;
	return c->at > begin;
}

static void trim(struct cursor *c)
{
	while (c->at < c->end && isspace((unsigned char)*c->at))
		c->at++;
	while (c->end > c->at && isspace((unsigned char)c->end[-1]))
		c->end--;
}

/*
 * Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the day that
 * leaps is the last: 153 days in any five months from there on.
 */
static int64_t days_of(int y, int m, int d)
{
	int years = m > 2 ? y : y - 1;
	int months = m > 2 ? m - 3 : m + 9;

	return 365 * (int64_t)years + years / 4 - years / 100 + years / 400 +
	       (153 * months + 2) / 5 + d - 1 - 719468;
}

static bool is_date(int y, int m, int d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leaps = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return y >= 1970 && m >= 1 && m <= 12 && d >= 1 &&
	       d <= days[m - 1] + (m == 2 && leaps ? 1 : 0);
}

static bool take_date(struct cursor *c, int64_t *ret_s)
{
	int y, m, d;

	if (!take_digits(c, 4, &y) || !take_char(c, '-') || !take_digits(c, 2, &m) ||
	    !take_char(c, '-') || !take_digits(c, 2, &d) || !is_date(y, m, d))
		return false;
	*ret_s = days_of(y, m, d) * DAY_S;
	return true;
}

/* "12:30[:15[.509]]", a leap second being the one before it. */
static bool take_clock(struct cursor *c, int64_t *ret_s)
{
	int h, m, s = 0;

	if (!take_digits(c, 2, &h) || !take_char(c, ':') || !take_digits(c, 2, &m))
		return false;
	if (take_char(c, ':') && (!take_digits(c, 2, &s) || !skip_fraction(c)))
		return false;
	if (h > 23 || m > 59 || s > 60)
		return false;
	*ret_s = 3600 * h + 60 * m + (s > 59 ? 59 : s);
	return true;
}

/* "Z", "+01:00", "-0330", or nothing. */
static bool take_offset(struct cursor *c, int64_t *ret_s, bool *ret_assumed_utc)
{
	bool minus = c->at < c->end && *c->at == '-';
	int h, m = 0;

	*ret_s = 0;
	*ret_assumed_utc = c->at == c->end;
	if (*ret_assumed_utc || take_char(c, 'Z') || take_char(c, 'z'))
		return true;
	if (!take_char(c, '+') && !take_char(c, '-'))
		return false;
	if (!take_digits(c, 2, &h))
		return false;
	if (c->at < c->end && (take_char(c, ':'), !take_digits(c, 2, &m)))
		return false;
	*ret_s = (minus ? -1 : 1) * (3600 * h + 60 * m);
	return h <= 14 && m <= 59;
}

int stamp_read_time(const char *text, size_t len, int64_t *ret_s, bool *ret_assumed_utc)
{
	struct cursor c = { text, text + len };
	int64_t day_s, clock_s = 0, offset_s;
	bool assumed;

	trim(&c);
	if (!memchr(c.at, '-', (size_t)(c.end - c.at))) {
		if (!take_number(&c, 11, ret_s) || c.at != c.end)
			return -EINVAL;
		*ret_assumed_utc = false;
		return 0;
	}
	if (!take_date(&c, &day_s))
		return -EINVAL;
	if (c.at < c.end &&
	    ((!take_char(&c, 'T') && !take_char(&c, ' ')) || !take_clock(&c, &clock_s)))
		return -EINVAL;
	if (!take_offset(&c, &offset_s, &assumed) || c.at != c.end || day_s + clock_s < offset_s)
		return -EINVAL;
	*ret_s = day_s + clock_s - offset_s;
	*ret_assumed_utc = assumed;
	return 0;
}

/* "P1DT2H30M15S": each part at most once, in that order. */
static bool take_iso_span(struct cursor *c, int64_t *ret_s)
{
	static const char units[] = "DHMS";
	static const int64_t unit_s[] = { DAY_S, 3600, 60, 1 };
	size_t next = 0, n_parts = 0;
	int64_t v;

	for (*ret_s = 0; c->at < c->end; n_parts++) {
		const char *unit;

		if (take_char(c, 'T'))
			next = next > 1 ? next : 1;
		if (!take_number(c, 9, &v) || c->at == c->end)
			return false;
		unit = strchr(units, *c->at);
		if (!*c->at || !unit || (size_t)(unit - units) < next)
			return false;
		*ret_s += v * unit_s[unit - units];
		next = (size_t)(unit - units) + 1;
		c->at++;
	}
	return n_parts > 0;
}

static bool take_timespan(struct cursor *c, int64_t *ret_s)
{
	int64_t v, clock_s;
	struct cursor whole = *c;

	*ret_s = 0;
	if (!take_number(c, 8, &v))
		return false;
	if (c->at == c->end) {
		*ret_s = v * DAY_S;
		return true;
	}
	if (take_char(c, '.'))
		*ret_s = v * DAY_S;
	else
		*c = whole;
	if (!take_clock(c, &clock_s) || c->at != c->end)
		return false;
	*ret_s += clock_s;
	return true;
}

int stamp_read_span(const char *text, size_t len, int64_t *ret_s)
{
	struct cursor c = { text, text + len };
	int64_t s;

	trim(&c);
	if (take_char(&c, '-'))
		return -ERANGE;
	if (take_char(&c, 'P') ? !take_iso_span(&c, &s) : !take_timespan(&c, &s))
		return -EINVAL;
	if (s > MAX_SPAN_S)
		return -ERANGE;
	*ret_s = s;
	return 0;
}

/* strtod() for what the quick way below does not know. */
static int read_any_number(const char *text, size_t len, double *ret)
{
	char copy[48], *end;
	double v;

	if (len == 0 || len >= sizeof(copy) || memchr(text, 'x', len) || memchr(text, 'X', len))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (isspace((unsigned char)copy[0]))
		return -EINVAL;
	v = strtod(copy, &end);
	if (end != copy + len || !isfinite(v))
		return -EINVAL;
	*ret = v;
	return 0;
}

int stamp_read_number(const char *text, size_t len, double *ret)
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8 };
	struct cursor c = { text, text + len };
	uint64_t digits = 0;
	size_t n = 0, n_fraction = 0;
	bool fraction = false;

	trim(&c);
	/* Up to 15 digits are exact in a double, and so is the power of ten under them. */
	for (const char *p = c.at; p < c.end; p++) {
		if (*p == '.' && !fraction && n) {
			fraction = true;
			continue;
		}
		if (!is_digit(*p) || ++n > 15 || (n_fraction += fraction) > 8)
			return read_any_number(c.at, (size_t)(c.end - c.at), ret);
		digits = 10 * digits + (uint64_t)(*p - '0');
	}
	if (n == 0 || c.end[-1] == '.')
		return -EINVAL;
	*ret = (double)digits / power[n_fraction];
	return 0;
}

const char *stamp_write(int64_t t_s, char *ret, size_t size)
{
	time_t t = (time_t)t_s;
	struct tm tm;

	ret[0] = '\0';
	if (gmtime_r(&t, &tm))
		strftime(ret, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return ret;
}
