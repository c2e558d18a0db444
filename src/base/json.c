/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json.c - see json.h. */
#include "base/json.h"

#include <assert.h>
#include <string.h>

void json_begin(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

/* Separates this value from the one before it. */
static void json_value(struct json_writer *w)
{
	if (w->after_key)
		w->after_key = false;
	else if (w->comma[w->depth])
		buf_putc(w->out, ',');
	w->comma[w->depth] = true;
}

static void json_open(struct json_writer *w, char c)
{
	json_value(w);
	buf_putc(w->out, c);
	assert(w->depth < JSON_MAX_DEPTH);
	w->depth++;
	w->comma[w->depth] = false;
}

static void json_close(struct json_writer *w, char c)
{
	assert(w->depth > 0 && !w->after_key);
	w->depth--;
	buf_putc(w->out, c);
}

void json_object_begin(struct json_writer *w)
{
	json_open(w, '{');
}

void json_object_end(struct json_writer *w)
{
	json_close(w, '}');
}

void json_array_begin(struct json_writer *w)
{
	json_open(w, '[');
}

void json_array_end(struct json_writer *w)
{
	json_close(w, ']');
}

/* RFC 8785 3.2.2.2: short escapes where JSON has them, \u00xx for other controls, else as it is. */
static void json_quote(struct buf *out, const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0;

	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
		const char *at;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_append(out, s + from, i - from);
		from = i + 1;
		at = c ? strchr("\bb\tt\nn\ff\rr\"\"\\\\", c) : NULL;
		if (at) {
			buf_putc(out, '\\');
			buf_putc(out, at[1]);
		} else {
			buf_append(out, escape, sizeof(escape));
		}
	}
	buf_append(out, s + from, len - from);
	buf_putc(out, '"');
}

void json_key(struct json_writer *w, const char *name)
{
	assert(!w->after_key);
	json_value(w);
	json_quote(w->out, name, strlen(name));
	buf_putc(w->out, ':');
	w->after_key = true;
}

void json_u64(struct json_writer *w, uint64_t v)
{
	json_value(w);
	buf_put_u64(w->out, v);
}

void json_i64(struct json_writer *w, int64_t v)
{
	json_value(w);
	if (v < 0)
		buf_putc(w->out, '-');
	buf_put_u64(w->out, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void json_big(struct json_writer *w, uint64_t v)
{
	json_value(w);
	buf_putc(w->out, '"');
	buf_put_u64(w->out, v);
	buf_putc(w->out, '"');
}

void json_bool(struct json_writer *w, bool v)
{
	json_value(w);
	buf_puts(w->out, v ? "true" : "false");
}

void json_put_null(struct json_writer *w)
{
	json_value(w);
	buf_puts(w->out, "null");
}

void json_raw(struct json_writer *w, const char *text, size_t len)
{
	json_value(w);
	buf_append(w->out, text, len);
}

void json_str(struct json_writer *w, const char *s)
{
	if (!s) {
		json_put_null(w);
		return;
	}
	json_text(w, s, strlen(s));
}

void json_text(struct json_writer *w, const char *s, size_t len)
{
	json_value(w);
	json_quote(w->out, s, len);
}

void json_kv_u64(struct json_writer *w, const char *name, uint64_t v)
{
	json_key(w, name);
	json_u64(w, v);
}

void json_kv_i64(struct json_writer *w, const char *name, int64_t v)
{
	json_key(w, name);
	json_i64(w, v);
}

void json_kv_big(struct json_writer *w, const char *name, uint64_t v)
{
	json_key(w, name);
	json_big(w, v);
}

void json_kv_bool(struct json_writer *w, const char *name, bool v)
{
	json_key(w, name);
	json_bool(w, v);
}

void json_kv_str(struct json_writer *w, const char *name, const char *s)
{
	json_key(w, name);
	json_str(w, s);
}

/* Length of the well-formed sequence at s, 0 if there is none (Unicode 15, table 3-7). */
static size_t json_utf8_sequence(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

bool json_utf8_valid(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = json_utf8_sequence((const unsigned char *)s + i, len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return true;
}
