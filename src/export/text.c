/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text.c - see text.h. */
#include "export/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "jouletrail/units.h"

/* Bytes of the well-formed sequence at s; 0 = not well-formed. */
static size_t text_sequence(const char *s)
{
	size_t n = 1;

	if ((unsigned char)*s < 0x80)
		return 1;
	while (n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	for (size_t len = 2; len <= n; len++)
		if (json_utf8_valid(s, len))
			return len;
	return 0;
}

static uint32_t text_code_point(const char *s, size_t len)
{
	uint32_t c = (unsigned char)s[0];

	if (len == 1)
		return c;
	c &= 0x7fU >> len;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

static bool text_is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static void text_put_hex(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

	buf_append(out, escape, sizeof(escape));
}

void text_put_escaped(struct buf *out, const char *s, size_t max)
{
	size_t columns = 0;
	size_t fits = out->len; /* end of what leaves room for the "…" */

	while (*s) {
		size_t n = text_sequence(s), bytes = n ? n : 1;
		bool escape = n == 0 || text_is_harmful(text_code_point(s, n));
		size_t width = escape ? 4 * bytes : 1;

		if (max && columns + width > max) {
			if (out->err)
				return;
			out->len = fits;
			buf_puts(out, "…");
			return;
		}
		for (size_t i = 0; escape && i < bytes; i++)
			text_put_hex(out, (unsigned char)s[i]);
		if (!escape)
			buf_append(out, s, bytes);
		columns += width;
		if (columns < max)
			fits = out->len;
		s += bytes;
	}
}

void text_put_markup(struct buf *out, char c)
{
	switch (c) {
	case '<':
		buf_puts(out, "&lt;");
		break;
	case '>':
		buf_puts(out, "&gt;");
		break;
	case '&':
		buf_puts(out, "&amp;");
		break;
	case '"':
		buf_puts(out, "&quot;");
		break;
	case '\'':
		buf_puts(out, "&#39;");
		break;
	default:
		buf_putc(out, c);
	}
}

static size_t text_width(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

size_t text_columns(const struct buf *out, size_t from)
{
	return out->len > from ? text_width(out->data + from, out->len - from) : 0;
}

void text_put_escaped_end(struct buf *out, const char *s, size_t max)
{
	CLEANUP(buf_free) struct buf whole = { 0 };
	size_t from = 0, columns;

	text_put_escaped(&whole, s, 0);
	if (whole.err || !whole.len)
		return;
	columns = text_columns(&whole, 0);
	if (columns > max) {
		for (; columns > max - 1; columns--)
			do
				from++;
			while (((unsigned char)whole.data[from] & 0xc0) == 0x80);
		buf_puts(out, "…");
	}
	buf_append(out, whole.data + from, whole.len - from);
}

void text_pad(struct buf *out, size_t from, size_t columns)
{
	for (size_t n = text_columns(out, from); n < columns; n++)
		buf_putc(out, ' ');
}

void text_put_right(struct buf *out, const char *s, size_t columns)
{
	for (size_t n = text_width(s, strlen(s)); n < columns; n++)
		buf_putc(out, ' ');
	buf_puts(out, s);
}

void text_put_hanging(struct buf *out, const char *s, size_t indent)
{
	size_t columns = 0;

	for (s += strspn(s, " \n"); *s; s += strspn(s, " \n")) {
		size_t len = strcspn(s, " \n"), width = text_width(s, len);

		if (columns && columns + 1 + width > TEXT_COLUMNS) {
			buf_putc(out, '\n');
			text_pad(out, out->len, indent);
			columns = indent;
		} else if (columns) {
			buf_putc(out, ' ');
			columns++;
		} else {
			columns = indent;
		}
		buf_append(out, s, len);
		columns += width;
		s += len;
	}
	buf_putc(out, '\n');
}

void text_put_folded(struct buf *out, const char *s)
{
	if (*s)
		buf_putc(out, ' ');
	text_put_hanging(out, s, 1);
}

void text_put_time(struct buf *out, uint64_t ns)
{
	uint64_t ms = (ns + JT_NS_PER_MS / 2) / JT_NS_PER_MS;
	uint64_t tens_us = (ns + 5 * JT_NS_PER_US) / (10 * JT_NS_PER_US);

	if (ms >= 1000)
		buf_printf(out, "%" PRIu64 ".%03" PRIu64 " s", ms / 1000, ms % 1000);
	else if (tens_us >= 100)
		buf_printf(out, "%" PRIu64 ".%02" PRIu64 " ms", tens_us / 100, tens_us % 100);
	else
		buf_printf(out, "%" PRIu64 ".%" PRIu64 " µs", ns / JT_NS_PER_US,
			   ns % JT_NS_PER_US / 100);
}
