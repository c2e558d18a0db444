/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_repeat.c - `jouletrail run -r N`, `--versus CMD`: runs of one command, or of two in turns. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "cli/run.h"
#include "daemon/conductor.h"
#include "daemon/loop.h"
#include "daemon/machine.h"
#include "export/repeats.h"
#include "quant/repeats.h"

#define MAX_COMMANDS 2
/* The second command's error of the split is a draw of its own. */
#define OTHER_SPLIT 1000

struct series {
	char *const *command;
	struct export_one *run;
	size_t n;
	struct quant_value energy, co2e; /* of all its runs */
};

struct repeat {
	const struct run_options *o;
	struct pipeline *pipeline;
	struct loop *loop;
	struct conductor conductor;
	struct run_watch *watch;
	struct series series[MAX_COMMANDS];
	size_t n_series;
	struct series *of;	/* whose run goes on, … */
	struct export_one *now; /* … and which; NULL: nobody's, or to warm up */
	bool stopped;		/* by a signal */
};

/* The sink: ticks end with every run, so that each is one run's or nobody's. */
static void repeat_publish(const struct tick *t, void *arg)
{
	struct quant_value energy, co2e;
	struct repeat *r = arg;
	struct sample sum;

	run_watch_tick(t, r->watch);
	if (!r->now)
		return;
	carbon_sum(t, JT_CELL_LINEAGE, &sum, NULL);
	carbon_values(t, &sum, &energy, &co2e);
	quant_value_add(&r->of->energy, &energy);
	quant_value_add(&r->of->co2e, &co2e);
	r->now->energy_uj += sum.energy_uj;
	r->now->co2e_ug += sum.co2e_ug;
	r->now->cpu_ns += sum.cpu_ns;
	r->now->known &= t->quality != ENERGY_MISSING;
}

/* Until the command has ended; the last window ends with it. */
static int repeat_wait(struct repeat *r)
{
	struct conductor *c = &r->conductor;
	enum loop_event event;
	int err = 0;

	while (!err && !c->run.ended) {
		err = loop_wait(r->loop, &event);
		if (err)
			return err;
		if (event == LOOP_STOP) {
			r->stopped = true;
			/* A terminal sends Ctrl-C to all of us; the others come to us alone. */
			if (loop_stop_signal(r->loop) != SIGINT && c->run.pid)
				kill(c->run.pid, loop_stop_signal(r->loop));
		} else if (event == LOOP_POLL) {
			pipeline_poll(r->pipeline);
		} else if (event == LOOP_WINDOW) {
			err = pipeline_step(r->pipeline, false);
		}
		if (!err)
			err = conductor_look(c);
	}
	return err ? err : pipeline_step(r->pipeline, true);
}

/* One run of a series; NULL: to warm up. Returns 0 or -errno; its status is the conductor's. */
static int repeat_once(struct repeat *r, size_t which, struct export_one *one)
{
	uint64_t n_tasks = pipeline_n_lineage_tasks(r->pipeline);
	const struct conductor_run *run = &r->conductor.run;
	int err;

	r->of = &r->series[which];
	r->now = one;
	if (one)
		*one = (struct export_one){ .known = true };
	err = conductor_start(&r->conductor, which);
	if (!err)
		err = repeat_wait(r);
	r->now = NULL;
	if (err || !one)
		return err;
	one->wall_ns = run->ended_mono_ns - run->began_mono_ns;
	one->exit_status = run->exit_status;
	one->n_tasks = pipeline_n_lineage_tasks(r->pipeline) - n_tasks;
	r->of->n++;
	return 0;
}

/* Whether that was the last one, said where something is wrong. */
static bool repeat_ends(const struct repeat *r, size_t which)
{
	const struct conductor_run *run = &r->conductor.run;
	const char *name = r->series[which].command[0];

	if (run->exec_errno) {
		log_error("cannot run %s: %s", name, strerror(run->exec_errno));
		return true;
	}
	if (r->stopped)
		return true;
	if (!run->exit_status || r->o->ignore_failure)
		return false;
	run_watch_clear(r->watch);
	log_error("%s ended with status %d: no more runs (--ignore-failure goes on)", name,
		  run->exit_status);
	return true;
}

