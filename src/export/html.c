/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* html.c - see html.h. */
#include "export/html.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "export/html_style.h"
#include "export/number.h"
#include "export/text.h"
#include "jouletrail/units.h"

/* Nothing may be fetched, sent or run; a style is all that a page has. */
#define HTML_POLICY \
	"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

static void html_put_harmless(struct buf *out, const struct buf *text)
{
	for (size_t i = 0; !text->err && i < text->len; i++)
		text_put_markup(out, text->data[i]);
}

void html_put(struct buf *out, const char *s, size_t max)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	text_put_escaped(&text, s, max);
	html_put_harmless(out, &text);
}

void html_put_end(struct buf *out, const char *s, size_t max)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	text_put_escaped_end(&text, s, max);
	html_put_harmless(out, &text);
}

void html_begin(struct buf *out, const char *title)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"" HTML_POLICY "\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	html_put(out, title, 200);
	buf_puts(out, "</title>\n<style>\n");
	buf_puts(out, html_style);
	buf_puts(out, "</style>\n</head>\n<body>\n");
}

void html_end(struct buf *out)
{
	buf_puts(out, "</body>\n</html>\n");
}

void html_put_interval(struct buf *out, bool known, const struct quant_interval_u64 *v,
		       const char *unit)
{
	if (!known) {
		buf_puts(out, "not known");
		return;
	}
	buf_printf(out, "<data value=\"%" PRIu64 "\">", v->value);
	number_put_interval(out, v, unit);
	buf_puts(out, "</data>");
}

void html_put_figure(struct buf *out, uint64_t v, const char *unit)
{
	buf_printf(out, "<data value=\"%" PRIu64 "\">", v);
	number_put_plain(out, v, unit);
	buf_puts(out, "</data>");
}

static struct tm html_time(int64_t us)
{
	time_t t = (time_t)(us / (int64_t)JT_US_PER_S);
	struct tm tm = { .tm_mday = 1 };

	gmtime_r(&t, &tm);
	return tm;
}

void html_put_time(struct buf *out, int64_t us)
{
	struct tm tm = html_time(us);
	char text[40] = "";

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	buf_puts(out, text);
}

void html_put_short_time(struct buf *out, int64_t us)
{
	struct tm tm = html_time(us);
	char text[40] = "";

	strftime(text, sizeof(text), tm.tm_sec ? "%-d %b %H:%M:%S" : "%-d %b %H:%M", &tm);
	buf_puts(out, text);
}

void html_put_duration(struct buf *out, uint64_t ns)
{
	static const struct {
		uint64_t s;
		const char *name;
	} unit[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	uint64_t s = (ns + JT_NS_PER_S / 2) / JT_NS_PER_S;

	if (ns < 10 * JT_NS_PER_S && ns % JT_NS_PER_S) {
		text_put_time(out, ns);
		return;
	}
	if (!s)
		buf_puts(out, "0 s");
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		uint64_t n = s / unit[i].s, rest = s % unit[i].s;

		if (!n)
			continue;
		buf_printf(out, "%" PRIu64 " %s", n, unit[i].name);
		if (i + 1 < sizeof(unit) / sizeof(unit[0]) && rest / unit[i + 1].s)
			buf_printf(out, " %" PRIu64 " %s", rest / unit[i + 1].s, unit[i + 1].name);
		return;
	}
}
