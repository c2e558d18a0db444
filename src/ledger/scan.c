/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan.c - the checking half of scan.h: is this line in the one form it may have? */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "ledger/lanes.h"
#include "ledger/scan_value.h"

/* After a backslash: only the escape that RFC 8785, 3.2.2.2 prescribes for that character. */
static int scan_escape(struct scan *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *low;
	int c = scan_peek(s);

	s->at++;
	if (c > 0 && strchr("btnfr\"\\", c))
		return 0;
	if (c != 'u')
		return scan_fail(s, "escape that the canonical form does not have");
	if (s->len - s->at < 4 || memcmp(s->line + s->at, "00", 2) != 0 ||
	    (s->line[s->at + 2] != '0' && s->line[s->at + 2] != '1'))
		return scan_fail(s, "\\u escape of a character that needs none");
	low = memchr(hex, s->line[s->at + 3], 16);
	if (!low)
		return scan_fail(s, "\\u escape not in lower-case hexadecimal");
	/* \b \t \n \f \r have a short form. */
	if (s->line[s->at + 2] == '0' && memchr("89acd", *low, 5))
		return scan_fail(s, "\\u escape where there is a short one");
	s->at += 4;
	return 0;
}

/* To the next byte that a string cannot just go past, or to the last few of the line. */
static inline void scan_plain(struct scan *s)
{
	unsigned int n = LANES_LEN;

	while (n == LANES_LEN && s->len - s->at >= LANES_LEN) {
		n = scan_first_special(s->line + s->at);
		s->at += n;
	}
}

int scan_string(struct scan *s)
{
	bool any_high = false;
	size_t from;
	int c, err;

	if (!scan_take(s, '"'))
		return scan_fail(s, "string expected");
	from = s->at;
	for (;;) {
		scan_plain(s);
		c = scan_peek(s);
		if (c == '"')
			break;
		if (c < 0)
			return scan_fail(s, "string without an end");
		if (c < 0x20)
			return scan_fail(s, "control character in a string");
		s->at++;
		if (c >= 0x80) {
			any_high = true;
			while (scan_peek(s) >= 0x80)
				s->at++;
		}
		if (c != '\\')
			continue;
		err = scan_escape(s);
		if (err)
			return err;
	}
	/* Escapes are ASCII, so the text is valid exactly where its raw bytes are. */
	if (any_high && !json_utf8_valid(s->line + from, s->at - from))
		return scan_fail(s, "string is not valid UTF-8");
	s->at++;
	return 0;
}

/* Digits from the reading point on. */
static size_t scan_count_digits(const struct scan *s)
{
	const char *at = s->line + s->at;
	size_t n = 0, left = s->len - s->at;
	unsigned int more = LANES_LEN;

	while (more == LANES_LEN && left - n >= LANES_LEN) {
		more = scan_first_other(at + n);
		n += more;
	}
	while (n < left && at[n] >= '0' && at[n] <= '9')
		n++;
	return n;
}

int scan_number(struct scan *s)
{
	bool negative = scan_take(s, '-');
	const char *at = s->line + s->at;
	size_t n = scan_count_digits(s);
	int c;

	if (n == 0)
		return scan_fail(s, "value expected");
	if (n > 1 && at[0] == '0')
		return scan_fail(s, "leading zero");
	/* 9007199254740991 is the last of 16 digits; as text it compares as a number does. */
	if (n > 16 || (n == 16 && memcmp(at, "9007199254740991", 16) > 0))
		return scan_fail(s, "integer beyond 2^53 - 1");
	s->at += n;
	if (negative && n == 1 && at[0] == '0')
		return scan_fail(s, "minus zero");
	c = scan_peek(s);
	if (c == '.' || c == 'e' || c == 'E')
		return scan_fail(s, "number with a fraction or an exponent");
	return 0;
}

/* A member's name; it must sort after the one before it, *prev, which it then becomes. */
int scan_name(struct scan *s, struct scan_value *prev)
{
	struct scan_value name;
	int c, order;

	if (!scan_take(s, '"'))
		return scan_fail(s, "name expected");
	name.at = s->line + s->at;
	while ((c = scan_peek(s)) != '"') {
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return scan_fail(s, "name outside [a-z0-9_]");
		s->at++;
	}
	name.len = (size_t)(s->line + s->at - name.at);
	s->at++;
	if (name.len == 0 || name.len > SCAN_MAX_NAME)
		return scan_fail(s, "name empty or too long");
	if (prev->at) {
		size_t common = prev->len < name.len ? prev->len : name.len;

		order = memcmp(prev->at, name.at, common);
		if (order == 0)
			order = prev->len < name.len ? -1 : prev->len > name.len;
		if (order >= 0)
			return scan_fail(s, order ? "names not sorted" : "duplicate name");
	}
	*prev = name;
	return 0;
}

static int scan_object(struct scan *s, unsigned int depth)
{
	struct scan_value prev = { 0 };
	int err;

	if (scan_take(s, '}'))
		return 0;
	do {
		err = scan_name(s, &prev);
		if (err)
			return err;
		if (!scan_take(s, ':'))
			return scan_fail(s, "':' expected");
		err = scan_value_at(s, depth);
		if (err)
			return err;
	} while (scan_take(s, ','));
	return scan_take(s, '}') ? 0 : scan_fail(s, "',' or '}' expected");
}

static int scan_array(struct scan *s, unsigned int depth)
{
	int err;

	if (scan_take(s, ']'))
		return 0;
	do {
		err = scan_value_at(s, depth);
		if (err)
			return err;
	} while (scan_take(s, ','));
	return scan_take(s, ']') ? 0 : scan_fail(s, "',' or ']' expected");
}

static int scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len - s->at < len || memcmp(s->line + s->at, word, len) != 0)
		return scan_fail(s, "value expected");
	s->at += len;
	return 0;
}

/* depth: objects and arrays around the value; the recursion ends at SCAN_MAX_DEPTH. */
int scan_value_at(struct scan *s, unsigned int depth)
{
	int c = scan_peek(s);

	switch (c) {
	case '{':
	case '[':
		if (depth == SCAN_MAX_DEPTH)
			return scan_fail(s, "nested too deeply");
		s->at++;
		return c == '{' ? scan_object(s, depth + 1) : scan_array(s, depth + 1);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

int scan_line(const char *line, size_t len, const char **ret_what, size_t *ret_at)
{
	struct scan s = { .line = line, .len = len };
	int err;

	if (len > SCAN_MAX_LINE)
		err = scan_fail(&s, "line longer than 65535 bytes");
	else if (scan_peek(&s) != '{')
		err = scan_fail(&s, "'{' expected");
	else
		err = scan_value_at(&s, 0);
	if (!err && s.at != len)
		err = scan_fail(&s, "bytes after the object");
	if (err) {
		*ret_what = s.what;
		*ret_at = s.at;
	}
	return err;
}
