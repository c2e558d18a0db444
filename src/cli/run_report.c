/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_report.c - what `jouletrail run` says in the end, and where it goes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "carbon/carbon.h"
#include "cli/emissions.h"
#include "cli/explain.h"
#include "cli/output.h"
#include "cli/run.h"
#include "daemon/machine.h"

int run_write(const struct run_options *o, const struct buf *text)
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
		explain_write(text, r->attached ? r->attached : "the command", r->budget,
			      r->n_budget, r->total->intensity.is_default);
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

/* A row of it, where one was asked for. Returns 0 or -errno, logged. */
static int run_emissions(const struct run_options *o, const struct export_run *r)
{
	struct buf row = { 0 };
	struct why why = { "" };
	char path[PATH_MAX];
	int err;

	if (!o->emissions)
		return 0;
	emissions_row(&row, o->pipeline.root, r);
	err = emissions_append(o->emissions, &row, path, &why);
	if (err)
		log_error("no row of this run: %s", why.text);
	else if (strcmp(path, o->emissions) != 0)
		log_warning("%s has other columns than CodeCarbon 3.3's: the row is in %s",
			    o->emissions, path);
	buf_free(&row);
	return err;
}

/* What was measured, of all that the total has: it is marked there for the lists. */
static void run_sum(struct tick *total, const struct run_outcome *outcome, struct sample *ret)
{
	for (size_t i = 0; outcome->is_cgroup && i < total->n_samples; i++)
		if (carbon_is_below(&total->sample[i], outcome->attached))
			total->sample[i].flags |= JT_CELL_LINEAGE;
	carbon_sum(total, JT_CELL_LINEAGE, ret, NULL);
}

int run_report(const struct run_options *o, struct pipeline *p, const struct run_outcome *outcome)
{
	static char *const nothing[] = { NULL };
	struct sample sum;
	struct export_run r = {
		.command = outcome->command ? outcome->command : nothing,
		.subject = outcome->subject,
		.attached = outcome->attached,
		.exit_status = outcome->exit_status,
		.wall_ns = outcome->wall_ns,
		.power_source = pipeline_power_choice(p),
		.command_total = &sum,
		.n_tasks = pipeline_n_lineage_tasks(p),
		.n_survivors = outcome->command ? pipeline_n_lineage_alive(p) : 0,
		.ledger_dir = o->pipeline.ledger_dir,
		.n_ledger_records = pipeline_n_ledger_records(p),
		.daemon = outcome->daemon,
	};
	struct buf text = { 0 };
	struct export_site site;
	struct tick *total;
	int err = pipeline_total(p, &total), differs = 0, appended = 0;

	if (!err) {
		run_sum(total, outcome, &sum);
		r.site = run_site(o, total, &sum, r.wall_ns, &site);
		r.total = total;
		differs = run_text(o, &r, &text);
		err = run_write(o, &text);
		appended = run_emissions(o, &r);
	}
	if (err)
		log_error("cannot write the report%s%s: %s", o->output ? " to " : "",
			  o->output ? o->output : "", strerror(-err));
	buf_free(&text);
	return err ? err : differs ? differs : appended;
}
