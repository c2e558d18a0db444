/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.c - `jouletrail intensity list|show ZONE`: the embedded table, with its sources. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "export/export.h"
#include "intensity/intensity.h"

struct intensity_settings {
	enum export_format format;
};

static const struct option_row intensity_rows[] = {
	OPTION_FORMAT_ROW(struct intensity_settings, format, OPTION_HUMAN | OPTION_JSON),
};

static const struct options_spec intensity_spec = {
	.command = "intensity",
	.arguments = "list | show ZONE",
	.about = "Carbon per kilowatt-hour of the embedded table: every zone, or one with its "
		 "source.\nLow and high are the 95 % interval of the zone's mean.",
	.row = intensity_rows,
	.n_rows = ARRAY_LENGTH(intensity_rows),
	.min_arguments = 1,
	.max_arguments = 2,
};

static void intensity_json_row(struct json_writer *w, const struct intensity *i)
{
	json_object_begin(w);
	json_kv_str(w, "accounting", i->accounting);
	json_kv_str(w, "boundary", i->boundary);
	json_kv_u64(w, "high_mg_per_kwh", i->high_mg_per_kwh);
	json_kv_bool(w, "is_annual_mean", i->is_annual_mean);
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
	json_kv_str(&w, "schema", "jouletrail.intensity/1");
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
	buf_printf(out, "%-18s %7s %7s %7s  %4s  %s\n", "zone", "g/kWh", "low", "high", "year",
		   "name");
	for (size_t i = 0; i < intensity_n_zones(); i++) {
		struct intensity row;

		intensity_zone(i, &row);
		buf_printf(out, "%-18s %7.1f %7.1f %7.1f  %4d  %s\n", row.zone,
			   jt_mg_to_g(row.mg_per_kwh), jt_mg_to_g(row.low_mg_per_kwh),
			   jt_mg_to_g(row.high_mg_per_kwh), row.year,
			   row.zone_name ? row.zone_name : "");
	}
}

static void intensity_human_zone(struct buf *out, const struct intensity *i)
{
	buf_printf(out, "%s%s%s%s: %.1f g/kWh [%.1f, %.1f]\n", i->zone, i->zone_name ? " (" : "",
		   i->zone_name ? i->zone_name : "", i->zone_name ? ")" : "",
		   jt_mg_to_g(i->mg_per_kwh), jt_mg_to_g(i->low_mg_per_kwh),
		   jt_mg_to_g(i->high_mg_per_kwh));
	buf_printf(out, "  %s of %d%s, %s boundary, %s accounting\n", i->kind, i->year,
		   i->is_annual_mean ? " (annual mean)" : "", i->boundary, i->accounting);
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

static int intensity_show(const char *zone, enum export_format f)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct why why = { "" };
	struct json_writer w;
	struct intensity row;
	int err = intensity_lookup(zone, &row, &why);

	if (err) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	if (f == EXPORT_JSON) {
		json_begin(&w, &out);
		intensity_json_row(&w, &row);
		buf_putc(&out, '\n');
	} else {
		intensity_human_zone(&out, &row);
	}
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
	log_error("intensity: takes `list`, or `show ZONE`");
	return EXIT_USAGE;
}
