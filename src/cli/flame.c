/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame.c - `jouletrail flame`: where in the code a command's energy went, or a process's. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "cli/commands.h"
#include "cli/flame.h"
#include "cli/options.h"
#include "cli/pipeline_rows.h"
#include "daemon/command.h"
#include "daemon/loop.h"
#include "daemon/pipeline.h"
#include "export/export.h"

struct flame_options {
	const char *format;
	const char *output;
	uint64_t pid;
	uint64_t frequency_hz;
	uint64_t duration_ns;
	bool all;
	struct pipeline_settings pipeline;
};

static const struct option_row flame_rows[] = {
	{ .name = "format",
	  .letter = 'f',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct flame_options, format),
	  .arg = "FORMAT",
	  .help = "how the graph is written (svg)",
	  .values = "svg folded json" },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_STRING,
	  .offset = offsetof(struct flame_options, output),
	  .arg = "FILE",
	  .help = "write it there, not to standard output" },
	{ .name = "pid",
	  .letter = 'p',
	  .type = OPTION_U64,
	  .offset = offsetof(struct flame_options, pid),
	  .arg = "PID",
	  .help = "a process, and what it starts from now on",
	  .min = 1,
	  .max = INT32_MAX },
	{ .name = "all",
	  .letter = 'a',
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct flame_options, all),
	  .help = "the whole machine" },
	{ .name = "frequency",
	  .letter = 'F',
	  .type = OPTION_U64,
	  .offset = offsetof(struct flame_options, frequency_hz),
	  .arg = "HZ",
	  .help = "samples per second of CPU time (99)",
	  .min = 1,
	  .max = STACKS_MAX_HZ },
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct flame_options, duration_ns),
	  .arg = "TIME",
	  .help = "stop after that long (with -p or -a)" },
	PIPELINE_ROWS_AS(struct flame_options, pipeline, 0, "process thread"),
};

static const struct options_spec flame_spec = {
	.command = "flame",
	.arguments = "-p PID | -a | -- CMD [ARG…]",
	.about = "An energy flame graph: stack samples weighted with the energy of their time.\n"
		 "Of a command (whose exit status is passed on), a process, or the machine.",
	.row = flame_rows,
	.n_rows = ARRAY_LENGTH(flame_rows),
	.configured = true,
	.max_arguments = -1,
	.stop_at_argument = true,
};

struct flame {
	const struct flame_options *o;
	enum flame_format format;
	char *const *argv;	/* of the command; NULL = none */
	struct command command; /* pid 0 = none */
	struct stacks *stacks;
	struct profile *profile;
	struct pipeline *pipeline;
	struct loop *loop;
	int out_fd;
	int err; /* of a window's stacks */
};

/* The sink: a window's energy over its stacks. */
static void flame_publish(const struct tick *t, void *arg)
{
	const struct stack_window *w;
	struct flame *f = arg;

	if (!f->err)
		f->err = profile_begin(f->profile, t);
	if (!f->err)
		f->err = stacks_read(f->stacks, t->window.end_mono_ns, profile_wanted, f->profile,
				     &w);
	if (!f->err)
		f->err = profile_end(f->profile, t, w);
}

/* Whether that was the end: of the command, of the process, of the time, or by a signal. */
static bool flame_is_over(struct flame *f, enum loop_event event, uint64_t end_mono_ns)
{
	if (f->command.pid) {
		/* A terminal sends Ctrl-C to both of us; the others come to us alone. */
		if (event == LOOP_STOP && loop_stop_signal(f->loop) != SIGINT)
			kill(f->command.pid, loop_stop_signal(f->loop));
		command_reap(&f->command);
		return f->command.ended;
	}
	if (event == LOOP_STOP || (end_mono_ns && clock_mono_ns() >= end_mono_ns))
		return true;
	return f->o->pid && event == LOOP_WINDOW && !pipeline_n_lineage_alive(f->pipeline);
}

static int flame_measure(struct flame *f)
{
	uint64_t end_mono_ns = f->o->duration_ns ? clock_mono_ns() + f->o->duration_ns : 0;
	enum loop_event event;
	bool over = false;
	int err = 0;

	while (!err && !over) {
		err = loop_wait(f->loop, &event);
		if (err)
			return err;
		stacks_poll(f->stacks);
		if (event == LOOP_POLL)
			pipeline_poll(f->pipeline);
		if (event == LOOP_WINDOW)
			err = pipeline_step(f->pipeline, true);
		over = flame_is_over(f, event, end_mono_ns);
		if (!err)
			err = f->err;
	}
	if (!err)
		err = pipeline_step(f->pipeline, true);
	return err ? err : f->err;
}

static int flame_report(struct flame *f)
{
	struct export_flame x = { .command = f->argv,
				  .pid = (uint32_t)f->o->pid,
				  .frequency_hz = (unsigned int)f->o->frequency_hz };
	struct sample sum;
	struct tick *total;
	int err = pipeline_total(f->pipeline, &total);

	if (err) {
		log_error("no total: %s", strerror(-err));
		return err;
	}
	carbon_sum(total, JT_CELL_LINEAGE, &sum, NULL);
	x.total = total;
	x.cpu_ns = f->o->all ? total->books.task_ns : sum.cpu_ns;
	x.energy = f->o->all ? total->host_energy : sum.energy;
	if (!export_has_energy(total)) {
		log_error("no energy is known here: there is nothing to weigh stacks with; see "
			  "`jouletrail doctor`");
		return -ENODATA;
	}
	if (profile_energy_uj(f->profile) != x.energy.value)
		log_warning("the graph has %" PRIu64 " µJ of %" PRIu64,
			    profile_energy_uj(f->profile), x.energy.value);
	return flame_write(&x, f->format, f->profile, f->stacks, f->out_fd,
			   f->o->output ? f->o->output : "standard output");
}

