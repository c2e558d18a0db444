/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run.c - `jouletrail run -- CMD`: energy and carbon of one command and all its descendants. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/run_plan.h"
#include "daemon/command.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"

static const struct option_row run_rows[] = {
	OPTION_FORMAT_ROW(struct run_options, format, OPTION_HUMAN | OPTION_JSON | OPTION_CSV),
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, output),
	  .arg = "FILE",
	  .help = "write the report there, not to standard error" },
	{ .name = "explain",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct run_options, explain),
	  .help = "what the uncertainty is made of" },
	{ .name = "compare",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, baseline),
	  .arg = "BASELINE",
	  .help = "did it use less than that run (its -f json)?" },
	{ .name = "plan",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, plan),
	  .arg = "FILE",
	  .help = "plan -f json's decision, into the ledger" },
	{ .name = "repeat",
	  .letter = 'r',
	  .type = OPTION_U64,
	  .offset = offsetof(struct run_options, n_repeats),
	  .arg = "N",
	  .help = "run it that often: means, and how runs differ",
	  .min = 1,
	  .max = RUN_MAX_REPEATS },
	{ .name = "warmup",
	  .letter = 'w',
	  .type = OPTION_U64,
	  .offset = offsetof(struct run_options, n_warmups),
	  .arg = "N",
	  .help = "so many runs before, that do not count",
	  .max = RUN_MAX_REPEATS },
	{
		.name = "versus",
		.type = OPTION_STRING,
		.offset = offsetof(struct run_options, versus),
		.arg = "CMD",
		.help = "against this, in turns: which uses less?",
	},
	{ .name = "ignore-failure",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct run_options, ignore_failure),
	  .help = "repeat also where a run's status is not 0" },
	{ .name = "pid",
	  .letter = 'p',
	  .type = OPTION_U64,
	  .offset = offsetof(struct run_options, pid),
	  .arg = "PID",
	  .help = "a process, and what it starts from now on",
	  .min = 1,
	  .max = INT32_MAX },
	{ .name = "cgroup",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, cgroup),
	  .arg = "PATH",
	  .help = "a cgroup with all below it, from now on" },
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct run_options, duration_ns),
	  .arg = "TIME",
	  .help = "stop after that long (with -p or --cgroup)" },
	{ .name = "timeline",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, timeline),
	  .arg = "FILE",
	  .help = "a CSV row per window" },
	{ .name = "progress",
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct run_options, progress),
	  .help = "power and energy so far, on the terminal" },
	{ .name = "control",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, control),
	  .arg = "PATH",
	  .help = "by the daemon at that socket, as without root" },
	{ .name = "emissions-csv",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, emissions),
	  .arg = "FILE",
	  .help = "append a row with CodeCarbon's columns" },
	SITE_ROWS(struct run_options, site),
	SCI_ROW(struct run_options, site),
	PIPELINE_ROWS_POWER(struct run_options, pipeline, 0),
};

static const struct options_spec run_spec = {
	.command = "run",
	.arguments = "-- CMD [ARG…] | -p PID | --cgroup PATH",
	.about =
		"Energy and carbon of a command and of everything it starts, however short-lived.\n"
		"The exit status is the command's own. Or of what runs already, from now on.\n"
		"Without root the daemon is asked.",
	.row = run_rows,
	.n_rows = ARRAY_LENGTH(run_rows),
	.configured = true,
	.max_arguments = -1,
	.stop_at_argument = true,
};

/* Window after window until the command has ended; the last one ends the tick. */
static int run_measure(struct pipeline *p, struct loop *loop, struct command *command)
{
	enum loop_event event;
	int err = 0;

	while (!err) {
		err = loop_wait(loop, &event);
		if (err)
			return err;
		if (event == LOOP_STOP && loop_stop_signal(loop) != SIGINT) {
			/* A terminal sends Ctrl-C to both of us; the others come to us alone. */
			kill(command->pid, loop_stop_signal(loop));
		} else if (event == LOOP_POLL) {
			pipeline_poll(p);
		} else if (event == LOOP_WINDOW) {
			err = pipeline_step(p, false);
		}
		command_reap(command);
		if (command->ended)
			return err ? err : pipeline_step(p, true);
	}
	return err;
}

/* From the attached pipeline on: lets the command go, measures, reports. Returns the exit code. */
static int run_released(const struct run_options *o, struct pipeline *p, struct loop *loop,
			struct command *c, struct run_watch *watch)
{
	struct run_outcome outcome = { .command = c->argv };
	int err = command_release(c);

	if (err) {
		waitpid(c->pid, &c->wait_status, 0);
		log_error("cannot run %s: %s", c->argv[0], strerror(-err));
		return command_exit_status(c);
	}
	err = run_measure(p, loop, c);
	run_watch_clear(watch);
	if (err) {
		log_error("measuring stopped: %s; the command goes on", strerror(-err));
		waitpid(c->pid, &c->wait_status, 0);
	} else {
		outcome.exit_status = command_exit_status(c);
		outcome.wall_ns = c->ended_mono_ns - c->released_mono_ns;
		err = run_report(o, p, &outcome);
	}
	if (pipeline_ledger_failed(p))
		err = -EIO;
	/* The command's own failure says more than ours. */
	return command_exit_status(c) ? command_exit_status(c) : err ? EXIT_FAILED : EXIT_DONE;
}

/* One command, once. Returns the exit code. */
static int run_once(const struct run_options *o, struct pipeline_options *po,
		    struct run_watch *watch, char *const *argv)
{
	bool streams = o->pipeline.ledger_dir && strcmp(o->pipeline.ledger_dir, "-") == 0;
	struct pipeline *p = NULL;
	struct loop *loop = NULL;
	struct why why = { "" };
	struct command command;
	int code, err;

