/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run.c - `jouletrail run -- CMD`: energy and carbon of one command and all its descendants. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "cli/commands.h"
#include "cli/comparable.h"
#include "cli/explain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pipeline_rows.h"
#include "cli/run_plan.h"
#include "cli/site_options.h"
#include "daemon/command.h"
#include "daemon/loop.h"
#include "daemon/machine.h"
#include "daemon/pipeline.h"
#include "export/export.h"

struct run_options {
	enum export_format format;
	const char *output;
	const char *baseline; /* file to compare with */
	bool explain;
	struct comparable against; /* what is in it */
	const char *plan;
	struct site_options site;
	struct export_site export_site; /* as read */
	struct pipeline_settings pipeline;
};

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
	SITE_ROWS(struct run_options, site),
	SCI_ROW(struct run_options, site),
	PIPELINE_ROWS(struct run_options, pipeline),
};

static const struct options_spec run_spec = {
	.command = "run",
	.arguments = "-- CMD [ARG…]",
	.about =
		"Energy and carbon of a command and of everything it starts, however short-lived.\n"
		"The exit status is the command's own.",
	.row = run_rows,
	.n_rows = ARRAY_LENGTH(run_rows),
	.configured = true,
	.min_arguments = 1,
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

/* The report where it was asked for: a file, standard output for machines, else standard error. */
static int run_write(const struct run_options *o, const struct buf *text)
{
	CLEANUP(cleanup_close) int fd = -1;
	int to = o->format == EXPORT_HUMAN ? STDERR_FILENO : STDOUT_FILENO;

	if (text->err)
		return text->err;
	if (o->output) {
		fd = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		to = fd;
	}
	return output_write(to, text);
}

/* What was asked for beyond the report, for people; machines have it all in the report. */
static void run_write_more(const struct run_options *o, const struct export_run *r,
			   const struct comparable *now, struct buf *text)
{
	if (o->format != EXPORT_HUMAN)
		return;
	if (o->explain)
		explain_write(text, "the command", r->budget, r->n_budget,
			      r->total->intensity.is_default);
	if (r->comparison)
		comparable_write(text, r->comparison, now, &o->against);
}

/* The report as text, with what was asked for beyond it. Returns the comparison's error. */
static int run_text(const struct run_options *o, const struct export_run *bare, struct buf *text)
{
	struct export_comparison comparison = { .baseline = o->baseline };
	struct record_budget budget[RECORD_MAX_BUDGET];
	struct export_run r = *bare;
	char machine[MACHINE_ID_LEN];
	struct why why = { "" };
	struct comparable now;
	int err = 0;

	r.machine = machine_id(o->pipeline.root, machine) ? NULL : machine;
	r.n_budget = carbon_budget(r.total, r.command_total, budget);
	r.budget = budget;
	comparable_of_run(&r, &now);
	if (o->baseline) {
		err = comparable_compare(&now, &o->against, r.total->montecarlo, &comparison, &why);
		r.comparison = err ? NULL : &comparison;
	}
	export_run_report(text, o->format, &r);
	run_write_more(o, &r, &now, text);
	if (err)
		log_error("no comparison with %s: %s", o->baseline, why.text);
	return err;
}

/* The command's carbon with its site and machine; NULL where that was not asked for. */
static const struct export_site *run_site(const struct run_options *o, const struct tick *total,
					  const struct sample *sum, uint64_t wall_ns,
					  struct export_site *ret)
{
	if (!site_options_any(&o->site))
		return NULL;
	*ret = o->export_site;
	if (export_has_energy(total))
		site_apply(&sum->energy, &sum->co2e, wall_ns, ret);
	return ret;
}

static int run_report(const struct run_options *o, struct pipeline *p, const struct command *c,
		      char *const *argv)
{
	struct sample sum;
	struct export_run r = {
		.command = argv,
		.exit_status = command_exit_status(c),
		.wall_ns = c->ended_mono_ns - c->released_mono_ns,
		.power_source = pipeline_power_choice(p),
		.command_total = &sum,
		.n_tasks = pipeline_n_lineage_tasks(p),
		.n_survivors = pipeline_n_lineage_alive(p),
		.ledger_dir = o->pipeline.ledger_dir,
		.n_ledger_records = pipeline_n_ledger_records(p),
	};
	struct buf text = { 0 };
	struct export_site site;
	struct tick *total;
	int err = pipeline_total(p, &total), differs = 0;

	if (!err) {
		carbon_sum(total, JT_CELL_LINEAGE, &sum, NULL);
		r.site = run_site(o, total, &sum, r.wall_ns, &site);
		r.total = total;
		differs = run_text(o, &r, &text);
		err = run_write(o, &text);
	}
	if (err)
		log_error("cannot write the report%s%s: %s", o->output ? " to " : "",
			  o->output ? o->output : "", strerror(-err));
	buf_free(&text);
	return err ? err : differs;
}

/* From the attached pipeline on: lets the command go, measures, reports. Returns the exit code. */
static int run_command(const struct run_options *o, struct pipeline *p, struct loop *loop,
		       struct command *c, char *const *argv)
{
	int err = command_release(c);

	if (err) {
		waitpid(c->pid, &c->wait_status, 0);
		log_error("cannot run %s: %s", argv[0], strerror(-err));
		return command_exit_status(c);
	}
	err = run_measure(p, loop, c);
	if (err) {
		log_error("measuring stopped: %s; the command goes on", strerror(-err));
		waitpid(c->pid, &c->wait_status, 0);
	} else {
		err = run_report(o, p, c, argv);
	}
	if (pipeline_ledger_failed(p))
		err = -EIO;
	/* The command's own failure says more than ours. */
	return command_exit_status(c) ? command_exit_status(c) : err ? EXIT_FAILED : EXIT_DONE;
}

int run_main(int argc, char **argv)
{
	struct run_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT };
	struct pipeline_options po;
	struct options_arguments args;
	struct pipeline *p = NULL;
	struct loop *loop = NULL;
	struct ledger_plan plan;
	struct command command;
	struct why why = { "" };
	enum record_kind by;
	bool streams;
	int code, err;

	(void)argc;
	if (!options_begin(&run_spec, argv, &o, &args, &code))
		return code;
	if (by_rows_kind(o.pipeline.by, RECORD_PROCESS, &by))
		return EXIT_USAGE;
	if (o.baseline && comparable_read(o.baseline, &o.against, &why)) {
		log_error("%s", why.text);
		return EXIT_USAGE;
	}
	if (o.plan && run_plan_load(o.plan, &plan, &why)) {
		log_error("run: %s", why.text);
		return EXIT_FAILED;
	}
	if (!site_options_begin(&o.site, "run", o.pipeline.zone, &o.export_site, &code))
		return code;
	streams = o.pipeline.ledger_dir && strcmp(o.pipeline.ledger_dir, "-") == 0;
	if (streams && o.format != EXPORT_HUMAN && !o.output) {
		log_error("run: the ledger and the report cannot both go to standard output; give "
			  "--output FILE");
		return EXIT_USAGE;
	}
	/*
	 * Before anything is opened or blocked, so that the command inherits what we were given,
	 * but for the output of a stream, which is of records alone.
	 */
	err = command_fork(args.v, streams ? STDERR_FILENO : STDOUT_FILENO, &command);
	if (err) {
		log_error("cannot fork: %s", strerror(-err));
		return EXIT_FAILED;
	}
	po = pipeline_settings_options(&o.pipeline, by);
	po.keep_total = true;
	po.n_threads = options_n_threads();
	po.plan = o.plan ? &plan : NULL;
	po.site = site_options_any(&o.site) ? &o.export_site.terms : NULL;
	po.lineage_tgid = command.pid;
	loop_block_signals();
	err = pipeline_new(&po, &p, &why);
	if (!err)
		err = loop_new(o.pipeline.interval_ns, pipeline_poll_interval_ns(p), &loop);
	if (err) {
		command_cancel(&command);
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		code = EXIT_FAILED;
	} else {
		code = run_command(&o, p, loop, &command, args.v);
	}
	if (pipeline_free(p) && code == EXIT_DONE)
		code = EXIT_FAILED;
	loop_free(loop);
	return code;
}