/* Lets the command go, if there is one, measures and reports. Returns the exit code. */
static int flame_run(struct flame *f)
{
	int err = f->command.pid ? command_release(&f->command) : 0;
	int status;

	if (err) {
		waitpid(f->command.pid, &f->command.wait_status, 0);
		log_error("cannot run %s: %s", f->argv[0], strerror(-err));
		return command_exit_status(&f->command);
	}
	err = flame_measure(f);
	if (err) {
		log_error("measuring stopped: %s%s", strerror(-err),
			  f->command.pid ? "; the command goes on" : "");
		if (f->command.pid && !f->command.ended)
			waitpid(f->command.pid, &f->command.wait_status, 0);
	} else {
		err = flame_report(f);
	}
	if (pipeline_ledger_failed(f->pipeline))
		err = -EIO;
	/* The command's own failure says more than ours. */
	status = f->command.pid ? command_exit_status(&f->command) : 0;
	return status ? status : err ? EXIT_FAILED : EXIT_DONE;
}

/* Many CPUs and many mapped files: as many descriptors as there may be. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int flame_open(struct flame *f, enum record_kind by, struct why *why)
{
	struct stacks_options so = { .frequency_hz = (unsigned int)f->o->frequency_hz,
				     .root = f->o->pipeline.root };
	struct pipeline_options po = pipeline_settings_options(&f->o->pipeline, by);
	uint64_t poll_ns;
	int err;

	po.tick_ns = f->o->pipeline.interval_ns;
	po.keep_total = true;
	po.n_threads = options_n_threads();
	po.lineage_tgid = f->command.pid ? f->command.pid : (pid_t)f->o->pid;
	po.publish = flame_publish;
	po.publish_arg = f;
	loop_block_signals();
	raise_descriptors();
	err = stacks_new(&so, &f->stacks, why);
	if (!err)
		err = profile_new(f->o->all, stacks_table(f->stacks), &f->profile);
	if (!err)
		err = pipeline_new(&po, &f->pipeline, why);
	if (err)
		return err;
	if (f->o->pid && !pipeline_n_lineage_tasks(f->pipeline))
		return why_set(why, -ESRCH, "there is no process %" PRIu64, f->o->pid);
	poll_ns = pipeline_poll_interval_ns(f->pipeline);
	if (poll_ns > stacks_poll_interval_ns(f->stacks))
		poll_ns = stacks_poll_interval_ns(f->stacks);
	return loop_new(f->o->pipeline.interval_ns, poll_ns, &f->loop);
}

/* Before anything is measured: an hour's profile must not end at a file that cannot be written. */
static int flame_open_output(const struct flame_options *o, enum flame_format f)
{
	int fd, err;

	if (!o->output) {
		if (f != FLAME_SVG || !isatty(STDOUT_FILENO))
			return STDOUT_FILENO;
		log_error("flame: a picture is nothing for a terminal; give -o FILE.svg");
		return -EINVAL;
	}
	fd = open(o->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		return fd;
	err = -errno;
	log_error("cannot write the graph to %s: %s", o->output, strerror(-err));
	return err;
}

/* Exactly one thing to look at, in a way that goes together. Logs what is wrong. */
static bool flame_check(const struct flame_options *o, const struct options_arguments *args,
			struct flame *f, enum record_kind *ret_by)
{
	const char *wrong = NULL;

	if ((o->pid != 0) + o->all + (args->n > 0) != 1)
		wrong = "give one of -p PID, -a, or a command behind --";
	else if (args->n && o->duration_ns)
		wrong = "a command ends by itself: --duration is for -p and -a";
	else if (o->format && flame_format_parse(o->format, &f->format))
		wrong = "--format is svg, folded or json";
	else if (o->pipeline.ledger_dir && !strcmp(o->pipeline.ledger_dir, "-"))
		wrong = "the ledger cannot go to standard output";
	if (!wrong && by_rows_kind(o->pipeline.by, RECORD_PROCESS, ret_by))
		return false;
	if (!wrong && !record_kind_is_task(*ret_by))
		wrong = "samples are of processes: --by is process or thread";
	if (wrong)
		log_error("flame: %s", wrong);
	return !wrong;
}

int flame_main(int argc, char **argv)
{
	struct flame_options o = { .pipeline = PIPELINE_SETTINGS_DEFAULT, .frequency_hz = 99 };
	struct flame f = { .o = &o };
	struct options_arguments args;
	struct why why = { "" };
	enum record_kind by;
	int code, err;

	(void)argc;
	if (!options_begin(&flame_spec, argv, &o, &args, &code))
		return code;
	if (!flame_check(&o, &args, &f, &by))
		return EXIT_USAGE;
	f.out_fd = flame_open_output(&o, f.format);
	if (f.out_fd < 0)
		return f.out_fd == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	f.argv = args.n ? args.v : NULL;
	/* Before anything is opened or blocked: the command inherits what we were given. */
	err = args.n ? command_fork(args.v, STDOUT_FILENO, &f.command) : 0;
	if (!err)
		err = flame_open(&f, by, &why);
	if (err) {
		command_cancel(&f.command);
		log_error("%s", why.text[0] ? why.text : strerror(-err));
		code = EXIT_FAILED;
	} else {
		code = flame_run(&f);
	}
	if (pipeline_free(f.pipeline) && code == EXIT_DONE)
		code = EXIT_FAILED;
	loop_free(f.loop);
	profile_free(f.profile);
	stacks_free(f.stacks);
	if (f.out_fd != STDOUT_FILENO)
		close(f.out_fd);
	return code;
}
