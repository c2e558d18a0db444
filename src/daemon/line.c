/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* line.c - see line.h. */
#include "daemon/line.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "ledger/base64.h"
#include "ledger/scan.h"

/* The longest text of a field, in bytes: a cgroup path. */
#define MAX_TEXT 8192

static void put_u64s(struct json_writer *w, const uint64_t *v, size_t size)
{
	size_t n = size;

	while (n > 0 && !v[n - 1])
		n--;
	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		json_big(w, v[i]);
	json_array_end(w);
}

static void put_field(struct json_writer *w, const struct line_field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;
	const char *string;
	char text[40];

	json_key(w, f->name);
	switch (f->type) {
	case LINE_U64:
		json_big(w, *(const uint64_t *)at);
		break;
	case LINE_I64:
		snprintf(text, sizeof(text), "%" PRId64, *(const int64_t *)at);
		json_str(w, text);
		break;
	case LINE_U32:
		json_u64(w, *(const uint32_t *)at);
		break;
	case LINE_INT:
		json_i64(w, *(const int *)at);
		break;
	case LINE_BOOL:
		json_bool(w, *(const bool *)at);
		break;
	case LINE_DOUBLE:
		snprintf(text, sizeof(text), "%a", *(const double *)at);
		json_str(w, text);
		break;
	case LINE_TEXT:
		json_bytes(w, at, strnlen(at, f->size));
		break;
	case LINE_STRING:
		string = *(const char *const *)at;
		json_bytes(w, string, string ? strlen(string) : 0);
		break;
	case LINE_WORD:
		json_str(w, f->words[*(const int *)at]);
		break;
	case LINE_U64S:
		put_u64s(w, at, f->size);
		break;
	}
}

void line_put(struct buf *out, const struct line_kind *k, const void *from)
{
	bool kind_done = false;
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	for (size_t i = 0; i < k->n_fields; i++) {
		if (!kind_done && strcmp(k->field[i].name, "k") > 0) {
			json_kv_str(&w, "k", k->kind);
			kind_done = true;
		}
		put_field(&w, &k->field[i], from);
	}
	if (!kind_done)
		json_kv_str(&w, "k", k->kind);
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* The escapes of a canonical string, undone; -ERANGE beyond size bytes. */
static int unescape(struct scan_value v, char *ret, size_t size, size_t *ret_len)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	size_t len = 0;

	for (size_t i = 1; i + 1 < v.len; i++) {
		char c = v.at[i];

		if (c == '\\') {
			c = v.at[++i];
			if (c == 'u') {
				const char hex[] = { v.at[i + 3], v.at[i + 4], '\0' };

				c = (char)strtol(hex, NULL, 16);
				i += 4;
			} else {
				c = to[strchr(from, c) - from];
			}
		}
		if (len == size)
			return -ERANGE;
		ret[len++] = c;
	}
	*ret_len = len;
	return 0;
}

/* A string, or {"b64":"…"} where it is no UTF-8. */
static int get_bytes(struct scan_value v, char *ret, size_t size, size_t *ret_len)
{
	struct scan_value b64;

	if (v.len >= 2 && v.at[0] == '"')
		return unescape(v, ret, size, ret_len);
	if (scan_member(v, "b64", &b64) || scan_text(b64, &b64))
		return -EINVAL;
	return base64_decode(b64.at, b64.len, (uint8_t *)ret, size, ret_len);
}

static int get_text(struct scan_value v, char *to, size_t size)
{
	char text[MAX_TEXT];
	size_t len;
	int err = get_bytes(v, text, sizeof(text), &len);

	if (err || len > size || memchr(text, 0, len))
		return -EINVAL;
	memset(to, 0, size);
	memcpy(to, text, len);
	return 0;
}

static const char *find_string(const struct line_strings *s, const char *text)
{
	size_t from = s->n > LINE_LOOK_BACK ? s->n - LINE_LOOK_BACK : 0;

	for (size_t i = from; i < s->n; i++)
		if (!strcmp(s->string[i], text))
			return s->string[i];
	return NULL;
}

static int add_string(struct line_strings *s, const char *text, const char **ret)
{
	if (s->n == LINE_MAX_STRINGS)
		return -E2BIG;
	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 64;
		char **bigger = realloc(s->string, capacity * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->string = bigger;
		s->capacity = capacity;
	}
	s->string[s->n] = strdup(text);
	if (!s->string[s->n])
		return -ENOMEM;
	*ret = s->string[s->n++];
	return 0;
}

static int get_string(struct scan_value v, const char **to, struct line_strings *strings)
{
	char text[MAX_TEXT + 1];
	size_t len;

	if (scan_is_null(v)) {
		*to = NULL;
		return 0;
	}
	if (get_bytes(v, text, MAX_TEXT, &len) || memchr(text, 0, len))
		return -EINVAL;
	text[len] = '\0';
	*to = find_string(strings, text);
	return *to ? 0 : add_string(strings, text, to);
}

