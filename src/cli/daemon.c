/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon.c - `jouletrail daemon`: measures until it is told to stop, into a ledger. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/login.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/urgent.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/daemon_config.h"
#include "cli/daemon_control.h"
#include "cli/options.h"
#include "cli/pipeline_rows.h"
#include "cli/site_options.h"
#include "daemon/endpoint.h"
#include "daemon/loop.h"
#include "daemon/notify.h"
#include "daemon/own.h"
#include "daemon/pipeline.h"
#include "daemon/priv.h"
#include "daemon/spawner.h"

/* glibc's own default, which it would raise to the largest block that was freed. */
#define MMAP_THRESHOLD (128 << 10)

struct daemon_options {
	uint64_t duration_ns; /* 0 = until a signal */
	uint64_t retain_ns;   /* 0 = everything */
	struct site_options site;
	const char *metrics; /* NULL = none */
	const char *push;    /* NULL = none */
	const char *user;    /* NULL = LOGIN_SERVICE */
	bool check;
	enum export_format format; /* of check */
	uint64_t metrics_series;
	struct daemon_control control;
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
	{ .name = "push",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct daemon_options, push),
	  .arg = "SINKS",
	  .help = "ticks go there: addresses, by blanks" },
	{ .name = "metrics-series",
	  .type = OPTION_U64,
	  .offset = offsetof(struct daemon_options, metrics_series),
	  .arg = "N",
	  .help = "consumers with series of their own (1000)",
	  .min = 1,
	  .max = METRICS_MAX_SERIES },
	DAEMON_CONTROL_ROWS(struct daemon_options, control),
	{ .name = "user",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct daemon_options, user),
	  .arg = "NAME",
	  .help = "whom it becomes once all is open (jouletrail)" },
	{ .name = "check",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct daemon_options, check),
	  .help = "say what would hold, open nothing, end" },
	OPTION_FORMAT_ROW(struct daemon_options, format, OPTION_HUMAN | OPTION_JSON),
	PIPELINE_ROWS(struct daemon_options, pipeline),
};

static const struct daemon_options daemon_defaults = { .metrics_series = METRICS_DEFAULT_SERIES,
						       .control = DAEMON_CONTROL_DEFAULT,
						       .pipeline = PIPELINE_SETTINGS_DEFAULT };

const struct options_spec daemon_spec = {
	.command = "daemon",
	.about = "Measures in the foreground until SIGTERM or SIGINT, into the ledger of --ledger. "
		 "Root is "
		 "given\nup once all is open.",
	.row = daemon_rows,
	.n_rows = ARRAY_LENGTH(daemon_rows),
	.configured = true,
};

/* One that runs. */
struct daemon {
	struct daemon_options o; /* as they hold now */
	char **argv;
	const struct pipeline_options *asked;
	struct config *config; /* of the last reload; NULL = that of the start */
	struct pipeline *pipeline;
	struct endpoint *endpoint; /* NULL = none */
	struct control *control;   /* NULL = none */
	struct spawner *spawner;
	struct notify *notify;
	struct loop *loop;
};

/* The grid that is asked from now on; a feed's process cannot be started with other arguments. */
static int daemon_change_grid(struct daemon *d, const struct pipeline_settings *fresh,
			      struct why *why)
{
	const struct pipeline_settings *now = &d->o.pipeline;
	int err;

	if (grid_is_asked(&now->grid) || grid_is_asked(&fresh->grid))
		return why_set(why, -EBUSY, "another feed, or place of it, takes a restart");
	err = pipeline_step(d->pipeline, true);
	if (!err)
		err = pipeline_change_grid(d->pipeline, &fresh->grid, fresh->zone, why);
	return err;
}

static void daemon_keep_grid(struct pipeline_settings *now, const struct pipeline_settings *fresh)
{
	now->zone = fresh->zone;
	now->grid.spec = fresh->grid.spec;
	now->grid.location = fresh->grid.location;
	now->grid.kind = fresh->grid.kind;
}

