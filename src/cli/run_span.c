/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_span.c - `jouletrail run` without root: the command is a span of the daemon's. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "cli/run.h"
#include "cli/run_control.h"
#include "daemon/command.h"

/* What the daemon said of it, once it has ended. Returns 0 or -errno, logged. */
static int span_report(const struct run_options *o, const struct pipeline_options *po,
		       struct run_control *r, const struct command *c)
{
	const struct run_outcome outcome = {
		.command = c->argv,
		.exit_status = command_exit_status(c),
		.wall_ns = c->ended_mono_ns - c->released_mono_ns,
		.daemon = run_control_path(r),
	};
	struct pipeline *p = NULL;
	struct why why = { "" };
	int err = run_control_pipeline(r, po, &p, &why);

	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	else
		err = run_report(o, p, &outcome);
	pipeline_free(p);
	return err;
}

/* The command as a span of the daemon's. Returns the exit code. */
static int span_run(const struct run_options *o, const struct pipeline_options *po,
		    struct run_control *r, struct command *c)
{
	struct why why = { "" };
	int err = run_control_check(&o->pipeline, po->by, &why), cut;

	if (!err)
		err = run_control_begin(r, c, o->pipeline.capture, &why);
	if (err) {
		command_cancel(c);
		log_error("%s", why.text);
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	err = command_release(c);
	if (err) {
		waitpid(c->pid, &c->wait_status, 0);
		log_error("cannot run %s: %s", c->argv[0], strerror(-err));
		return command_exit_status(c);
	}
	cut = run_control_wait(r, c, &why);
	if (cut)
		log_error("%s: what follows is of the time until then", why.text);
	err = span_report(o, po, r, c) ?: cut;
	return command_exit_status(c) ? command_exit_status(c) : err ? EXIT_FAILED : EXIT_DONE;
}

int run_by_daemon(const struct run_options *o, const struct pipeline_options *po,
		  struct command *command, const struct why *refused)
{
	struct run_control *r = NULL;
	struct why why = { "" };
	int err = run_control_new(o->control, &r, &why), code = EXIT_FAILED;

	if (!err) {
		code = span_run(o, po, r, command);
	} else {
		command_cancel(command);
		if (o->control)
			log_error("%s", why.text);
		else
			log_error("%s; or ask for the daemon: docs/operations.md (%s)",
				  refused->text, why.text);
	}
	run_control_free(r);
	return code;
}
