/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* openmetrics.c - see openmetrics.h. */
#include "serve/openmetrics.h"

#include <string.h>
#include <strings.h>

#define MAX_WEIGHT 1000

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* Cuts blanks at both ends. */
static void trim(const char **s, size_t *len)
{
	while (*len && (**s == ' ' || **s == '\t'))
		(*s)++, (*len)--;
	while (*len && ((*s)[*len - 1] == ' ' || (*s)[*len - 1] == '\t'))
		(*len)--;
}

/* "0.75" in thousandths: RFC 9110, 12.4.2. -1 for what is none. */
static int weight_of(const char *s, size_t len)
{
	int weight, step = 100;

	if (len == 0 || len > 5 || (s[0] != '0' && s[0] != '1') || (len > 1 && s[1] != '.'))
		return -1;
	weight = (s[0] - '0') * MAX_WEIGHT;
	for (size_t i = 2; i < len; i++, step /= 10) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		weight += (s[i] - '0') * step;
	}
	return weight <= MAX_WEIGHT ? weight : -1;
}

/* Takes what stands before the separator off s. */
static void next_part(const char **s, size_t *len, char separator, const char **ret,
		      size_t *ret_len)
{
	const char *end = memchr(*s, separator, *len);

	*ret = *s;
	*ret_len = end ? (size_t)(end - *s) : *len;
	*len -= *ret_len + (end ? 1 : 0);
	*s += *ret_len + (end ? 1 : 0);
	trim(ret, ret_len);
}

/* The weight of one media range for us; its type in *ret. -1: not for us. */
static int range_weight(const char *s, size_t len, bool *ret_openmetrics)
{
	int weight = MAX_WEIGHT;
	const char *part;
	size_t n;

	next_part(&s, &len, ';', &part, &n);
	*ret_openmetrics = is_word(part, n, "application/openmetrics-text");
	if (!*ret_openmetrics && !is_word(part, n, "text/plain"))
		return -1;
	while (len) {
		next_part(&s, &len, ';', &part, &n);
		if (n >= 2 && strncasecmp(part, "q=", 2) == 0)
			weight = weight_of(part + 2, n - 2);
		else if (*ret_openmetrics && n >= 8 && strncasecmp(part, "version=", 8) == 0 &&
			 !is_word(part + 8, n - 8, "1.0.0") &&
			 !is_word(part + 8, n - 8, "\"1.0.0\""))
			return -1;
	}
	return weight;
}

bool openmetrics_is_wanted(const char *accept)
{
	int openmetrics = 0, text = 0;
	size_t len = accept ? strlen(accept) : 0;

	while (len) {
		const char *range;
		size_t n;
		bool is_openmetrics;
		int weight;

		next_part(&accept, &len, ',', &range, &n);
		weight = range_weight(range, n, &is_openmetrics);
		if (is_openmetrics && weight > openmetrics)
			openmetrics = weight;
		if (!is_openmetrics && weight > text)
			text = weight;
	}
	return openmetrics > 0 && openmetrics >= text;
}

/* "# HELP name_total …" -> "# HELP name …", likewise TYPE. Anything else as it is. */
static void put_header(struct buf *out, const char *line, size_t len)
{
	static const char suffix[] = "_total";
	/* Behind "# HELP " and "# TYPE ". */
	const char *name = len > 7 ? line + 7 : line + len;
	const char *end = memchr(name, ' ', (size_t)(line + len - name));
	const char *cut = end ? end - (sizeof(suffix) - 1) : NULL;

	if (!end || cut < name || memcmp(cut, suffix, sizeof(suffix) - 1) != 0) {
		buf_append(out, line, len);
		return;
	}
	buf_append(out, line, (size_t)(cut - line));
	buf_append(out, end, (size_t)(line + len - end));
}

void openmetrics_from_text(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;

	while (text < end) {
		const char *header =
			*text == '#' ? text : memmem(text, (size_t)(end - text), "\n#", 2);
		const char *eol;

		if (!header)
			break;
		if (header > text)
			header++;
		buf_append(out, text, (size_t)(header - text));
		eol = memchr(header, '\n', (size_t)(end - header));
		eol = eol ? eol + 1 : end;
		put_header(out, header, (size_t)(eol - header));
		text = eol;
	}
	buf_append(out, text, (size_t)(end - text));
	buf_puts(out, "# EOF\n");
}
