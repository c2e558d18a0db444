/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report.c - `jouletrail report DIR`: energy and carbon of a ledger, by what is asked for. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/method_rows.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report_facts.h"
#include "cli/report_html.h"
#include "cli/report_series.h"
#include "cli/site_options.h"
#include "jouletrail/units.h"
#include "quant/montecarlo.h"

/* Of every simulation: a figure is the same whenever it is drawn again. */
#define REPORT_SEED 0x7265706f

struct report_settings {
	enum export_format format;
	const char *output;
	const char *by;
	const char *since;
	const char *until;
	const char *uncertainty;
	bool explain;
	const char *key;
	const char *key_dir;
	const char *witness;
	uint64_t quorum;
	const char *zone;
	struct grid_options grid;
	struct site_options site;
};

static const struct option_row report_rows[] = {
	OPTION_FORMAT_ROW(struct report_settings, format,
			  OPTION_HUMAN | OPTION_JSON | OPTION_CSV | OPTION_HTML),
	{ .name = "output",
	  .letter = 'o',
	  .offset = offsetof(struct report_settings, output),
	  .arg = "FILE",
	  .help = "write it there, not to standard output" },
	{ .name = "by",
	  .letter = 'b',
	  .offset = offsetof(struct report_settings, by),
	  .arg = "WHAT",
	  .help = "what is summed up (cgroup)",
	  .values = REPORT_BY_WORDS },
	{ .name = "since",
	  .offset = offsetof(struct report_settings, since),
	  .arg = "TIME",
	  .help = "2026-11-25, 2026-11-25T10:00:00Z, or 24h (ago)" },
	{ .name = "until",
	  .offset = offsetof(struct report_settings, until),
	  .arg = "TIME",
	  .help = "the same; a tick belongs where it begins" },
	{ .name = "uncertainty",
	  .offset = offsetof(struct report_settings, uncertainty),
	  .arg = "METHOD",
	  .help = "how intervals are made (analytical)",
	  .values = UNCERTAINTY_WORDS },
	{ .name = "explain",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct report_settings, explain),
	  .help = "what the uncertainty is made of" },
	{ .name = "key",
	  .letter = 'k',
	  .offset = offsetof(struct report_settings, key),
	  .arg = "VKEY",
	  .help = "trust only this verifier key, or its file" },
	{ .name = "key-dir",
	  .offset = offsetof(struct report_settings, key_dir),
	  .arg = "DIR",
	  .help = "trust the keys there (/var/lib/jouletrail/keys)" },
	{ .name = "witness",
	  .letter = 'w',
	  .offset = offsetof(struct report_settings, witness),
	  .arg = "VKEYS",
	  .help = "who must have cosigned it: a key, a file of them" },
	{ .name = "quorum",
	  .type = OPTION_U64,
	  .offset = offsetof(struct report_settings, quorum),
	  .arg = "N",
	  .help = "of the witnesses, at least so many (all)",
	  .min = 1,
	  .max = 16 },
	{ .name = "zone",
	  .letter = 'z',
	  .offset = offsetof(struct report_settings, zone),
	  .arg = "ZONE",
	  .help = "carbon on this grid, not as recorded" },
	GRID_ROWS(struct report_settings, grid),
	SITE_ROWS(struct report_settings, site),
	SCI_ROW(struct report_settings, site),
};

static const struct options_spec report_spec = {
	.command = "report",
	.arguments = "DIR",
	.about =
		"Sums a ledger's records, each verified first, with correctly combined "
		"uncertainty.\nExit code: 0; 5 self-signed or 14 torn, with figures; verify's code "
		"without any else.",
	.row = report_rows,
	.n_rows = ARRAY_LENGTH(report_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

/* A date or a moment in UTC, or a duration before now. */
static int report_parse_time(const char *text, int64_t *ret_us)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d" };
	uint64_t ago_ns;

	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);

		if (!end || *end)
			continue;
		*ret_us = (int64_t)timegm(&tm) * (int64_t)JT_US_PER_S;
		return 0;
	}
	if (options_parse_duration(text, &ago_ns))
		return -EINVAL;
	*ret_us = clock_real_us() - (int64_t)(ago_ns / JT_NS_PER_US);
	return 0;
}

static int report_take(const struct check_facts *f, void *arg)
{
	return report_add(arg, f);
}

bool report_has_verified(enum verify_verdict v)
{
	return v == VERIFY_SIGNED || v == VERIFY_WITNESSED || v == VERIFY_SELF_SIGNED ||
	       v == VERIFY_TORN;
}

DEFINE_CLEANUP(struct report *, report_free)

/* The host's carbon with what its site and machine add. */
static void report_site(struct report *r)
{
	struct quant_interval_u64 energy, co2e;

	report_site_settle(&r->site);
	if (!r->site.asked || r->host.total.n == 0)
		return;
	report_intervals(r, &r->host, &energy, &co2e);
	site_apply(&energy, &co2e, r->host.total.time_ns, &r->site.of);
}