/* SIGHUP: what can change now does, of the rest it is said. A broken file changes nothing. */
static void daemon_reload(struct daemon *d)
{
	struct daemon_options fresh = daemon_defaults;
	struct config *config = NULL;
	struct why why = { "" };
	int err = daemon_config_again(&daemon_spec, d->argv, &fresh, &config, &why);

	if (!err && daemon_config_compare(&daemon_spec, &d->o, &fresh))
		err = daemon_change_grid(d, &fresh.pipeline, &why);
	if (err) {
		log_error("reload: %s; nothing changes", why.text[0] ? why.text : strerror(-err));
		config_free(config);
		return;
	}
	daemon_keep_grid(&d->o.pipeline, &fresh.pipeline);
	if (d->o.retain_ns != fresh.retain_ns)
		pipeline_retain(d->pipeline, fresh.retain_ns);
	d->o.retain_ns = fresh.retain_ns;
	log_info("reload: %s was read anew", config_path());
	/* The options of the grid point into it, whether they changed or not. */
	config_free(d->config);
	d->config = config;
}

static void daemon_hang_up(struct daemon *d)
{
	notify_reloading(d->notify, clock_mono_ns());
	daemon_reload(d);
	notify_ready(d->notify, pipeline_power_choice(d->pipeline));
}

static int daemon_loop(struct daemon *d)
{
	uint64_t end_mono_ns = clock_mono_ns() + d->o.duration_ns;
	enum loop_event event;
	bool last = false;
	int err = 0;

	while (!err && !last) {
		err = loop_wait(d->loop, &event);
		if (err)
			return err;
		if (event == LOOP_STOP && loop_stop_signal(d->loop) == SIGHUP)
			daemon_hang_up(d);
		else if (event == LOOP_STOP)
			last = true;
		if (event == LOOP_WINDOW && d->o.duration_ns && clock_mono_ns() >= end_mono_ns)
			last = true;
		if (last)
			notify_stopping(d->notify);
		if (event == LOOP_POLL)
			pipeline_poll(d->pipeline);
		if (event == LOOP_CONTROL)
			control_serve(d->control);
		if (last && d->control)
			control_stop(d->control);
		if (event == LOOP_WINDOW || last)
			err = pipeline_step(d->pipeline, last);
		if (d->control && control_has_more(d->control))
			loop_is_not_done(d->loop, LOOP_CONTROL);
		if (!err && event == LOOP_WINDOW)
			notify_window(d->notify, clock_mono_ns());
		/* A stream that is cut off is that for good. */
		if (d->asked->ends_with_ledger && pipeline_ledger_failed(d->pipeline))
			last = true;
	}
	return err;
}

/* Returns the ledger's error. */
static int daemon_close(struct daemon *d)
{
	int err;

	/* While there is a pipeline that tells it. */
	control_free(d->control);
	err = pipeline_free(d->pipeline);
	endpoint_free(d->endpoint);
	spawner_free(d->spawner);
	notify_free(d->notify);
	loop_free(d->loop);
	config_free(d->config);
	return err;
}

static void daemon_publish(const struct tick *t, void *arg)
{
	const struct daemon *s = arg;
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
	return daemon_control_check(&o->control) &&
	       by_rows_kind(o->pipeline.by, RECORD_CGROUP, ret_by) == 0;
}

/* Everything is open: what is written goes to whom the daemon becomes, and root is given up. */
static int daemon_give_up(struct daemon *d, const struct login *to, struct why *why)
{
	const struct pipeline_settings *s = &d->o.pipeline;
	int err = 0;

	if (geteuid() == 0) {
		err = own_tree(s->key_dir ?: LEDGER_DEFAULT_KEY_DIR, OWN_KEYS, to, why);
		if (!err && strcmp(s->ledger_dir, "-") != 0)
			err = own_tree(s->ledger_dir, OWN_LEDGER, to, why);
		if (!err && s->guests)
			err = own_tree(s->guests, OWN_GUESTS, to, why);
	}
	if (!err)
		err = spawner_seal(d->spawner);
	/* For the first window, whose thread it becomes: there is no right to it any more then. */
	urgent_begin();
	return err ? err : priv_drop(to, pipeline_may_go_on, d->pipeline, why);
}

