/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_value.c - what an option's field holds: compared, and written as it could be given. */
#include <inttypes.h>
#include <string.h>

#include "cli/options.h"

static const void *field(const struct option_row *row, const void *from)
{
	return (const char *)from + row->offset;
}

bool options_is_same(const struct option_row *row, const void *a, const void *b)
{
	const char *s, *t;

	switch (row->type) {
	case OPTION_STRING:
		s = *(const char *const *)field(row, a);
		t = *(const char *const *)field(row, b);
		return s == t || (s && t && !strcmp(s, t));
	case OPTION_DURATION:
	case OPTION_U64:
		return *(const uint64_t *)field(row, a) == *(const uint64_t *)field(row, b);
	case OPTION_FORMAT:
		return *(const int *)field(row, a) == *(const int *)field(row, b);
	case OPTION_FLAG:
		return *(const bool *)field(row, a) == *(const bool *)field(row, b);
	}
	return true;
}

bool options_put(const struct option_row *row, const void *from, struct buf *out)
{
	const char *string;
	uint64_t number;
	char text[32];

	switch (row->type) {
	case OPTION_STRING:
		string = *(const char *const *)field(row, from);
		if (string)
			buf_puts(out, string);
		return string != NULL;
	case OPTION_DURATION:
	case OPTION_U64:
		number = *(const uint64_t *)field(row, from);
		/* What has a least value and has 0 was not given. */
		if (number == 0)
			return false;
		if (row->type == OPTION_U64)
			buf_printf(out, "%" PRIu64, number);
		else
			buf_puts(out, options_duration_text(number, text, sizeof(text)));
		return true;
	case OPTION_FLAG:
		buf_puts(out, *(const bool *)field(row, from) ? "yes" : "no");
		return true;
	case OPTION_FORMAT:
		break;
	}
	return false;
}