/* The text to where it was asked for. */
static int report_put(const struct report_settings *s, const struct buf *text, int code)
{
	int err;

	if (!s->output)
		return output_finish(text, code);
	err = output_file(s->output, text);
	if (!err)
		return code;
	log_error("cannot write the report to %s: %s", s->output, strerror(-err));
	return code == EXIT_DONE ? EXIT_FAILED : code;
}

/* A ledger that does not verify: said, on the page too. */
static int report_refuse(const char *dir, const struct report_settings *s,
			 const struct verify_result *v)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	log_error("%s: %s: %s; no figures", dir, verify_verdict_name(v->verdict), v->reason);
	if (s->format == EXPORT_HTML)
		report_html_refused(dir, v, &out);
	if (!out.len)
		return verify_exit_code(v->verdict);
	return report_put(s, &out, verify_exit_code(v->verdict));
}

static int report_run(const char *dir, const struct report_settings *s, struct report *r)
{
	struct verify_options o = { .dir = dir,
				    .key = s->key,
				    .key_dir = s->key_dir,
				    .witness = s->witness,
				    .quorum = (unsigned int)s->quorum,
				    .record = report_take,
				    .arg = r };
	CLEANUP(buf_free) struct buf out = { 0 };
	struct verify_result v;
	int err = verify_run(&o, &v);

	if (err) {
		log_error("cannot report on %s: %s", dir,
			  strerror(err == -ECANCELED ? ENOMEM : -err));
		return EXIT_FAILED;
	}
	if (!report_has_verified(v.verdict))
		return report_refuse(dir, s, &v);
	if (verify_exit_code(v.verdict))
		log_warning("%s: %s: %s", dir, verify_verdict_name(v.verdict), v.reason);
	report_sort(r);
	if (r->series)
		report_series_settle(r->series);
	report_site(r);
	report_write(r, s->format, &v, &out);
	return report_put(s, &out, verify_exit_code(v.verdict));
}

/* What a page tells beside the sums. */
static int report_page(struct report *r)
{
	r->series = calloc(1, sizeof(*r->series));
	r->facts = calloc(1, sizeof(*r->facts));
	return r->series && r->facts ? 0 : -ENOMEM;
}

int report_main(int argc, char **argv)
{
	const struct montecarlo_options mo = { .seed = REPORT_SEED,
					       .n_threads = options_n_threads(),
					       .n_digits = 1 };
	struct report_settings s = { .by = "cgroup", .uncertainty = "analytical" };
	CLEANUP(report_free_ptr) struct report *r = NULL;
	int64_t since_us = INT64_MIN, until_us = INT64_MAX;
	struct options_arguments args;
	bool montecarlo = false;
	struct export_site site;
	struct why why = { "" };
	unsigned int by;
	int code, err;

	(void)argc;
	if (!options_begin(&report_spec, argv, &s, &args, &code))
		return code;
	if (report_by_parse(s.by, &by)) {
		log_error("report: --by %s: give one of process, thread, comm, cgroup, container, "
			  "pod, unit, slice, user, session, vm, zone, host",
			  s.by);
		return EXIT_USAGE;
	}
	if ((s.since && report_parse_time(s.since, &since_us)) ||
	    (s.until && report_parse_time(s.until, &until_us))) {
		log_error("report: a time is 2026-11-25, 2026-11-25T10:00:00Z, or 24h (ago)");
		return EXIT_USAGE;
	}
	if (quant_method_parse(s.uncertainty, &montecarlo)) {
		log_error("report: --uncertainty %s: give analytical or montecarlo", s.uncertainty);
		return EXIT_USAGE;
	}
	if (!site_options_begin(&s.site, "report", s.zone, &site, &code))
		return code;
	err = report_new(by, since_us, until_us, &r);
	if (!err && montecarlo)
		err = montecarlo_new(&mo, &r->montecarlo);
	if (!err && s.format == EXPORT_HTML)
		err = report_page(r);
	if (err) {
		log_error("report: %s", strerror(-err));
		return EXIT_FAILED;
	}
	r->explain = s.explain;
	/* A score alone changes nothing of what the ledger says. */
	r->site.of = site;
	r->site.asked = s.site.pue || s.site.embodied || s.site.water;
	if ((s.zone || s.grid.spec || s.grid.kind) && grid_open(&s.grid, s.zone, &r->grid, &why)) {
		log_error("%s", why.text);
		return EXIT_FAILED;
	}
	if (r->grid)
		log_info("the carbon is that of --%s, not what the records say",
			 s.grid.spec   ? "intensity"
			 : s.grid.kind ? "kind"
				       : "zone");
	code = report_run(args.v[0], &s, r);
	intensity_source_free(r->grid);
	return code;
}