/* A string that holds a number in the form that put_field() prints; text is NUL-terminated. */
static int get_printed(struct scan_value v, char *ret, size_t size)
{
	if (scan_text(v, &v) || v.len == 0 || v.len >= size)
		return -EINVAL;
	memcpy(ret, v.at, v.len);
	ret[v.len] = '\0';
	return 0;
}

static int get_i64(struct scan_value v, int64_t *to)
{
	char text[24], *end;
	long long n;

	if (get_printed(v, text, sizeof(text)))
		return -EINVAL;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end)
		return -EINVAL;
	*to = n;
	return 0;
}

static int get_double(struct scan_value v, double *to)
{
	char text[40], *end;

	if (get_printed(v, text, sizeof(text)))
		return -EINVAL;
	*to = strtod(text, &end);
	return *end || !isfinite(*to) ? -EINVAL : 0;
}

static int get_u64s(struct scan_value v, uint64_t *to, size_t size)
{
	struct scan_value element;
	size_t pos = 0, n = 0;

	memset(to, 0, size * sizeof(*to));
	while (scan_element(v, &pos, &element))
		if (n == size || scan_big(element, &to[n++]))
			return -EINVAL;
	return 0;
}

static int get_word(struct scan_value v, const struct line_field *f, int *to)
{
	for (size_t i = 0; i < f->size; i++)
		if (scan_is_string(v, f->words[i])) {
			*to = (int)i;
			return 0;
		}
	return -EINVAL;
}

static int get_number(struct scan_value v, int64_t low, int64_t high, int64_t *ret)
{
	return scan_i64(v, ret) || *ret < low || *ret > high ? -EINVAL : 0;
}

static int get_field(struct scan_value v, const struct line_field *f, void *to,
		     struct line_strings *strings)
{
	void *at = (char *)to + f->offset;
	int64_t n;
	int err;

	switch (f->type) {
	case LINE_U64:
		return scan_big(v, at);
	case LINE_I64:
		return get_i64(v, at);
	case LINE_U32:
		err = get_number(v, 0, UINT32_MAX, &n);
		if (!err)
			*(uint32_t *)at = (uint32_t)n;
		return err;
	case LINE_INT:
		err = get_number(v, INT_MIN, INT_MAX, &n);
		if (!err)
			*(int *)at = (int)n;
		return err;
	case LINE_BOOL:
		*(bool *)at = v.len == 4 && !memcmp(v.at, "true", 4);
		return 0; /* what is neither true nor false is written otherwise */
	case LINE_DOUBLE:
		return get_double(v, at);
	case LINE_TEXT:
		return get_text(v, at, f->size);
	case LINE_STRING:
		return get_string(v, at, strings);
	case LINE_WORD:
		return get_word(v, f, at);
	case LINE_U64S:
		return get_u64s(v, at, f->size);
	}
	return -EINVAL;
}

int line_is(const char *line, size_t len, const struct line_kind *k)
{
	struct scan_value kind;

	return !scan_member((struct scan_value){ line, len }, "k", &kind) &&
	       scan_is_string(kind, k->kind);
}

int line_get(const char *line, size_t len, const struct line_kind *k, void *to,
	     struct line_strings *strings, struct why *why)
{
	CLEANUP(buf_free) struct buf again = { 0 };
	const char *what;
	size_t at;

	if (scan_line(line, len, &what, &at))
		return why_set(why, -EBADMSG, "%s at byte %zu", what, at);
	if (!line_is(line, len, k))
		return why_set(why, -EBADMSG, "a line of kind \"%s\" expected", k->kind);
	for (size_t i = 0; i < k->n_fields; i++) {
		const struct line_field *f = &k->field[i];
		struct scan_value v;
		int err = scan_member((struct scan_value){ line, len }, f->name, &v);

		if (!err)
			err = get_field(v, f, to, strings);
		if (err == -E2BIG || err == -ENOMEM)
			return why_set(why, err, "\"%s\": %s", f->name,
				       err == -E2BIG ? "too many different texts" : "no memory");
		if (err)
			return why_set(why, -EBADMSG, "\"%s\" of \"%s\" is missing or wrong",
				       f->name, k->kind);
	}
	line_put(&again, k, to);
	if (again.err)
		return again.err;
	if (again.len != len + 1 || memcmp(again.data, line, len) != 0)
		return why_set(why, -EBADMSG, "\"%s\" has a member too many, or in another form",
			       k->kind);
	return 0;
}

void line_strings_free(struct line_strings *s)
{
	while (s->n)
		free(s->string[--s->n]);
	free(s->string);
	*s = (struct line_strings){ 0 };
}
