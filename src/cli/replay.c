/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay.c - `jouletrail replay FILE`: a captured run through the same maths and ledger again. */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/grid_rows.h"
#include "cli/method_rows.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/site_options.h"
#include "daemon/pipeline.h"
#include "daemon/replay.h"
#include "export/export.h"

struct replay_options {
	enum export_format format;
	const char *zone;
	const char *uncertainty;
	struct grid_options grid;
	struct site_options site; /* what the run had, for the same ledger */
	struct export_site export_site;
	const char *ledger_dir;
	const char *key_dir;
	const char *weight;
	const char *idle_policy;
	const char *static_power;
	uint64_t corun_percent;
};

static const struct option_row replay_rows[] = {
	OPTION_FORMAT_ROW(struct replay_options, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "zone",
	  .letter = 'z',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct replay_options, zone),
	  .arg = "ZONE",
	  .help = "on this grid, not on the captured one" },
	GRID_ROWS(struct replay_options, grid),
	SITE_ROWS(struct replay_options, site),
	METHOD_ROWS(struct replay_options, ),
	{ .name = "ledger",
	  .letter = 'l',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct replay_options, ledger_dir),
	  .arg = "DIR",
	  .help = "write the run's ledger there, a new one" },
	{ .name = "key-dir",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct replay_options, key_dir),
	  .arg = "DIR",
	  .help = "signing keys of that ledger; no default" },
};

static const struct options_spec replay_spec = {
	.command = "replay",
	.arguments = "FILE",
	.about = "Passes what --capture wrote through the same stages: the mean of the whole run\n"
		 "as top shows it and, with the same keys, the same ledger, byte for byte.",
	.row = replay_rows,
	.n_rows = ARRAY_LENGTH(replay_rows),
	.min_arguments = 1,
	.max_arguments = 1,
};

static bool replay_is_empty(const char *dir)
{
	CLEANUP(closedir_ptr) DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

/* A replay must not be taken for what was measured: neither its records nor its signature. */
static int replay_check(const struct replay_options *o)
{
	if (!o->ledger_dir)
		return EXIT_DONE;
	if (!o->key_dir) {
		log_error("replay: --ledger needs --key-dir: a replay is not signed with this "
			  "machine's keys unless they are named");
		return EXIT_USAGE;
	}
	if (strcmp(o->ledger_dir, "-") == 0) {
		log_error("replay: standard output has the report; give --ledger a directory");
		return EXIT_USAGE;
	}
	if (!replay_is_empty(o->ledger_dir)) {
		log_error("replay: %s is not empty; a replay writes a ledger of its own",
			  o->ledger_dir);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* The whole run's mean, to standard output. */
static int replay_report(struct pipeline *p, enum export_format format)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct tick *total;
	int err = pipeline_total(p, &total);

	if (err) {
		log_error("replay: %s",
			  err == -ENODATA ? "the capture has no whole tick" : strerror(-err));
		return EXIT_FAILED;
	}
	export_top(&text, format, total);
	return output_finish(&text, EXIT_DONE);
}

static int replay_run(const struct replay_options *o, struct replay *r, struct why *why)
{
	struct pipeline_options po = {
		.by = replay_head(r)->by,
		.tick_ns = replay_head(r)->tick_ns,
		.keep_total = true,
		.zone = o->zone,
		.uncertainty = o->uncertainty,
		.n_threads = options_n_threads(),
		.grid = o->grid,
		.weight = o->weight,
		.idle_policy = o->idle_policy,
		.static_power = o->static_power,
		.corun_percent = (unsigned int)o->corun_percent,
		.site = site_options_any(&o->site) ? &o->export_site.terms : NULL,
		.ledger_dir = o->ledger_dir,
		.key_dir = o->key_dir,
		.replay = r,
	};
	struct pipeline *p = NULL;
	bool cut = false;
	int code = EXIT_FAILED, err;

	err = pipeline_new(&po, &p, why);
	if (err)
		return code;
	log_info("replay of %s, with %s", replay_head(r)->host[0] ? replay_head(r)->host : "a host",
		 pipeline_power_choice(p));
	err = pipeline_replay(p, &cut, why);
	if (!err)
		code = replay_report(p, o->format);
	if (cut) {
		log_error("the capture has no end: it was cut short, and what was no whole tick is "
			  "left out");
		code = EXIT_FAILED;
	}
	if (pipeline_ledger_failed(p))
		code = EXIT_FAILED;
	return pipeline_free(p) ? EXIT_FAILED : code;
}

int replay_main(int argc, char **argv)
{
	struct replay_options o = { 0 };
	struct options_arguments args;
	struct replay *r = NULL;
	struct why why = { "" };
	int code;

	(void)argc;
	if (!options_begin(&replay_spec, argv, &o, &args, &code))
		return code;
	code = replay_check(&o);
	if (code || !site_options_begin(&o.site, "replay", o.zone, &o.export_site, &code))
		return code;
	code = EXIT_FAILED;
	if (!replay_new(args.v[0], &r, &why))
		code = replay_run(&o, r, &why);
	if (why.text[0])
		log_error("%s", why.text);
	replay_free(r);
	return code;
}
