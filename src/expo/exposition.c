/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exposition.c - see exposition.h. */
#include "expo/exposition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Longest figure: 20 digits, a sign, a point. */
#define VALUE_LEN 24

bool exposition_is(struct exposition_text t, const char *s)
{
	return strlen(s) == t.len && memcmp(t.data, s, t.len) == 0;
}

static void skip(struct exposition_text *t, size_t n)
{
	t->data += n;
	t->len -= n;
}

static bool take_byte(struct exposition_text *t, char c)
{
	if (t->len == 0 || t->data[0] != c)
		return false;
	skip(t, 1);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name of letters and digits; with colons where it is a metric's. */
static bool take_name(struct exposition_text *t, bool colons, struct exposition_text *ret)
{
	size_t n = 0;

	while (n < t->len && (is_letter(t->data[n]) || (colons && t->data[n] == ':') ||
			      (n > 0 && is_digit(t->data[n]))))
		n++;
	*ret = (struct exposition_text){ t->data, n };
	skip(t, n);
	return n > 0;
}

/* "…" with the escapes \\, \" and \n; what stands between the quotes. */
static bool take_quoted(struct exposition_text *t, struct exposition_text *ret)
{
	size_t n = 0;

	if (!take_byte(t, '"'))
		return false;
	for (; n < t->len && t->data[n] != '"'; n++) {
		if (t->data[n] != '\\')
			continue;
		if (++n == t->len || !strchr("\\\"n", t->data[n]) || t->data[n] == '\0')
			return false;
	}
	*ret = (struct exposition_text){ t->data, n };
	skip(t, n);
	return take_byte(t, '"');
}

static bool take_label(struct exposition_text *t, struct exposition_text *ret_name,
		       struct exposition_text *ret_value)
{
	return take_name(t, false, ret_name) && take_byte(t, '=') && take_quoted(t, ret_value);
}

/* "{a="b",c="d"}", or nothing. */
static bool take_labels(struct exposition_text *t, struct exposition_text *ret)
{
	struct exposition_text name, value;
	size_t n_labels = 0;

	*ret = (struct exposition_text){ t->data, 0 };
	if (!take_byte(t, '{'))
		return true;
	ret->data = t->data;
	do {
		if (++n_labels > EXPOSITION_MAX_LABELS || !take_label(t, &name, &value))
			return false;
		ret->len = (size_t)(t->data - ret->data);
	} while (take_byte(t, ','));
	return take_byte(t, '}');
}

/* All that is left: "-1.25". */
static bool take_value(struct exposition_text t, double *ret)
{
	char text[VALUE_LEN + 1];
	size_t n = 0, n_digits = 0;
	bool point = false;

	if (t.len == 0 || t.len > VALUE_LEN)
		return false;
	memcpy(text, t.data, t.len);
	text[t.len] = '\0';
	for (n = text[0] == '-'; text[n]; n++) {
		if (text[n] == '.' && !point && n_digits > 0)
			point = true;
		else if (is_digit(text[n]))
			n_digits++;
		else
			return false;
	}
	if (n != t.len || n_digits == 0 || text[n - 1] == '.')
		return false;
	*ret = strtod(text, NULL);
	return true;
}

static bool read_line(struct exposition_text line, struct exposition_sample *ret)
{
	return take_name(&line, true, &ret->name) && take_labels(&line, &ret->labels) &&
	       take_byte(&line, ' ') && take_value(line, &ret->value);
}

int exposition_next(struct exposition *e, struct exposition_sample *ret)
{
	while (e->rest.len) {
		const char *end = memchr(e->rest.data, '\n', e->rest.len);
		struct exposition_text line = { e->rest.data, 0 };

		e->line++;
		if (!end)
			return -EINVAL;
		line.len = (size_t)(end - line.data);
		skip(&e->rest, line.len + 1);
		if (line.len && line.data[0] == '#')
			continue;
		return read_line(line, ret) ? 1 : -EINVAL;
	}
	return 0;
}

bool exposition_label(struct exposition_text *labels, struct exposition_text *ret_name,
		      struct exposition_text *ret_value)
{
	if (labels->len == 0 || !take_label(labels, ret_name, ret_value))
		return false;
	take_byte(labels, ',');
	return true;
}

bool exposition_label_value(struct exposition_text labels, const char *name, struct buf *out)
{
	struct exposition_text n, value;

	while (exposition_label(&labels, &n, &value)) {
		if (!exposition_is(n, name))
			continue;
		for (size_t i = 0; i < value.len; i++) {
			char c = value.data[i];

			if (c == '\\' && i + 1 < value.len)
				c = value.data[++i] == 'n' ? '\n' : value.data[i];
			buf_putc(out, c);
		}
		return true;
	}
	return false;
}
