/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon.c - `jouletrail daemon`: measures until it is told to stop, into a ledger. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/pipeline_rows.h"
#include "cli/site_options.h"
#include "control/control.h"
#include "daemon/endpoint.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"

struct daemon_options {
	uint64_t duration_ns; /* 0 = until a signal */
	uint64_t retain_ns;   /* 0 = everything */
	struct site_options site;
	const char *metrics; /* NULL = none */
	uint64_t metrics_series;
	const char *control; /* NULL = the default, where that can be had */
	const char *control_mode;
	uint64_t control_clients;
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
	{ .name = "metrics",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct daemon_options, metrics),
	  .arg = "HOST:PORT",
	  .help = "Prometheus: /metrics there, 127.0.0.1:9841" },
	{ .name = "metrics-series",
	  .type = OPTION_U64,
	  .offset = offsetof(struct daemon_options, metrics_series),
	  .arg = "N",
	  .help = "consumers with series of their own (1000)",
	  .min = 1,
	  .max = METRICS_MAX_SERIES },
	{ .name = "control",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct daemon_options, control),
	  .arg = "PATH",
	  .help = "socket for programs (" CONTROL_DEFAULT_PATH "); none" },
	{ .name = "control-mode",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct daemon_options, control_mode),
	  .arg = "MODE",
	  .help = "of that file (0660)" },
	{ .name = "control-clients",
	  .type = OPTION_U64,
	  .offset = offsetof(struct daemon_options, control_clients),
	  .arg = "N",
	  .help = "connections at a time (1024)",
	  .min = 1,
	  .max = 65536 },
	PIPELINE_ROWS(struct daemon_options, pipeline),
};

static const struct options_spec daemon_spec = {
	.command = "daemon",
	.about = "Measures in the foreground until SIGTERM or SIGINT, into the ledger of --ledger.",
	.row = daemon_rows,
	.n_rows = ARRAY_LENGTH(daemon_rows),
	.configured = true,
};

/* Who gets what is measured beside the ledger. */
struct daemon_sink {
	struct pipeline *pipeline;
	struct endpoint *endpoint; /* NULL = none */
	struct control *control;   /* NULL = none */
};

static int daemon_loop(const struct daemon_sink *s, struct loop *loop, uint64_t duration_ns,
		       bool streams)
{
	uint64_t end_mono_ns = clock_mono_ns() + duration_ns;
	struct pipeline *p = s->pipeline;
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
		if (event == LOOP_WATCHED)
			control_serve(s->control);
		if (last && s->control)
			control_stop(s->control);
		if (event == LOOP_WINDOW || last)
			err = pipeline_step(p, last);
		if (s->control && control_has_more(s->control))
			loop_is_not_done(loop);
		/* A stream that is cut off is that for good. */
		if (streams && pipeline_ledger_failed(p))
			last = true;
	}
	return err;
}

static void daemon_publish(const struct tick *t, void *arg)
{
	const struct daemon_sink *s = arg;
	const struct metrics_state state = {
		.has_ledger = true,
		.ledger_failed = pipeline_ledger_failed(s->pipeline),
		.n_ledger_records = pipeline_n_ledger_records(s->pipeline),
	};

	if (s->endpoint)
		endpoint_publish(s->endpoint, t, &state);
	if (s->control)
		control_publish(t, s->control);
}

static unsigned int daemon_control_mode(const struct daemon_options *o)
{
	char *end;
	unsigned long mode;

	if (!o->control_mode)
		return CONTROL_DEFAULT_MODE;
	mode = strtoul(o->control_mode, &end, 8);
	return o->control_mode[0] && !*end && mode <= 0777 ? (unsigned int)mode : UINT_MAX;
}

/* What the options say together. False: it is logged. */
static bool daemon_check(const struct daemon_options *o, enum record_kind *ret_by)
{
	if (!o->pipeline.ledger_dir) {
		log_error("daemon needs --ledger DIR: where its records go");
		return false;
	}
	if (o->retain_ns && strcmp(o->pipeline.ledger_dir, "-") == 0) {
		log_error("--retain needs a ledger in a directory: a stream keeps nothing");
		return false;
	}
	if (daemon_control_mode(o) == UINT_MAX) {
		log_error("--control-mode: '%.20s' is no mode: 0660 is one", o->control_mode);
		return false;
	}
	return by_rows_kind(o->pipeline.by, RECORD_CGROUP, ret_by) == 0;
}

