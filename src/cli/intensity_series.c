/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity_series.c - `jouletrail intensity check|pack`: files of intensity over time. */
#include "cli/intensity_series.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/options.h"
#include "cli/output.h"
#include "intensity/series_file.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

static void put_json(struct json_writer *w, const struct series *s)
{
	const struct series_counts *c = &s->count;

	json_object_begin(w);
	json_kv_str(w, "boundary", s->boundary);
	json_kv_i64(w, "end_s", s->n ? s->point[s->n - 1].end_s : 0);
	json_kv_i64(w, "holes_s", c->holes_s);
	json_kv_str(w, "kind", series_kind_name(s->kind));
	json_kv_str(w, "location", s->location);
	json_kv_u64(w, "n", s->n);
	json_kv_u64(w, "n_added", c->n_added);
	json_kv_u64(w, "n_assumed_ends", c->n_assumed_ends);
	json_kv_u64(w, "n_assumed_utc", c->n_assumed_utc);
	json_kv_u64(w, "n_duplicates", c->n_duplicates);
	json_kv_u64(w, "n_holes", c->n_holes);
	json_kv_u64(w, "n_missing", c->n_missing);
	json_kv_u64(w, "n_overlaps", c->n_overlaps);
	json_kv_u64(w, "n_revised", c->n_revised);
	json_kv_u64(w, "n_unsorted", c->n_unsorted);
	json_kv_str(w, "source", s->source);
	json_kv_i64(w, "start_s", s->n ? s->point[0].start_s : 0);
	json_kv_str(w, "trouble", s->trouble);
	json_object_end(w);
}

static void put_count(struct buf *out, uint64_t n, const char *what)
{
	if (n)
		buf_printf(out, "  %" PRIu64 " %s\n", n, what);
}

static void put_human(struct buf *out, const struct series *s)
{
	const struct series_counts *c = &s->count;
	char start[32], end[32];

	buf_printf(out, "%s, %s%s%s: %zu intervals", s->location[0] ? s->location : "(no name)",
		   series_kind_name(s->kind), s->boundary[0] ? ", " : "", s->boundary, s->n);
	if (s->n)
		buf_printf(out, ", %s to %s",
			   stamp_write(s->point[0].start_s, start, sizeof(start)),
			   stamp_write(s->point[s->n - 1].end_s, end, sizeof(end)));
	buf_putc(out, '\n');
	if (s->trouble[0])
		buf_printf(out, "  trouble: %s\n", s->trouble);
	put_count(out, c->n_missing, "values are missing (null, empty or negative)");
	put_count(out, c->n_unsorted, "came out of order: sorted");
	put_count(out, c->n_duplicates, "came twice");
	put_count(out, c->n_revised, "were revised: the last to come holds");
	put_count(out, c->n_overlaps, "overlapped an earlier one: cut");
	put_count(out, c->n_assumed_ends, "had no end: the next start, at most the usual length");
	put_count(out, c->n_assumed_utc, "had no offset: taken for UTC");
	if (c->n_holes)
		buf_printf(out, "  %" PRIu64 " holes, %.1f h together\n", c->n_holes,
			   (double)c->holes_s / 3600);
}

int intensity_check_file(const char *path, enum export_format f)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	CLEANUP(buf_free) struct buf out = { 0 };
	struct why why = { "" };
	struct json_writer w;

	if (series_load(path, &set, &why)) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	if (f == EXPORT_JSON) {
		json_begin(&w, &out);
		json_object_begin(&w);
		json_kv_str(&w, "schema", "jouletrail.series/1");
		json_key(&w, "series");
		json_array_begin(&w);
		for (size_t i = 0; i < set.n; i++)
			put_json(&w, &set.series[i]);
		json_array_end(&w);
		json_object_end(&w);
		buf_putc(&out, '\n');
	} else {
		for (size_t i = 0; i < set.n; i++)
			put_human(&out, &set.series[i]);
	}
	return output_finish(&out, EXIT_DONE);
}

int intensity_pack_file(const char *path, const char *out)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	struct why why = { "" };

	if (series_load(path, &set, &why) || series_pack(&set, out, &why)) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
