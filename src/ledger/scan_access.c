/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scan_access.c - the reading half of scan.h: fields of a line that was found canonical. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "ledger/scan.h"

/* Behind the quote that ends the string whose text begins at from; never beyond len. */
static size_t scan_skip_text(const char *at, size_t from, size_t len)
{
	for (size_t i = from; i < len;) {
		const char *quote = memchr(at + i, '"', len - i);
		size_t end = quote ? (size_t)(quote - at) : len, before = end;

		while (before > from && at[before - 1] == '\\')
			before--;
		/* Escapes come in pairs of which a quote is the second. */
		if (!quote || (end - before) % 2 == 0)
			return quote ? end + 1 : len;
		i = end + 1;
	}
	return len;
}

/* End of the value at from; never beyond len, whatever the bytes. */
static size_t scan_skip(const char *at, size_t from, size_t len)
{
	unsigned int depth = 0;

	for (size_t i = from; i < len;) {
		char c = at[i];

		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			return i;
		if (c == '"') {
			i = scan_skip_text(at, i + 1, len);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		i++;
	}
	return len;
}

/* The member at *i, which moves to the next. False at the end, and where there is none. */
static bool scan_next(struct scan_value v, size_t *i, struct scan_value *ret_name,
		      struct scan_value *ret)
{
	const char *from = v.at + *i + 1, *quote;
	size_t value, end;

	if (*i >= v.len || v.at[*i] != '"')
		return false;
	quote = memchr(from, '"', v.len - *i - 1);
	if (!quote)
		return false;
	value = (size_t)(quote - v.at) + 2; /* quote and colon */
	end = scan_skip(v.at, value, v.len);
	*ret_name = (struct scan_value){ from, (size_t)(quote - from) };
	*ret = (struct scan_value){ v.at + value, end - value };
	*i = end + 1;
	return true;
}

int scan_member(struct scan_value v, const char *name, struct scan_value *ret)
{
	struct scan_value has, value;
	size_t name_len = strlen(name), i = 1;

	if (v.len < 2 || v.at[0] != '{')
		return -EINVAL;
	while (scan_next(v, &i, &has, &value)) {
		if (has.len == name_len && memcmp(has.at, name, name_len) == 0) {
			*ret = value;
			return 0;
		}
	}
	return -ENOENT;
}

/* The order of names: below 0 where the member's comes before. */
static int scan_compare(struct scan_value has, const char *name, size_t name_len)
{
	size_t least = has.len < name_len ? has.len : name_len;
	int order = memcmp(has.at, name, least);

	return order ? order : (has.len > name_len) - (has.len < name_len);
}

void scan_several(struct scan_value v, const struct scan_name *name, size_t n,
		  struct scan_value *ret)
{
	struct scan_value has, value;
	size_t at = 0, i = 1;

	for (size_t k = 0; k < n; k++)
		ret[k] = (struct scan_value){ "", 0 };
	if (v.len < 2 || v.at[0] != '{')
		return;
	while (at < n && scan_next(v, &i, &has, &value)) {
		int order = -1;

		while (at < n && (order = scan_compare(has, name[at].text, name[at].len)) > 0)
			at++;
		if (order == 0 && at < n)
			ret[at++] = value;
	}
}

bool scan_element(struct scan_value v, size_t *pos, struct scan_value *ret)
{
	size_t from = *pos + 1, end;

	if (v.len < 2 || v.at[0] != '[' || from >= v.len || v.at[from] == ']')
		return false;
	end = scan_skip(v.at, from, v.len);
	*ret = (struct scan_value){ v.at + from, end - from };
	/* At the comma, so that the next call begins behind it; at the end, behind the bracket. */
	*pos = end < v.len && v.at[end] == ',' ? end : v.len;
	return true;
}

/* The number that eight digits are: neighbours to pairs, pairs to fours, fours to all eight. */
static inline uint64_t scan_eight(uint64_t x)
{
	x = (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) * (10 * 256 + 1) >> 8;
	x = (x & UINT64_C(0x00ff00ff00ff00ff)) * (100 * 65536 + 1) >> 16;
	return (x & UINT64_C(0x0000ffff0000ffff)) * ((UINT64_C(10000) << 32) + 1) >> 32;
}

/* Eight bytes, the first lowest. */
static inline uint64_t scan_load(const char *at)
{
	uint64_t x;

	memcpy(&x, at, sizeof(x));
	return le64toh(x);
}

/* The number that n <= 16 digits are; the caller knows that they are digits. */
static inline uint64_t scan_digits(const char *at, size_t n)
{
	uint64_t v = 0;

	/* All but the last eight, moved up to be the last of eight; then those. */
	if (n >= 8) {
		if (n > 8)
			v = scan_eight(scan_load(at) << 8 * (16 - n));
		return v * 100000000 + scan_eight(scan_load(at + n - 8));
	}
	while (n--)
		v = v * 10 + (uint64_t)(*at++ - '0');
	return v;
}

int scan_i64(struct scan_value v, int64_t *ret)
{
	bool negative = v.len > 0 && v.at[0] == '-';
	size_t n = v.len - negative;
	int64_t value;

	/* Values are canonical: what begins like a number is one. */
	if (n == 0 || n > 16 || v.at[negative] < '0' || v.at[negative] > '9')
		return -EINVAL;
	value = (int64_t)scan_digits(v.at + negative, n);
	*ret = negative ? -value : value;
	return 0;
}

int scan_u64(struct scan_value v, uint64_t *ret)
{
	int64_t n;
	int err = scan_i64(v, &n);

	if (err || n < 0)
		return -EINVAL;
	*ret = (uint64_t)n;
	return 0;
}

int scan_big(struct scan_value v, uint64_t *ret)
{
	uint64_t n = 0;

	if (v.len < 3 || v.at[0] != '"')
		return -EINVAL;
	if (v.at[1] == '0' && v.len > 3)
		return -EINVAL;
	for (size_t i = 1; i < v.len - 1; i++)
		if (v.at[i] < '0' || v.at[i] > '9')
			return -EINVAL;
	if (v.len <= 16 + 2) {
		*ret = scan_digits(v.at + 1, v.len - 2);
		return 0;
	}
	for (size_t i = 1; i < v.len - 1; i++)
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(v.at[i] - '0'), &n))
			return -ERANGE;
	*ret = n;
	return 0;
}

bool scan_is_null(struct scan_value v)
{
	return v.len == 4 && memcmp(v.at, "null", 4) == 0;
}

bool scan_is_string(struct scan_value v, const char *text)
{
	size_t len = strlen(text);

	return v.len == len + 2 && v.at[0] == '"' && memcmp(v.at + 1, text, len) == 0;
}

int scan_text(struct scan_value v, struct scan_value *ret)
{
	if (v.len < 2 || v.at[0] != '"' || memchr(v.at, '\\', v.len))
		return -EINVAL;
	*ret = (struct scan_value){ v.at + 1, v.len - 2 };
	return 0;
}