/* A B, B A, A B …: what drifts steadily is the same for both. Returns 0 or -errno. */
static int repeat_all(struct repeat *r)
{
	uint64_t n_rounds = r->o->n_warmups + r->o->n_repeats;
	int err;

	/* What was before the first run is nobody's. */
	err = pipeline_step(r->pipeline, true);
	for (uint64_t i = 0; i < n_rounds; i++) {
		bool measured = i >= r->o->n_warmups;

		r->watch->n_runs = measured ? r->o->n_repeats : 0;
		r->watch->run = measured ? i - r->o->n_warmups + 1 : 0;
		for (size_t k = 0; k < r->n_series && !err; k++) {
			size_t which = i % 2 ? r->n_series - 1 - k : k;
			struct series *s = &r->series[which];

			err = repeat_once(r, which, measured ? &s->run[s->n] : NULL);
			if (!err && repeat_ends(r, which))
				return 0;
		}
		if (err)
			return err;
	}
	return err;
}

enum quantity { OF_ENERGY, OF_CO2E, OF_CPU, OF_WALL };

static uint64_t figure_of(const struct export_one *one, enum quantity q)
{
	switch (q) {
	case OF_ENERGY:
		return one->energy_uj;
	case OF_CO2E:
		return one->co2e_ug;
	case OF_CPU:
		return one->cpu_ns / JT_NS_PER_US;
	default:
		return one->wall_ns / JT_NS_PER_US;
	}
}

static uint64_t rounded(double x)
{
	return (uint64_t)llround(x);
}

/* all: the sum with its common parts; NULL = it has none. x has room for the runs. */
static struct export_spread spread_of(const struct series *s, enum quantity q,
				      const struct quant_value *all, double *x)
{
	struct export_spread ret = { .known = s->n > 0 };
	struct quant_interval i = { 0 };
	struct quant_value none = { 0 };
	struct quant_repeats r;

	for (size_t k = 0; k < s->n; k++) {
		x[k] = (double)figure_of(&s->run[k], q);
		none.value += x[k];
		ret.known &= !all || s->run[k].known;
	}
	if (!ret.known)
		return ret;
	quant_repeats_of(x, s->n, &r);
	i = quant_repeats_interval(&r, &none);
	ret.runs = quant_interval_round(&i, rounded(r.mean));
	if (all && all->value > 0)
		i = quant_repeats_interval(&r, all);
	ret.both = quant_interval_round(&i, rounded(r.mean));
	ret.least = rounded(r.least);
	ret.median = rounded(r.median);
	ret.most = rounded(r.most);
	ret.n_outliers = r.n_outliers;
	return ret;
}

/* In ln space: what of the two series' meters, split and grid does not cancel. */
static double common_sd(const struct quant_value *b, const struct quant_value *a)
{
	struct quant_value other = *b, one = *a;
	struct quant_spread s;

	if (!(b->value > 0) || !(a->value > 0))
		return 0;
	for (size_t i = 0; i < other.n; i++)
		if (other.part[i].id == CARBON_PART_SPLIT)
			other.part[i].id = OTHER_SPLIT;
	other.random_var = one.random_var = 0;
	quant_ratio_spread(&other, &one, &s);
	return sqrt(quant_spread_variance(&s));
}

/* The first series over the second. Returns why there is none, or NULL. */
static const char *ratio_of(const struct repeat *r, enum quantity q, double sd, double *x,
			    struct export_ratio *ret)
{
	const struct series *b = &r->series[0], *a = &r->series[1];
	size_t n = b->n < a->n ? b->n : a->n;
	struct quant_ratio ratio;

	for (size_t i = 0; i < n; i++) {
		bool known = b->run[i].known && a->run[i].known;

		if (!known && (q == OF_ENERGY || q == OF_CO2E))
			return "some of it is missing";
		x[i] = (double)figure_of(&b->run[i], q);
		x[n + i] = (double)figure_of(&a->run[i], q);
	}
	if (quant_repeats_ratio(x, x + n, n, sd, &ratio))
		return "a run used none that was counted";
	*ret = (struct export_ratio){ comparable_ppm(ratio.ratio), comparable_ppm(ratio.low),
				      comparable_ppm(ratio.high), comparable_ppm(ratio.less) };
	return NULL;
}

static void compare(const struct repeat *r, double *x, struct export_repeats *ret)
{
	const struct series *b = &r->series[0], *a = &r->series[1];

	if (r->n_series < 2 || b->n < 2 || a->n < 2)
		return;
	ret->compared = !ratio_of(r, OF_WALL, 0, x, &ret->wall);
	ret->energy_why =
		ratio_of(r, OF_ENERGY, common_sd(&b->energy, &a->energy), x, &ret->energy);
	ret->co2e_why = ratio_of(r, OF_CO2E, common_sd(&b->co2e, &a->co2e), x, &ret->co2e);
}

