/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.c - see answer.h. */
#include "client/answer.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"

/*
 * Each skip_…() takes the first byte of something and the end of the line; it returns the byte
 * after it, or NULL where that is not there.
 */
static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const char *skip_escape(const char *p, const char *end)
{
	if (p == end || !*p || !strchr("\"\\/bfnrtu", *p))
		return NULL;
	if (*p++ != 'u')
		return p;
	for (int i = 0; i < 4; i++)
		if (p == end || !is_hex(*p++))
			return NULL;
	return p;
}

static const char *skip_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	while (p && p < end && *p != '"') {
		if ((unsigned char)*p < 0x20)
			return NULL;
		p = *p == '\\' ? skip_escape(p + 1, end) : p + 1;
	}
	return p && p < end ? p + 1 : NULL;
}

static const char *skip_digits(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > begin ? p : NULL;
}

static const char *skip_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	p = p < end && *p == '0' ? p + 1 : skip_digits(p, end);
	if (p && p < end && *p == '.')
		p = skip_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(p, end);
	}
	return p;
}

static const char *skip_word(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && !memcmp(p, word, len) ? p + len : NULL;
}

/* The name of a member and its colon, up to the value. */
static const char *skip_name(const char *p, const char *end)
{
	p = skip_string(p, end);
	if (!p)
		return NULL;
	p = skip_space(p, end);
	return p < end && *p == ':' ? skip_space(p + 1, end) : NULL;
}

static const char *skip_value(const char *p, const char *end, unsigned int depth);

/* An object or an array, whose bracket p is at. */
static const char *skip_parts(const char *p, const char *end, unsigned int depth)
{
	char closes = *p == '{' ? '}' : ']';

	if (depth == ANSWER_MAX_DEPTH)
		return NULL;
	p = skip_space(p + 1, end);
	if (p < end && *p == closes)
		return p + 1;
	while (p && p < end) {
		if (closes == '}')
			p = skip_name(p, end);
		p = p ? skip_value(p, end, depth + 1) : NULL;
		p = p ? skip_space(p, end) : NULL;
		if (p && p < end && *p == closes)
			return p + 1;
		p = p && p < end && *p == ',' ? skip_space(p + 1, end) : NULL;
	}
	return NULL;
}

static const char *skip_value(const char *p, const char *end, unsigned int depth)
{
	if (p == end)
		return NULL;
	switch (*p) {
	case '{':
	case '[':
		return skip_parts(p, end, depth);
	case '"':
		return skip_string(p, end);
	case 't':
		return skip_word(p, end, "true");
	case 'f':
		return skip_word(p, end, "false");
	case 'n':
		return skip_word(p, end, "null");
	default:
		return skip_number(p, end);
	}
}

int answer_check(const char *line, size_t len)
{
	const char *end = line + len, *p = skip_space(line, end);

	if (p == end || *p != '{' || !json_utf8_valid(line, len))
		return -EBADMSG;
	p = skip_value(p, end, 0);
	return p && skip_space(p, end) == end ? 0 : -EBADMSG;
}

/* Past the bracket, or past the comma after the part that ended at pos; NULL: there is no more. */
static const char *next_part(struct answer_value v, size_t pos, char opens)
{
	const char *begin, *end, *p;

	if (!v.len)
		return NULL;
	end = v.at + v.len;
	begin = skip_space(v.at, end); /* there is some before a whole line's only */
	if (begin == end || *begin != opens)
		return NULL;
	p = skip_space(pos ? v.at + pos : begin + 1, end);
	if (pos && p < end && *p == ',')
		p = skip_space(p + 1, end);
	return p < end && *p != '}' && *p != ']' ? p : NULL;
}

static bool take_value(const char *p, struct answer_value v, size_t *pos, struct answer_value *ret)
{
	const char *after = p ? skip_value(p, v.at + v.len, 1) : NULL;

	if (!after)
		return false;
	*ret = (struct answer_value){ p, (size_t)(after - p) };
	*pos = (size_t)(after - v.at);
	return true;
}

