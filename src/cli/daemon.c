/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon.c - `jouletrail daemon`: measures until it is told to stop, into a ledger. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/pipeline_rows.h"
#include "cli/site_options.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"

struct daemon_options {
	uint64_t duration_ns; /* 0 = until a signal */
	uint64_t retain_ns;   /* 0 = everything */
	struct site_options site;
	struct pipeline_settings pipeline;
};

static const struct option_row daemon_rows[] = {
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct daemon_options, duration_ns),
	  .arg = "TIME",
	  .help = "stop after that long" },
	{ .name = "retain",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct daemon_options, retain_ns),
	  .arg = "TIME",
	  .help = "older records become sums, and go: 30d",
	  .min = 3600 * JT_NS_PER_S,
	  .max = UINT64_C(36500) * 86400 * JT_NS_PER_S },
	SITE_ROWS(struct daemon_options, site),
	PIPELINE_ROWS(struct daemon_options, pipeline),
};

static const struct options_spec daemon_spec = {
	.command = "daemon",
	.about = "Measures in the foreground until SIGTERM or SIGINT, into the ledger of --ledger.",
	.row = daemon_rows,
	.n_rows = ARRAY_LENGTH(daemon_rows),
	.configured = true,
};

static int daemon_loop(struct pipeline *p, struct loop *loop, uint64_t duration_ns, bool streams)
{
	uint64_t end_mono_ns = clock_mono_ns() + duration_ns;
	enum loop_event event;
	bool last = false;
	int err = 0;

	while (!err && !last) {
		err = loop_wait(loop, &event);
		if (err)
			return err;
		last = event == LOOP_STOP && loop_stop_signal(loop) != SIGHUP;
		if (event == LOOP_WINDOW && duration_ns && clock_mono_ns() >= end_mono_ns)
			last = true;
		if (event == LOOP_POLL)
			pipeline_poll(p);
		if (event == LOOP_WINDOW || last)
			err = pipeline_step(p, last);
		/* A stream that is cut off is that for good. */
		if (streams && pipeline_ledger_failed(p))
			last = true;
	}
	return err;
}

int daemon_main(int argc, char **argv)
{
	struct daemon_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct pipeline *p = NULL;
	struct loop *loop = NULL;
	struct export_site site;
	struct why why = { "" };
	enum record_kind by;
	bool streams;
	int code, err;

	(void)argc;
	if (!options_begin(&daemon_spec, argv, &o, &args, &code))
		return code;
	if (!o.pipeline.ledger_dir) {
		log_error("daemon needs --ledger DIR: where its records go");
		return EXIT_USAGE;
	}
	if (by_rows_kind(o.pipeline.by, RECORD_CGROUP, &by))
		return EXIT_USAGE;
	streams = strcmp(o.pipeline.ledger_dir, "-") == 0;
	if (o.retain_ns && streams) {
		log_error("--retain needs a ledger in a directory: a stream keeps nothing");
		return EXIT_USAGE;
	}
	if (!site_options_begin(&o.site, "daemon", o.pipeline.zone, &site, &code))
		return code;
	po = pipeline_settings_options(&o.pipeline, by);
	po.site = site_options_any(&o.site) ? &site.terms : NULL;
	po.retain_ns = o.retain_ns;
	po.ends_with_ledger = streams;
	loop_block_signals();
	err = pipeline_new(&po, &p, &why);
	if (!err)
		err = loop_new(o.pipeline.interval_ns, pipeline_poll_interval_ns(p), &loop);
	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		pipeline_free(p);
		return EXIT_FAILED;
	}
	log_info("measuring with %s, ledger %s", pipeline_power_choice(p), o.pipeline.ledger_dir);
	err = daemon_loop(p, loop, o.duration_ns, streams);
	if (err)
		log_error("measuring stopped: %s", strerror(-err));
	code = err || pipeline_ledger_failed(p) ? EXIT_FAILED : EXIT_DONE;
	if (pipeline_free(p))
		code = EXIT_FAILED;
	loop_free(loop);
	return code;
}