static int repeat_report(const struct repeat *r)
{
	CLEANUP(cleanup_free) double *x = calloc(2 * r->o->n_repeats, sizeof(*x));
	struct export_run session = { .command = r->series[0].command,
				      .power_source = pipeline_power_choice(r->pipeline),
				      .ledger_dir = r->o->pipeline.ledger_dir,
				      .n_ledger_records = pipeline_n_ledger_records(r->pipeline) };
	struct export_repeats e = { .session = &session,
				    .n_warmups = r->o->n_warmups,
				    .n_commands = r->n_series };
	CLEANUP(buf_free) struct buf text = { 0 };
	char machine[MACHINE_ID_LEN];
	struct tick *total;
	int err = x ? pipeline_total(r->pipeline, &total) : -ENOMEM;

	if (err)
		return err;
	session.total = total;
	session.machine = machine_id(r->o->pipeline.root, machine) ? NULL : machine;
	/* The conductor itself is always there. */
	session.n_survivors = pipeline_n_lineage_alive(r->pipeline);
	session.n_survivors -= session.n_survivors ? 1 : 0;
	for (size_t i = 0; i < r->n_series; i++) {
		const struct series *s = &r->series[i];

		e.command[i] = (struct export_repeated){
			.command = s->command,
			.n = s->n,
			.run = s->run,
			.energy = spread_of(s, OF_ENERGY, &s->energy, x),
			.co2e = spread_of(s, OF_CO2E, &s->co2e, x),
			.cpu = spread_of(s, OF_CPU, NULL, x),
			.wall = spread_of(s, OF_WALL, NULL, x),
		};
	}
	compare(r, x, &e);
	export_repeats_report(&text, r->o->format, &e);
	return run_write(r->o, &text);
}

/* From the attached pipeline on. Returns the exit code. */
static int repeat_measure(struct repeat *r)
{
	int err = repeat_all(r), status = r->conductor.run.exit_status;
	bool any = true;

	run_watch_clear(r->watch);
	if (err)
		log_error("measuring stopped: %s", strerror(-err));
	for (size_t i = 0; i < r->n_series; i++)
		any &= r->series[i].n > 0;
	/* Where a run failed, what others took is not what was asked for. */
	if (!err && any && (!status || r->o->ignore_failure || r->stopped)) {
		err = repeat_report(r);
		if (err)
			log_error("cannot write the report%s%s: %s", r->o->output ? " to " : "",
				  r->o->output ? r->o->output : "", strerror(-err));
	}
	if (pipeline_ledger_failed(r->pipeline))
		err = -EIO;
	return status && !(r->o->ignore_failure && !r->stopped) ? status
	       : err						? EXIT_FAILED
								: EXIT_DONE;
}

int run_repeat(const struct run_options *o, const struct pipeline_options *asked,
	       struct run_watch *watch, char *const *argv)
{
	struct pipeline_options po = *asked;
	char *const other[] = { (char *)"sh", (char *)"-c", (char *)o->versus, NULL };
	struct repeat r = { .o = o,
			    .watch = watch,
			    .series = { { .command = argv }, { .command = other } },
			    .n_series = o->versus ? 2 : 1 };
	char *const *const commands[] = { argv, other };
	struct why why = { "" };
	int code = EXIT_FAILED;
	int err = 0;

	for (size_t i = 0; i < r.n_series && !err; i++) {
		r.series[i].run = calloc(o->n_repeats, sizeof(struct export_one));
		err = r.series[i].run ? 0 : -ENOMEM;
	}
	if (!err)
		err = conductor_fork(commands, r.n_series, STDOUT_FILENO, &r.conductor);
	loop_block_signals();
	po.lineage_tgid = r.conductor.pid;
	po.publish = repeat_publish;
	po.publish_arg = &r;
	if (!err)
		err = pipeline_new(&po, &r.pipeline, &why);
	if (!err)
		err = loop_new(o->pipeline.interval_ns, pipeline_poll_interval_ns(r.pipeline),
			       &r.loop);
	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	else
		code = repeat_measure(&r);
	conductor_end(&r.conductor);
	if (pipeline_free(r.pipeline) && code == EXIT_DONE)
		code = EXIT_FAILED;
	loop_free(r.loop);
	free(r.series[0].run);
	free(r.series[1].run);
	return code;
}
