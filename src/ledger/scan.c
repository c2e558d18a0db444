/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan.c - the checking half of scan.h: is this line in the one form it may have? */
#include "ledger/scan.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"

#define SCAN_ONES  UINT64_C(0x0101010101010101)
#define SCAN_HIGHS UINT64_C(0x8080808080808080)

static const char *const scan_known_name[SCAN_N_KNOWN] = {
	[SCAN_BOOT_ID] = "boot_id",
	[SCAN_CGROUP] = "cgroup",
	[SCAN_CO2E_UG] = "co2e_ug",
	[SCAN_COMM] = "comm",
	[SCAN_DOMAINS] = "domains",
	[SCAN_ENERGY_UJ] = "energy_uj",
	[SCAN_HOST] = "host",
	[SCAN_I] = "i",
	[SCAN_K] = "k",
	[SCAN_MONO_US] = "mono_us",
	[SCAN_N] = "n",
	[SCAN_N_TICKS] = "n_ticks",
	[SCAN_NAME] = "name",
	[SCAN_PREV] = "prev",
	[SCAN_SALT] = "salt",
	[SCAN_T] = "t",
	[SCAN_TICK] = "tick",
	[SCAN_V] = "v",
	[SCAN_WINDOW] = "window",
};

struct scan {
	const char *line;
	size_t len;
	size_t at;
	const char *what;
};

static int scan_value_at(struct scan *s, unsigned int depth);

static int scan_fail(struct scan *s, const char *what)
{
	s->what = what;
	return -EBADMSG;
}

/* The byte at the reading point; -1 at the end. */
static int scan_peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->line[s->at] : -1;
}

static bool scan_take(struct scan *s, char c)
{
	if (scan_peek(s) != (unsigned char)c)
		return false;
	s->at++;
	return true;
}

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

/* The highest bit of each byte of x that is zero; a byte above the lowest may be set in vain. */
static uint64_t scan_zeros(uint64_t x)
{
	return (x - SCAN_ONES) & ~x & SCAN_HIGHS;
}

/* Past all bytes that stand for themselves in a string, eight at a time. *any_high: not all ASCII. */
static inline void scan_plain(struct scan *s, bool *any_high)
{
	const char *from = s->line + s->at, *at = from, *last = s->line + s->len;
	uint64_t word, high, end, seen = 0;

	for (; last - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		high = word & SCAN_HIGHS;
		end = scan_zeros(word ^ SCAN_ONES * '"') | scan_zeros(word ^ SCAN_ONES * '\\') |
		      ((word - SCAN_ONES * 0x20) & ~word & SCAN_HIGHS);
		if (end) {
			unsigned int n = (unsigned int)__builtin_ctzll(end) / 8;

			seen |= high & ((UINT64_C(1) << (8 * n)) - 1);
			at += n;
			break;
		}
		seen |= high;
	}
	*any_high |= seen != 0;
	s->at += (size_t)(at - from);
}

