/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.c - `jouletrail intensity list|show|at|check|pack`: what is known of grids. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/intensity_series.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/export.h"
#include "intensity/intensity.h"
#include "intensity/source.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

struct intensity_settings {
	enum export_format format;
	const char *zone;
	struct grid_options grid;
};

static const struct option_row intensity_rows[] = {
	OPTION_FORMAT_ROW(struct intensity_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "zone",
	  .letter = 'z',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct intensity_settings, zone),
	  .arg = "ZONE",
	  .help = "at: FR, US-CA, aws:eu-west-3 (else WORLD)" },
	GRID_ROWS(struct intensity_settings, grid),
};

static const struct options_spec intensity_spec = {
	.command = "intensity",
	.arguments = "list | show ZONE | at [TIME [TIME]] | check FILE | pack FILE OUT",
	.about =
		"Carbon per kilowatt-hour: every zone of the embedded table, one with its source, "
		"or\n"
		"what holds at a time (or between two) by --zone and --intensity. check and pack:\n"
		"what a file of intensities over time has, and the same file for quick loading.",
	.row = intensity_rows,
	.n_rows = ARRAY_LENGTH(intensity_rows),
	.configured = true,
	.min_arguments = 1,
	.max_arguments = 3,
};

static void intensity_json_row(struct json_writer *w, const struct intensity *i)
{
	json_object_begin(w);
	json_kv_str(w, "accounting", i->accounting);
	json_kv_str(w, "boundary", i->boundary);
	json_kv_str(w, "flags", i->flags ? i->flags : "");
	json_kv_u64(w, "high_mg_per_kwh", i->high_mg_per_kwh);
	json_kv_bool(w, "is_annual_mean", i->is_annual_mean);
	json_kv_bool(w, "is_default", i->is_default);
	json_kv_str(w, "kind", i->kind);
	json_kv_str(w, "licence", i->licence);
	json_kv_u64(w, "low_mg_per_kwh", i->low_mg_per_kwh);
	json_kv_u64(w, "mg_per_kwh", i->mg_per_kwh);
	json_kv_str(w, "source", i->source);
	json_kv_i64(w, "year", i->year);
	json_kv_str(w, "zone", i->zone);
	json_kv_str(w, "zone_name", i->zone_name);
	json_object_end(w);
}

static void intensity_json_list(struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_str(&w, "schema", "jouletrail.intensity/2");
	json_kv_str(&w, "table_sha256", intensity_table_sha256);
	json_key(&w, "zones");
	json_array_begin(&w);
	for (size_t i = 0; i < intensity_n_zones(); i++) {
		struct intensity row;

		intensity_zone(i, &row);
		intensity_json_row(&w, &row);
	}
	json_array_end(&w);
	json_object_end(&w);
	buf_putc(out, '\n');
}

static void intensity_human_list(struct buf *out)
{
	buf_printf(out, "%-18s %7s %7s %7s  %4s  %-8s  %s\n", "zone", "g/kWh", "low", "high",
		   "year", "kind", "name");
	for (size_t i = 0; i < intensity_n_zones(); i++) {
		struct intensity row;

		intensity_zone(i, &row);
		buf_printf(out, "%-18s %7.1f %7.1f %7.1f  %4d  %-8s  %s\n", row.zone,
			   jt_mg_to_g(row.mg_per_kwh), jt_mg_to_g(row.low_mg_per_kwh),
			   jt_mg_to_g(row.high_mg_per_kwh), row.year, row.kind,
			   row.zone_name ? row.zone_name : "");
	}
}

static void intensity_human_zone(struct buf *out, const struct intensity *i)
{
	bool is_range = !strcmp(i->kind, "marginal") && i->accounting[0] == 'o';

	buf_printf(out, "%s%s%s%s: %.1f g/kWh [%.1f, %.1f]%s\n", i->zone, i->zone_name ? " (" : "",
		   i->zone_name ? i->zone_name : "", i->zone_name ? ")" : "",
		   jt_mg_to_g(i->mg_per_kwh), jt_mg_to_g(i->low_mg_per_kwh),
		   jt_mg_to_g(i->high_mg_per_kwh),
		   is_range ? ", a range over models, not a coverage interval" : "");
	buf_printf(out, "  %s of %d%s, %s boundary, %s accounting\n", i->kind, i->year,
		   i->is_annual_mean ? " (annual mean)" : "", i->boundary, i->accounting);
	if (i->flags && i->flags[0])
		buf_printf(out, "  %s\n", i->flags);
	buf_printf(out, "  source: %s; licence: %s\n", i->source, i->licence);
}