bool answer_next(struct answer_value v, size_t *pos, struct answer_value *ret)
{
	return take_value(next_part(v, *pos, '['), v, pos, ret);
}

bool answer_next_member(struct answer_value v, size_t *pos, struct answer_value *ret_name,
			struct answer_value *ret)
{
	const char *p = next_part(v, *pos, '{'), *value = p ? skip_name(p, v.at + v.len) : NULL;

	if (!take_value(value, v, pos, ret))
		return false;
	*ret_name = (struct answer_value){ p, (size_t)(skip_string(p, v.at + v.len) - p) };
	return true;
}

int answer_member(struct answer_value v, const char *name, struct answer_value *ret)
{
	struct answer_value member, value;
	size_t pos = 0;

	while (answer_next_member(v, &pos, &member, &value)) {
		if (!answer_is(member, name))
			continue;
		if (*value.at == 'n')
			return -ENOENT;
		*ret = value;
		return 0;
	}
	return -ENOENT;
}

int answer_u64(struct answer_value v, uint64_t *ret)
{
	uint64_t n = 0;

	if (!v.len || v.len > 19)
		return -EINVAL;
	for (size_t i = 0; i < v.len; i++) {
		if (v.at[i] < '0' || v.at[i] > '9')
			return -EINVAL;
		n = 10 * n + (uint64_t)(v.at[i] - '0');
	}
	if (n > INT64_MAX)
		return -EINVAL;
	*ret = n;
	return 0;
}

int answer_i64(struct answer_value v, int64_t *ret)
{
	bool is_negative = v.len && *v.at == '-';
	uint64_t n;

	if (is_negative)
		v = (struct answer_value){ v.at + 1, v.len - 1 };
	if (answer_u64(v, &n))
		return -EINVAL;
	*ret = is_negative ? -(int64_t)n : (int64_t)n;
	return 0;
}

bool answer_is_true(struct answer_value v)
{
	return v.len && *v.at == 't';
}

bool answer_is(struct answer_value v, const char *text)
{
	size_t len = strlen(text);

	return v.len == len + 2 && *v.at == '"' && !memcmp(v.at + 1, text, len);
}

static uint32_t hex4(const char *p)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = 16 * n + (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return n;
}

/* A character as UTF-8; a half of a pair, which is none, as U+FFFD. Returns its bytes. */
static size_t put_utf8(uint32_t c, char ret[4])
{
	if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (char)(0xc0 | c >> 6);
		ret[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret[0] = (char)(0xe0 | c >> 12);
		ret[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | c >> 18);
	ret[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The escape at p, a backslash, as UTF-8. Returns the byte after it. */
static const char *take_escape(const char *p, const char *end, char ret[4], size_t *ret_len)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *known;
	uint32_t c;

	*ret_len = 1;
	if (p[1] != 'u') {
		known = strchr(from, p[1]);
		ret[0] = known ? to[known - from] : p[1];
		return p + 2;
	}
	c = hex4(p + 2);
	p += 6;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		uint32_t low = hex4(p + 2);

		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			p += 6;
		}
	}
	*ret_len = put_utf8(c, ret);
	return p;
}

/* Bytes of the character that p is at: what is valid UTF-8 was checked. */
static size_t take_utf8(const char *p, const char *end, char ret[4])
{
	size_t n = 0;

	do
		ret[n++] = *p++;
	while (n < 4 && p < end && ((unsigned char)*p & 0xc0) == 0x80);
	return n;
}

void answer_text(struct answer_value v, char *ret, size_t size)
{
	const char *end, *p;
	size_t len = 0, n;
	char c[4];

	ret[0] = '\0';
	if (v.len < 2 || *v.at != '"')
		return;
	end = v.at + v.len - 1;
	for (p = v.at + 1; p < end; len += n) {
		if (*p == '\\') {
			p = take_escape(p, end, c, &n);
		} else {
			n = take_utf8(p, end, c);
			p += n;
		}
		if (len + n >= size || !c[0])
			break;
		memcpy(ret + len, c, n);
	}
	ret[len] = '\0';
}
