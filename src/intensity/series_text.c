/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_text.c - the words of a series, and the CSV that series_load() reads back. */
#include <string.h>
#include <strings.h>

#include "intensity/series_file.h"
#include "intensity/stamp.h"

static const struct {
	const char *name;
	uint32_t flag;
} flag_names[] = {
	{ "estimated", SERIES_ESTIMATED },     { "forecast", SERIES_FORECAST },
	{ "filled", SERIES_FILLED },	       { "overlapped", SERIES_OVERLAPPED },
	{ "revised", SERIES_REVISED },	       { "assumed-end", SERIES_ASSUMED_END },
	{ "assumed-utc", SERIES_ASSUMED_UTC },
};

#define N_FLAGS (sizeof(flag_names) / sizeof(flag_names[0]))

uint32_t series_flag_of(const char *word, size_t len)
{
	for (size_t k = 0; k < N_FLAGS; k++)
		if (strlen(flag_names[k].name) == len &&
		    !strncasecmp(flag_names[k].name, word, len))
			return flag_names[k].flag;
	return 0;
}

void series_flags_write(uint32_t flags, struct buf *out)
{
	const char *plus = "";

	for (size_t k = 0; k < N_FLAGS; k++) {
		if (!(flags & flag_names[k].flag))
			continue;
		buf_printf(out, "%s%s", plus, flag_names[k].name);
		plus = "+";
	}
}

void series_write_csv(const struct series *s, struct buf *out)
{
	buf_printf(out, "# kind: %s\n", series_kind_name(s->kind));
	buf_printf(out, "# location: %s\n", s->location);
	if (s->boundary[0])
		buf_printf(out, "# boundary: %s\n", s->boundary);
	if (s->source[0])
		buf_printf(out, "# source: %s\n", s->source);
	if (s->trouble[0])
		buf_printf(out, "# trouble: %s\n", s->trouble);
	buf_puts(out, "start,end,mg_per_kwh,low_mg_per_kwh,high_mg_per_kwh,flags\n");
	for (size_t i = 0; i < s->n; i++) {
		const struct series_point *p = &s->point[i];
		char start[32], end[32];

		buf_printf(out, "%s,%s,%u,%u,%u,", stamp_write(p->start_s, start, sizeof(start)),
			   stamp_write(p->end_s, end, sizeof(end)), p->mg_per_kwh,
			   p->low_mg_per_kwh, p->high_mg_per_kwh);
		series_flags_write(p->flags, out);
		buf_putc(out, '\n');
	}
}
