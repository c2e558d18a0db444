/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whatif.c - `jouletrail whatif DIR`: a ledger's energy at another time or in another zone. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/moment.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report_by.h"
#include "cli/report_write.h"
#include "cli/whatif.h"
#include "intensity/intensity.h"
#include "jouletrail/units.h"

struct whatif_settings {
	enum export_format format;
	const char *shift;
	const char *zone;
	uint64_t within_ns;
	bool unplanned;
	const char *series;
	const char *kind;
	const char *by;
	const char *key;
	const char *key_dir;
};

#define TEXT_ROW(field_, arg_, help_) \
	.offset = offsetof(struct whatif_settings, field_), .arg = (arg_), .help = (help_)

static const struct option_row whatif_rows[] = {
	OPTION_FORMAT_ROW(struct whatif_settings, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "shift", TEXT_ROW(shift, "TIME", "+6h later, -6h earlier (needs --series)") },
	{ .name = "zone", .letter = 'z', TEXT_ROW(zone, "ZONE", "elsewhere: SE") },
	{ .name = "best-within",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct whatif_settings, within_ns),
	  .arg = "TIME",
	  .help = "later by what is best, at most so long",
	  .min = 60 * JT_NS_PER_S,
	  .max = WHATIF_MAX_WITHIN_S * JT_NS_PER_S },
	{ .name = "unplanned",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct whatif_settings, unplanned),
	  .help = "at once, without the plan in the ledger" },
	{ .name = "series", TEXT_ROW(series, "FILE", "intensities of that time: SDK JSON or CSV") },
	{ .name = "kind", TEXT_ROW(kind, "KIND", "of intensity (average)"), .values = KIND_WORDS },
	{ .name = "by",
	  .letter = 'b',
	  TEXT_ROW(by, "WHAT", "what is summed up (cgroup)"),
	  .values = REPORT_BY_WORDS },
	{ .name = "key",
	  .letter = 'k',
	  TEXT_ROW(key, "VKEY", "trust only this verifier key, or its file") },
	{ .name = "key-dir",
	  TEXT_ROW(key_dir, "DIR", "trust the keys there (/var/lib/jouletrail/keys)") },
};

static const struct options_spec whatif_spec = {
	.command = "whatif",
	.arguments = "DIR",
	.about = "The carbon that a ledger's measured energy would have had at another time or in "
		 "another\nzone, by consumer, from verified records. Exit codes as of report.",
	.row = whatif_rows,
	.n_rows = ARRAY_LENGTH(whatif_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

static int whatif_check(const struct whatif_settings *s, struct whatif *w)
{
	bool other_time = s->shift || s->within_ns || s->unplanned;

	if (!other_time && !s->zone)
		log_error("whatif: what else? Give --shift, --zone, --best-within or --unplanned");
	else if (!!s->shift + !!s->within_ns + s->unplanned > 1 || (s->unplanned && s->zone))
		log_error("whatif: one of --shift, --best-within and --unplanned (without --zone)");
	else if (other_time && !s->series)
		log_error("whatif: another time needs --series FILE: an annual mean has no times");
	else if (s->shift && moment_parse_shift(s->shift, &w->shift_s))
		log_error("whatif: --shift %s: give +6h or -30m", s->shift);
	else if (s->kind && series_kind_parse(s->kind, &w->kind))
		log_error("whatif: --kind %s: average or marginal", s->kind);
	else if (w->kind == SERIES_MARGINAL && !s->series)
		log_error("whatif: marginal intensities need --series FILE");
	else
		return 0;
	return -EINVAL;
}

/* The place that it is compared with, and the series. */
static int whatif_load(const struct whatif_settings *s, struct whatif *w, struct why *why)
{
	int err;

	w->within_s = s->within_ns / JT_NS_PER_S;
	w->zone = s->zone;
	w->unplanned = s->unplanned;
	w->has_series = s->series;
	if (!s->series)
		return intensity_lookup(s->zone, &w->row, why);
	err = series_load(s->series, &w->set, why);
	if (!err && s->zone && !series_set_find(&w->set, s->zone))
		err = why_set(why, -ENOENT, "%s has no '%.40s'", s->series, s->zone);
	return err;
}

/* Reads the ledger once. Returns EXIT_DONE, or the exit code after an error that was said. */
static int whatif_read(const char *dir, const struct whatif_settings *s, struct whatif *w,
		       bool ticks, struct verify_result *v)
{
	struct verify_options o = { .dir = dir,
				    .key = s->key,
				    .key_dir = s->key_dir,
				    .record = ticks ? whatif_take_tick : whatif_take,
				    .arg = w };
	int err = verify_run(&o, v);

	if (err) {
		log_error("whatif: cannot read %s: %s", dir,
			  err == -ECANCELED ? "too long, or no memory" : strerror(-err));
		return EXIT_FAILED;
	}
	if (report_has_verified(v->verdict))
		return EXIT_DONE;
	log_error("%s: %s: %s; no figures", dir, verify_verdict_name(v->verdict), v->reason);
	return (int)v->verdict;
}

static int whatif_run(const char *dir, const struct whatif_settings *s, struct whatif *w)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct verify_result v;
	struct why why = { "" };
	int code;

	if (whatif_load(s, w, &why)) {
		log_error("whatif: %s", why.text);
		return EXIT_FAILED;
	}
	code = whatif_read(dir, s, w, true, &v);
	if (code != EXIT_DONE)
		return code;
	if (whatif_settle(w, &why)) {
		log_error("whatif: %s", why.text);
		return EXIT_FAILED;
	}
	code = whatif_read(dir, s, w, false, &v);
	if (code != EXIT_DONE)
		return code;
	if (v.verdict != VERIFY_SIGNED)
		log_warning("%s: %s: %s", dir, verify_verdict_name(v.verdict), v.reason);
	report_sort(w->by);
	report_sort(w->all);
	whatif_write(w, s->format, &v, &out);
	return output_finish(&out, (int)v.verdict);
}

int whatif_main(int argc, char **argv)
{
	struct whatif_settings s = { .by = "cgroup" };
	struct options_arguments args;
	struct whatif w = { 0 };
	unsigned int by;
	int code;

	(void)argc;
	if (!options_begin(&whatif_spec, argv, &s, &args, &code))
		return code;
	if (whatif_check(&s, &w))
		return EXIT_USAGE;
	if (report_by_parse(s.by, &by)) {
		log_error("whatif: --by %s: what report takes", s.by);
		return EXIT_USAGE;
	}
	code = EXIT_FAILED;
	if (report_new(by, INT64_MIN, INT64_MAX, &w.by) ||
	    report_new(REPORT_HOST, INT64_MIN, INT64_MAX, &w.all))
		log_error("whatif: %s", strerror(ENOMEM));
	else
		code = whatif_run(args.v[0], &s, &w);
	report_free(w.by);
	report_free(w.all);
	series_set_free(&w.set);
	free(w.tick);
	return code;
}