static int daemon_open(struct daemon *d, struct why *why)
{
	struct pipeline_options po = *d->asked;
	struct endpoint_options shown = { .metrics = d->o.metrics,
					  .push = d->o.push,
					  .stdout_is_taken = po.ends_with_ledger,
					  .max_series = d->o.metrics_series };
	struct login to;
	/* Before there is anything that the processes must not see. */
	int err = spawner_new(&d->spawner, why);

	shown.spawner = d->spawner;
	if (!err)
		err = priv_begin(d->o.user, &to, why);
	if (!err)
		err = notify_new(d->o.pipeline.interval_ns, &d->notify);
	if (!err && (d->o.metrics || d->o.push))
		err = endpoint_new(&shown, &d->endpoint, why);
	if (!err)
		err = daemon_control_open(&d->o.control, &po, to.is_nobody ? 0 : to.uid,
					  &d->control, why);
	if (err)
		return err;
	po.spawner = d->spawner;
	po.owner = to.uid;
	if (d->endpoint || d->control) {
		po.publish = daemon_publish;
		po.publish_arg = d;
	}
	if (d->control)
		po.watcher = control_watcher(d->control);
	err = pipeline_new(&po, &d->pipeline, why);
	if (!err)
		err = daemon_give_up(d, &to, why);
	/* Last: its first window is to end when --duration does. */
	return err ? err
		   : loop_new(d->o.pipeline.interval_ns, pipeline_poll_interval_ns(d->pipeline),
			      &d->loop);
}

/* From the first window to the last. Returns the exit code. */
static int daemon_measure(struct daemon *d)
{
	struct why why = { "" };
	int code, err = daemon_open(d, &why);

	if (err) {
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		code = err == -EINVAL && !d->pipeline ? EXIT_USAGE : EXIT_FAILED;
		daemon_close(d);
		return code;
	}
	if (d->control) {
		control_attach(d->control, d->pipeline);
		loop_watch(d->loop, control_fd(d->control), LOOP_CONTROL);
	}
	log_info("measuring with %s, ledger %s", pipeline_power_choice(d->pipeline),
		 d->asked->ledger_dir);
	notify_ready(d->notify, pipeline_power_choice(d->pipeline));
	err = daemon_loop(d);
	if (err)
		log_error("measuring stopped: %s", strerror(-err));
	code = err || pipeline_ledger_failed(d->pipeline) ? EXIT_FAILED : EXIT_DONE;
	return daemon_close(d) ? EXIT_FAILED : code;
}

/* Without opening anything: whether it could be opened is seen at the start. */
static int daemon_show(const struct daemon_options *o, const struct pipeline_options *po)
{
	struct login user;
	struct why why = { "" };
	int err = pipeline_check(po, &why);

	if (!err && o->user && !login_find(o->user, &user))
		err = why_set(&why, -EINVAL, "--user %s: no such user", o->user);
	if (!err)
		return daemon_config_show(&daemon_spec, o, o->format);
	log_error("%s", why.text);
	return EXIT_USAGE;
}

int daemon_main(int argc, char **argv)
{
	struct daemon d = { .o = daemon_defaults, .argv = argv };
	CLEANUP(cleanup_free) char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct pipeline_options po;
	struct options_arguments args;
	struct export_site site;
	enum record_kind by;
	int code;

	if (!words)
		return EXIT_FAILED;
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	if (!options_begin(&daemon_spec, words, &d.o, &args, &code))
		return code;
	if (!daemon_check(&d.o, &by))
		return EXIT_USAGE;
	if (!site_options_begin(&d.o.site, "daemon", d.o.pipeline.zone, &site, &code))
		return code;
	po = pipeline_settings_options(&d.o.pipeline, by);
	po.site = site_options_any(&d.o.site) ? &site.terms : NULL;
	po.retain_ns = d.o.retain_ns;
	po.ends_with_ledger = strcmp(d.o.pipeline.ledger_dir, "-") == 0;
	if (d.o.check)
		return daemon_show(&d.o, &po);
	d.asked = &po;
	/* Fixed: else what the kernel's types take for a moment is kept for good. */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	loop_block_signals();
	return daemon_measure(&d);
}