	/*
	 * Before anything is opened or blocked, so that the command inherits what we were given,
	 * but for the output of a stream, which is of records alone.
	 */
	err = command_fork(argv, streams ? STDERR_FILENO : STDOUT_FILENO, &command);
	if (err) {
		log_error("cannot fork: %s", strerror(-err));
		return EXIT_FAILED;
	}
	po->lineage_tgid = command.pid;
	loop_block_signals();
	err = o->control ? -EPERM : pipeline_new(po, &p, &why);
	/* What root may not do is another thing: a ledger of another key, say. */
	if (o->control || (err == -EPERM && geteuid() != 0))
		return run_by_daemon(o, po, &command, &why);
	if (!err)
		err = loop_new(o->pipeline.interval_ns, pipeline_poll_interval_ns(p), &loop);
	if (err) {
		command_cancel(&command);
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		code = EXIT_FAILED;
	} else {
		code = run_released(o, p, loop, &command, watch);
	}
	if (pipeline_free(p) && code == EXIT_DONE)
		code = EXIT_FAILED;
	loop_free(loop);
	return code;
}

static bool run_repeats(const struct run_options *o)
{
	return o->n_repeats || o->versus || o->n_warmups || o->ignore_failure;
}

/* What goes together. Returns what is wrong, or NULL. */
static const char *run_wrong(const struct run_options *o, const struct options_arguments *args)
{
	bool attaches = o->pid || o->cgroup;
	bool streams = o->pipeline.ledger_dir && strcmp(o->pipeline.ledger_dir, "-") == 0;

	if ((args->n > 0) + (o->pid != 0) + (o->cgroup != NULL) != 1)
		return "give one of: a command behind --, -p PID, --cgroup PATH";
	if (!attaches && o->duration_ns)
		return "a command ends by itself: --duration is for -p and --cgroup";
	if (attaches && run_repeats(o))
		return "only a command can be run again: not with -p or --cgroup";
	if (o->n_warmups && !o->n_repeats)
		return "--warmup is for --repeat";
	if (o->ignore_failure && !o->n_repeats)
		return "--ignore-failure is for --repeat";
	if (o->control && (attaches || o->n_repeats || o->timeline || o->progress))
		return "the daemon runs one command, once: --control is not for -p, --cgroup, "
		       "--repeat, --timeline or --progress";
	if (o->versus && o->n_repeats < 2)
		return "--versus needs --repeat N, of two runs at least: one says nothing of how "
		       "they differ";
	if (o->n_repeats &&
	    (o->baseline || o->explain || o->plan || o->emissions || site_options_any(&o->site)))
		return "--repeat is of the runs alone: not with --compare, --explain, --plan, "
		       "--emissions-csv or what a site adds";
	if (streams && (o->n_repeats || (o->format != EXPORT_HUMAN && !o->output)))
		return "the ledger and the report cannot both go to standard output; give "
		       "--output FILE";
	return NULL;
}

/* Reads what the options name. Returns 0 or the exit code, with the reason logged. */
static int run_begin(struct run_options *o, const struct options_arguments *args,
		     struct ledger_plan *ret_plan, enum record_kind *ret_by)
{
	const char *wrong = run_wrong(o, args);
	struct why why = { "" };
	int code;

	if (wrong) {
		log_error("run: %s", wrong);
		return EXIT_USAGE;
	}
	if (by_rows_kind(o->pipeline.by, o->cgroup ? RECORD_CGROUP : RECORD_PROCESS, ret_by))
		return EXIT_USAGE;
	if (o->cgroup && *ret_by != RECORD_CGROUP) {
		log_error("run: --cgroup is by cgroup: leave --by out");
		return EXIT_USAGE;
	}
	if (o->baseline && comparable_read(o->baseline, &o->against, &why)) {
		log_error("%s", why.text);
		return EXIT_USAGE;
	}
	if (o->plan && run_plan_load(o->plan, ret_plan, &why)) {
		log_error("run: %s", why.text);
		return EXIT_FAILED;
	}
	if (!site_options_begin(&o->site, "run", o->pipeline.zone, &o->export_site, &code))
		return code;
	return 0;
}

int run_main(int argc, char **argv)
{
	struct run_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct run_watch watch;
	struct ledger_plan plan;
	struct why why = { "" };
	enum record_kind by;
	int code;

	(void)argc;
	if (!options_begin(&run_spec, argv, &o, &args, &code))
		return code;
	code = run_begin(&o, &args, &plan, &by);
	if (code)
		return code;
	if (run_watch_open(&watch, o.timeline, o.progress, &why)) {
		log_error("run: %s", why.text);
		return EXIT_FAILED;
	}
	po = pipeline_settings_options(&o.pipeline, by);
	po.keep_total = true;
	po.n_threads = options_n_threads();
	po.plan = o.plan ? &plan : NULL;
	po.site = site_options_any(&o.site) ? &o.export_site.terms : NULL;
	if (o.timeline || watch.progress) {
		/* Every window is told of, and so is a tick. */
		po.tick_ns = o.pipeline.interval_ns;
		po.publish = run_watch_tick;
		po.publish_arg = &watch;
	}
	if (o.n_repeats)
		code = run_repeat(&o, &po, &watch, args.v);
	else if (args.n)
		code = run_once(&o, &po, &watch, args.v);
	else
		code = run_attach(&o, &po, &watch);
	if (run_watch_close(&watch) && code == EXIT_DONE)
		code = EXIT_FAILED;
	return code;
}