/* The socket: a must where it was asked for. Returns 0 or -errno with why. */
static int daemon_open_control(const struct daemon_options *o, const struct pipeline_options *po,
			       struct control **ret, struct why *why)
{
	const struct control_options co = {
		.path = o->control ? o->control : CONTROL_DEFAULT_PATH,
		.mode = daemon_control_mode(o),
		.max_clients = o->control_clients,
		.root = po->root,
		.by = record_kind_name(po->by),
		.ledger_dir = po->ledger_dir,
		.interval_ns = o->pipeline.interval_ns,
		.tick_ns = po->tick_ns,
	};
	struct why what = { "" };
	int err;

	if (strcmp(co.path, "none") == 0)
		return 0;
	err = control_new(&co, ret, &what);
	if (err && o->control)
		return why_set(why, err, "--control: %s", what.text);
	if (err)
		log_warning("no control socket: %s; --control none says that there is to be none",
			    what.text);
	return 0;
}

/* From the first window to the last. Returns the exit code. */
static int daemon_measure(const struct daemon_options *o, const struct pipeline_options *asked)
{
	struct pipeline_options po = *asked;
	struct daemon_sink sink = { NULL, NULL, NULL };
	struct loop *loop = NULL;
	struct why why = { "" };
	int code, err = 0;

	/* Before there is anything that its process must not see. */
	if (o->metrics)
		err = endpoint_new(o->metrics, o->metrics_series, &sink.endpoint, &why);
	if (!err)
		err = daemon_open_control(o, &po, &sink.control, &why);
	if (sink.endpoint || sink.control) {
		po.publish = daemon_publish;
		po.publish_arg = &sink;
	}
	if (sink.control)
		po.watcher = control_watcher(sink.control);
	if (!err)
		err = pipeline_new(&po, &sink.pipeline, &why);
	if (!err)
		err = loop_new(o->pipeline.interval_ns, pipeline_poll_interval_ns(sink.pipeline),
			       &loop);
	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		pipeline_free(sink.pipeline);
		code = err == -EINVAL && o->metrics && !sink.endpoint ? EXIT_USAGE : EXIT_FAILED;
		endpoint_free(sink.endpoint);
		control_free(sink.control);
		return code;
	}
	if (sink.control) {
		control_attach(sink.control, sink.pipeline);
		loop_watch(loop, control_fd(sink.control));
	}
	log_info("measuring with %s, ledger %s", pipeline_power_choice(sink.pipeline),
		 po.ledger_dir);
	err = daemon_loop(&sink, loop, o->duration_ns, po.ends_with_ledger);
	if (err)
		log_error("measuring stopped: %s", strerror(-err));
	code = err || pipeline_ledger_failed(sink.pipeline) ? EXIT_FAILED : EXIT_DONE;
	control_free(sink.control);
	if (pipeline_free(sink.pipeline))
		code = EXIT_FAILED;
	endpoint_free(sink.endpoint);
	loop_free(loop);
	return code;
}

int daemon_main(int argc, char **argv)
{
	struct daemon_options o = { .metrics_series = METRICS_DEFAULT_SERIES,
				    .control_clients = CONTROL_DEFAULT_CLIENTS,
				    .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct export_site site;
	enum record_kind by;
	int code;

	(void)argc;
	if (!options_begin(&daemon_spec, argv, &o, &args, &code))
		return code;
	if (!daemon_check(&o, &by))
		return EXIT_USAGE;
	if (!site_options_begin(&o.site, "daemon", o.pipeline.zone, &site, &code))
		return code;
	po = pipeline_settings_options(&o.pipeline, by);
	po.site = site_options_any(&o.site) ? &site.terms : NULL;
	po.retain_ns = o.retain_ns;
	po.ends_with_ledger = strcmp(o.pipeline.ledger_dir, "-") == 0;
	loop_block_signals();
	return daemon_measure(&o, &po);
}