static int scan_string(struct scan *s)
{
	bool any_high = false;
	size_t from;
	int c, err;

	if (!scan_take(s, '"'))
		return scan_fail(s, "string expected");
	from = s->at;
	for (;;) {
		scan_plain(s, &any_high);
		c = scan_peek(s);
		if (c == '"')
			break;
		if (c < 0)
			return scan_fail(s, "string without an end");
		if (c < 0x20)
			return scan_fail(s, "control character in a string");
		any_high |= c >= 0x80;
		s->at++;
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

/* Digits from the reading point on, eight at a time. */
static size_t scan_count_digits(const struct scan *s)
{
	size_t n = 0, left = s->len - s->at;
	const char *at = s->line + s->at;
	uint64_t word, other;

	for (; left - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, at + n, sizeof(word));
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		word ^= SCAN_ONES * '0';
		other = (word | (word + SCAN_ONES * 0x76)) & SCAN_HIGHS;
		if (other)
			return n + (unsigned int)__builtin_ctzll(other) / 8;
	}
	while (n < left && at[n] >= '0' && at[n] <= '9')
		n++;
	return n;
}

static int scan_number(struct scan *s)
{
	bool negative = scan_take(s, '-');
	const char *at = s->line + s->at;
	size_t n = scan_count_digits(s);
	int c;

	if (n == 0)
		return scan_fail(s, "value expected");
	if (n > 1 && at[0] == '0')
		return scan_fail(s, "leading zero");
	/* Of 16 digits the last bound is 9007199254740991; as text it compares as the number does. */
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
static int scan_name(struct scan *s, struct scan_value *prev)
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
static int scan_value_at(struct scan *s, unsigned int depth)
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

/* Does the name at the reading point read as the shape's member j? */
static bool scan_same_name(const struct scan *s, const struct scan_shape *shape, size_t j)
{
	const uint64_t *text = shape->text + shape->at[j];
	size_t len = shape->len[j];
	const char *at = s->line + s->at;
	uint64_t word;

	if (s->len - s->at < (len + 7) / 8 * 8)
		return s->len - s->at >= len && memcmp(at, text, len) == 0;
	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		if (word != *text++)
			return false;
	}
	if (len == 0)
		return true;
	memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return ((word ^ *text) << (64 - 8 * len)) == 0;
#else
	return ((word ^ *text) >> (64 - 8 * len)) == 0;
#endif
}

/* `"name":` of member j of r, as it stands in the line. */
static struct scan_value scan_name_of(const struct scan_record *r, size_t j)
{
	const char *from = j ? r->member[j - 1].at + r->member[j - 1].len + 1 : r->line + 1;

	return (struct scan_value){ from, (size_t)(r->member[j].at - from) };
}

static void scan_learn(struct scan_shapes *c, struct scan_record *r)
{
	struct scan_shape *shape = &c->shape[c->next++ % SCAN_N_SHAPES];
	size_t word = 0;

	memset(shape, 0, sizeof(*shape));
	shape->n = r->n;
	for (size_t j = 0; j < r->n; j++) {
		struct scan_value name = scan_name_of(r, j);

		shape->at[j] = (uint16_t)word;
		shape->len[j] = (uint8_t)name.len;
		memcpy(shape->text + word, name.at, name.len);
		word += (name.len + 7) / 8;
		for (int k = 0; k < SCAN_N_KNOWN; k++)
			if (strlen(scan_known_name[k]) + 3 == name.len &&
			    memcmp(scan_known_name[k], name.at + 1, name.len - 3) == 0)
				shape->place[k] = (uint8_t)(j + 1);
	}
	r->place = shape->place;
}

/*
 * A shape whose name j is at the reading point and which begins as `like` up to there (NULL: j is
 * 0); NULL = none is known.
 */
static const struct scan_shape *scan_shape_at(const struct scan *s, const struct scan_shapes *c,
					      const struct scan_shape *like, size_t j)
{
	for (size_t i = 0; i < SCAN_N_SHAPES; i++) {
		const struct scan_shape *shape = &c->shape[i];

		if (j >= shape->n || shape == like)
			continue;
		if (like &&
		    (shape->at[j - 1] != like->at[j - 1] || shape->len[j - 1] != like->len[j - 1] ||
		     memcmp(shape->text, like->text,
			    8 * (size_t)like->at[j - 1] + like->len[j - 1]) != 0))
			continue;
		if (scan_same_name(s, shape, j))
			return shape;
	}
	return NULL;
}

/* The name of member j and its colon, where it is not the shape's. */
static int scan_new_name(struct scan *s, const struct scan_record *r, size_t j,
			 struct scan_value *prev)
{
	int err;

	if (j > 0 && j <= SCAN_MAX_MEMBERS && !prev->at) {
		*prev = scan_name_of(r, j - 1);
		prev->at += 1;
		prev->len -= 3;
	}
	err = scan_name(s, prev);
	if (err)
		return err;
	return scan_take(s, ':') ? 0 : scan_fail(s, "':' expected");
}

/* Most values of a record are strings and numbers: without the way through scan_value_at(). */
static inline int scan_member_value(struct scan *s)
{
	int c = scan_peek(s);

	if (c == '"')
		return scan_string(s);
	if (c >= '0' && c <= '9')
		return scan_number(s);
	return scan_value_at(s, 1);
}

/* The line's own object, whose members are listed. */
static int scan_members(struct scan *s, struct scan_shapes *c, struct scan_record *r)
{
	const struct scan_shape *shape = scan_shape_at(s, c, NULL, 0);
	struct scan_value prev = { 0 };
	size_t j = 0, from;
	int err = 0;

	if (scan_take(s, '}'))
		return 0;
	do {
		if (shape && (j >= shape->n || !scan_same_name(s, shape, j)))
			shape = j ? scan_shape_at(s, c, shape, j) : NULL;
		if (shape) {
			s->at += shape->len[j];
		} else {
			err = scan_new_name(s, r, j, &prev);
		}
		from = s->at;
		if (!err)
			err = scan_member_value(s);
		if (err)
			return err;
		if (j < SCAN_MAX_MEMBERS)
			r->member[j] = (struct scan_value){ s->line + from, s->at - from };
		j++;
	} while (scan_take(s, ','));
	if (!scan_take(s, '}'))
		return scan_fail(s, "',' or '}' expected");
	r->n = j;
	if (shape && j == shape->n)
		r->place = shape->place;
	else if (j <= SCAN_MAX_MEMBERS)
		scan_learn(c, r);
	return 0;
}

int scan_record(struct scan_shapes *c, const char *line, size_t len, struct scan_record *r,
		const char **ret_what, size_t *ret_at)
{
	struct scan s = { .line = line, .len = len };
	int err;

	r->line = line;
	r->len = len;
	r->n = 0;
	r->place = NULL;
	if (len > SCAN_MAX_LINE)
		err = scan_fail(&s, "line longer than 65535 bytes");
	else if (!scan_take(&s, '{'))
		err = scan_fail(&s, "'{' expected");
	else
		err = scan_members(&s, c, r);
	if (!err && s.at != len)
		err = scan_fail(&s, "bytes after the object");
	if (err) {
		*ret_what = s.what;
		*ret_at = s.at;
	}
	return err;
}

int scan_get(const struct scan_record *r, enum scan_known k, struct scan_value *ret)
{
	if (!r->place)
		return scan_member((struct scan_value){ r->line, r->len }, scan_known_name[k], ret);
	if (!r->place[k])
		return -ENOENT;
	*ret = r->member[r->place[k] - 1];
	return 0;
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