static int intensity_list(enum export_format f)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	if (f == EXPORT_JSON)
		intensity_json_list(&out);
	else
		intensity_human_list(&out);
	return output_finish(&out, EXIT_DONE);
}

/* Average and marginal side by side: two signals, never one. */
static int intensity_show(const char *zone, enum export_format f)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct why why = { "" }, why_marginal = { "" };
	struct intensity average, marginal;
	int err = intensity_lookup(zone, &average, &why);
	int err_marginal = intensity_lookup_marginal(zone, &marginal, &why_marginal);
	struct json_writer w;

	if (err && err_marginal) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	if (f == EXPORT_JSON) {
		json_begin(&w, &out);
		json_object_begin(&w);
		json_key(&w, "average");
		if (err)
			json_put_null(&w);
		else
			intensity_json_row(&w, &average);
		json_key(&w, "marginal");
		if (err_marginal)
			json_put_null(&w);
		else
			intensity_json_row(&w, &marginal);
		json_object_end(&w);
		buf_putc(&out, '\n');
	} else {
		if (!err)
			intensity_human_zone(&out, &average);
		if (!err_marginal)
			intensity_human_zone(&out, &marginal);
		else
			buf_printf(&out, "%s\n", why_marginal.text);
	}
	return output_finish(&out, EXIT_DONE);
}

static bool intensity_read_time(const char *text, int64_t *ret_us)
{
	bool assumed_utc;
	int64_t t_s;

	if (stamp_read_time(text, strlen(text), &t_s, &assumed_utc)) {
		log_error("intensity: '%s' is no time like 2026-01-01T12:30:00Z", text);
		return false;
	}
	if (assumed_utc)
		log_info("%s: taken for UTC", text);
	*ret_us = t_s * (int64_t)JT_US_PER_S;
	return true;
}

static int intensity_at(const struct intensity_settings *s, const struct options_arguments *args)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	int64_t from_us = clock_real_us(), to_us;
	struct intensity_source *source;
	struct why why = { "" };
	struct json_writer w;
	struct intensity i;

	if (args->n > 1 && !intensity_read_time(args->v[1], &from_us))
		return EXIT_USAGE;
	to_us = from_us;
	if (args->n > 2 && (!intensity_read_time(args->v[2], &to_us) || to_us <= from_us)) {
		log_error("intensity at: the second time is not after the first");
		return EXIT_USAGE;
	}
	if (grid_open(&s->grid, s->zone, &source, &why)) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	intensity_source_at(source, from_us, to_us, &i);
	if (intensity_source_trouble(source)[0])
		log_warning("%s", intensity_source_trouble(source));
	if (i.is_default)
		log_warning("NO ZONE WAS GIVEN: this is the world's average grid");
	if (s->format == EXPORT_JSON) {
		json_begin(&w, &out);
		intensity_json_row(&w, &i);
		buf_putc(&out, '\n');
	} else {
		intensity_human_zone(&out, &i);
	}
	intensity_source_free(source);
	return output_finish(&out, EXIT_DONE);
}

int intensity_main(int argc, char **argv)
{
	struct intensity_settings s = { 0 };
	struct options_arguments args;
	int code;

	(void)argc;
	if (!options_begin(&intensity_spec, argv, &s, &args, &code))
		return code;
	if (!strcmp(args.v[0], "list") && args.n == 1)
		return intensity_list(s.format);
	if (!strcmp(args.v[0], "show") && args.n == 2)
		return intensity_show(args.v[1], s.format);
	if (!strcmp(args.v[0], "at"))
		return intensity_at(&s, &args);
	if (!strcmp(args.v[0], "check") && args.n == 2)
		return intensity_check_file(args.v[1], s.format);
	if (!strcmp(args.v[0], "pack") && args.n == 3)
		return intensity_pack_file(args.v[1], args.v[2]);
	log_error("intensity: takes list, show ZONE, at [TIME [TIME]], check FILE or pack FILE "
		  "OUT");
	return EXIT_USAGE;
}
