/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate_table.c - a table of energies in, the same table with carbon out, as CSV. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/estimate.h"
#include "cli/options.h"
#include "cli/output.h"

#define MAX_LINE    4096
#define MAX_COLUMNS 64
#define VALUE_LEN   80

/* Columns that a row may have; each is an option of the same meaning, or gives a unit. */
static const struct column {
	const char *name;
	size_t offset;
	const char *unit; /* appended to the value */
} columns[] = {
	{ "energy", offsetof(struct estimate_settings, energy), "" },
	{ "energy_j", offsetof(struct estimate_settings, energy), "J" },
	{ "energy_wh", offsetof(struct estimate_settings, energy), "Wh" },
	{ "energy_kwh", offsetof(struct estimate_settings, energy), "kWh" },
	{ "power", offsetof(struct estimate_settings, power), "" },
	{ "power_w", offsetof(struct estimate_settings, power), "W" },
	{ "from", offsetof(struct estimate_settings, from), "" },
	{ "to", offsetof(struct estimate_settings, to), "" },
	{ "zone", offsetof(struct estimate_settings, zone), "" },
	{ "pue", offsetof(struct estimate_settings, site.pue), "" },
};

struct table {
	size_t n_columns;
	const struct column *column[MAX_COLUMNS]; /* NULL = not ours: passed through */
	char value[MAX_COLUMNS][VALUE_LEN];
	char zone[VALUE_LEN]; /* of source */
	struct intensity_source *source;
};

/* Cuts the line at its commas. Returns how many; 0: too many. */
static size_t split(char *line, char **ret)
{
	size_t n = 0;

	for (;;) {
		if (n == MAX_COLUMNS)
			return 0;
		ret[n++] = line;
		line = strchr(line, ',');
		if (!line)
			return n;
		*line++ = '\0';
	}
}

static int read_header(struct table *t, char *line, struct why *why)
{
	char *field[MAX_COLUMNS];
	bool has_energy = false;

	t->n_columns = split(line, field);
	for (size_t i = 0; i < t->n_columns; i++) {
		for (size_t k = 0; k < ARRAY_LENGTH(columns); k++) {
			if (strcmp(field[i], columns[k].name) != 0)
				continue;
			t->column[i] = &columns[k];
			has_energy |= k < 6;
		}
	}
	return has_energy ? 0
			  : why_set(why, -EINVAL,
				    "no column energy, energy_j, energy_wh, energy_kwh, power or "
				    "power_w in its first line");
}

/* The source of the row's zone: mostly that of the row before. */
static int open_zone(struct table *t, const struct estimate_settings *s, struct why *why)
{
	const char *zone = s->zone ? s->zone : "";

	if (t->source && !strcmp(t->zone, zone))
		return 0;
	intensity_source_free(t->source);
	t->source = NULL;
	snprintf(t->zone, sizeof(t->zone), "%s", zone);
	return grid_open(&s->grid, s->zone, &t->source, why);
}

/* The options, with the row's own values over them. */
static int read_row(struct table *t, char *line, const struct estimate_settings *options,
		    struct estimate_figure *ret, struct why *why)
{
	struct estimate_settings s = *options;
	char *field[MAX_COLUMNS];
	size_t n = split(line, field);
	int err;

	if (n != t->n_columns)
		return why_set(why, -EINVAL, "%zu columns, not %zu", n, t->n_columns);
	for (size_t i = 0; i < n; i++) {
		const struct column *c = t->column[i];

		if (!c || !field[i][0])
			continue;
		if (snprintf(t->value[i], VALUE_LEN, "%s%s", field[i], c->unit) >= VALUE_LEN)
			return why_set(why, -EINVAL, "'%.20s…' is too long", field[i]);
		*(const char **)((char *)&s + c->offset) = t->value[i];
	}
	err = open_zone(t, &s, why);
	return err ? err : estimate_figure_of(&s, t->source, ret, why);
}

static void put_row(const char *line, const struct estimate_figure *f, struct buf *out)
{
	const struct quant_interval_u64 *c = &f->site.figures.total_ug;

	buf_printf(out, "%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s\n", line,
		   f->in.intensity.zone, f->in.intensity.mg_per_kwh, c->value, c->low, c->high,
		   f->in.intensity.is_default ? "no-zone"
		   : f->in.intensity.flags    ? f->in.intensity.flags
					      : "");
}

static int run_table(FILE *in, const struct estimate_settings *s, struct table *t, struct buf *out,
		     struct why *why)
{
	char line[MAX_LINE], copy[MAX_LINE];
	struct why what = { "" };
	struct estimate_figure f;

	for (uint64_t n = 1; fgets(line, sizeof(line), in); n++) {
		int err = 0;

		line[strcspn(line, "\r\n")] = '\0';
		snprintf(copy, sizeof(copy), "%s", line);
		if (strlen(line) >= sizeof(line) - 2)
			err = why_set(&what, -E2BIG, "longer than %d bytes", MAX_LINE - 2);
		else if (n == 1)
			err = read_header(t, copy, &what);
		else if (line[0])
			err = read_row(t, copy, s, &f, &what);
		if (err)
			return why_set(why, err, "line %" PRIu64 ": %s", n, what.text);
		if (n == 1)
			buf_printf(
				out,
				"%s,grid_zone,mg_per_kwh,co2e_ug,co2e_low_ug,co2e_high_ug,flags\n",
				line);
		else if (line[0])
			put_row(line, &f, out);
	}
	return ferror(in) ? why_set(why, -EIO, "cannot be read") : 0;
}

int estimate_table(const struct estimate_settings *s)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	CLEANUP(fclose_ptr) FILE *file = NULL;
	struct table t = { .source = NULL };
	struct why why = { "" };
	int err;

	if (strcmp(s->csv, "-") != 0) {
		file = fopen(s->csv, "re");
		if (!file) {
			log_error("estimate: %s: %s", s->csv, strerror(errno));
			return EXIT_FAILED;
		}
	}
	err = run_table(file ? file : stdin, s, &t, &out, &why);
	intensity_source_free(t.source);
	if (err) {
		log_error("estimate: %s: %s", s->csv, why.text);
		return EXIT_FAILED;
	}
	return output_finish(&out, EXIT_DONE);
}
