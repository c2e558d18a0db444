/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* human.c - run's one screen of 80 columns: what was used, where the rest went, how sure it is. */
#include <inttypes.h>
#include <string.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "export/number.h"
#include "export/outputs.h"
#include "export/parts.h"
#include "export/text.h"

#define HUMAN_MAX_CONSUMERS 10
/* Columns of the figures at the top, and of a consumer's name. */
#define HUMAN_FIGURE 32
#define HUMAN_NAME   30

static void human_title(struct buf *out, const struct export_run *r)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	for (char *const *arg = r->command; *arg; arg++)
		buf_printf(&line, "%s%s", arg == r->command ? "" : " ", *arg);
	buf_printf(out, "\n Energy and carbon of %s%s", r->attached ? r->subject : "'",
		   r->attached ? " " : "");
	if (r->attached)
		text_put_escaped_end(out, r->attached, 46);
	else
		text_put_escaped(out, line.err || !line.data ? "" : line.data, 54);
	buf_puts(out, r->attached ? "\n\n" : "'\n\n");
}

/* "      FIGURE                  what it is" */
void parts_human_figure(struct buf *out, const struct buf *figure, const char *what)
{
	size_t start = out->len;

	buf_puts(out, "    ");
	buf_puts(out, figure->err || !figure->data ? "" : figure->data);
	text_pad(out, start, 4 + HUMAN_FIGURE);
	buf_printf(out, " %s\n", what);
}

const char *parts_human_quality(const struct tick *t)
{
	if (t->quality != ENERGY_MISSING)
		return energy_quality_name(t->quality);
	return t->host.energy_uj ? "in part missing, see the gaps" : "missing";
}

static void human_figures(struct buf *out, const struct export_run *r)
{
	CLEANUP(buf_free) struct buf figure = { 0 };
	const struct tick *t = r->total;
	bool known = export_has_energy(t);
	char what[160];

	if (known)
		export_human_energy(&figure, &r->command_total->energy);
	else
		buf_puts(&figure, "unknown");
	snprintf(what, sizeof(what), "energy (%s)", parts_human_quality(t));
	parts_human_figure(out, &figure, what);

	buf_reset(&figure);
	if (known)
		export_human_co2e(&figure, &r->command_total->co2e);
	else
		buf_puts(&figure, "unknown");
	snprintf(what, sizeof(what), "carbon, zone %s%s", t->intensity.zone,
		 t->intensity.is_default ? " (NONE GIVEN)" : "");
	parts_human_figure(out, &figure, what);

	buf_reset(&figure);
	text_put_time(&figure, r->wall_ns);
	snprintf(what, sizeof(what), "wall time on %u CPU%s", t->n_cpus, t->n_cpus == 1 ? "" : "s");
	if (!r->attached)
		snprintf(what + strlen(what), sizeof(what) - strlen(what), ", exit status %d",
			 r->exit_status);
	parts_human_figure(out, &figure, what);

	buf_reset(&figure);
	text_put_time(&figure, r->command_total->cpu_ns);
	snprintf(what, sizeof(what), "CPU time");
	if (r->n_tasks)
		snprintf(what, sizeof(what), "CPU time of %" PRIu64 " task%s", r->n_tasks,
			 r->n_tasks == 1 ? "" : "s");
	parts_human_figure(out, &figure, what);
}

/* The host's energy in parts that add up as printed. */
static void human_host(struct buf *out, const struct export_run *r)
{
	const char *const names[] = { r->attached ? "what was attached to" : "the command",
				      "other consumers", "idle", "not attributed" };
	const struct tick *t = r->total;
	uint64_t command = r->command_total->energy_uj, sum = 0;
	uint64_t others = t->host.attributed_uj > command ? t->host.attributed_uj - command : 0;
	uint64_t part[] = { command, others, t->host.idle_uj, t->host.unattributed_uj };
	struct number_scale s = number_scale_interval(&t->host_energy);
	CLEANUP(buf_free) struct buf cell = { 0 };

	if (!export_has_energy(t))
		return;
	/* The parts of one figure share its error: a digit more still says something of them. */
	if (s.digits < (int)s.exp10)
		s.digits++;
	number_round_parts(part, 4, &s);
	buf_puts(out, "\n Where the host's energy went:\n");
	for (size_t i = 0; i < 4; i++) {
		sum += part[i];
		buf_reset(&cell);
		number_put(&cell, part[i], &s);
		buf_printf(&cell, " %sJ", s.prefix);
		text_put_right(out, cell.err ? "" : cell.data, 16);
		buf_printf(out, "   %s\n", names[i]);
	}
	buf_reset(&cell);
	number_put(&cell, sum, &s);
	buf_printf(&cell, " %sJ", s.prefix);
	text_put_right(out, cell.err ? "" : cell.data, 16);
	buf_puts(out, "   the host: ");
	export_human_energy(out, &t->host_energy);
	buf_putc(out, '\n');
}

/* The command's carbon with what the site and the machine add. */
static void human_site(struct buf *out, const struct export_run *r)
{
	if (!r->site || !r->site->known || !export_has_energy(r->total))
		return;
	buf_puts(out, "\n The command with its site and machine:\n");
	export_human_site(out, r->site);
	export_human_terms(out, &r->site->terms);
}

static void human_consumer(struct buf *out, const struct tick *t, const struct sample *s)
{
	CLEANUP(buf_free) struct buf cell = { 0 };
	size_t start = out->len;

	buf_putc(out, s->flags & JT_CELL_LINEAGE ? '*' : ' ');
	parts_human_name(out, s, HUMAN_NAME);
	text_pad(out, start, 1 + HUMAN_NAME);
	if (record_kind_is_task(s->kind) && s->tgid)
		buf_printf(out, " %9" PRIu32, s->pid ? s->pid : s->tgid);
	else
		buf_printf(out, " %9s", "-");
	text_put_time(&cell, s->cpu_ns);
	buf_putc(out, ' ');
	text_put_right(out, cell.err ? "" : cell.data, 11);
	buf_puts(out, "  ");
	if (export_has_energy(t))
		export_human_energy(out, &s->energy);
	else
		buf_puts(out, "unknown");
	buf_putc(out, '\n');
}

static void human_consumers(struct buf *out, const struct export_run *r)
{
	const struct tick *t = r->total;
	size_t n = t->n_samples < HUMAN_MAX_CONSUMERS ? t->n_samples : HUMAN_MAX_CONSUMERS;

	if (!n)
		return;
	buf_printf(out, "\n %-30s %9s %11s  %s\n",
		   r->attached ? "Consumers (* of it)" : "Consumers (* the command's)", "pid",
		   "CPU time", "energy");
	for (size_t i = 0; i < n; i++)
		human_consumer(out, t, &t->sample[i]);
	if (n < t->n_samples)
		buf_printf(out, " … and %zu more\n", t->n_samples - n);
}

/* Who measured, and why the host's figures are of a longer time than the command's. */
static void human_daemon(struct buf *out, const struct export_run *r)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const struct tick *t = r->total;

	if (!r->daemon || !t->n_windows)
		return;
	buf_puts(&line, "By the daemon at ");
	text_put_escaped(&line, r->daemon, 0);
	buf_printf(&line, ", in %" PRIu64 " window%s of ", t->n_windows,
		   t->n_windows == 1 ? "" : "s");
	text_put_time(&line, window_length_ns(&t->window) / t->n_windows);
	buf_puts(&line, ": the first begins before the command and the last ends after it, and the "
			"host's figures are of all of them.");
	text_put_folded(out, line.err ? "" : line.data);
}

/* What a reader must know before the figures are used. */
void parts_human_notes(struct buf *out, const struct export_run *r)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const struct tick *t = r->total;

	buf_printf(&line, "Power: ");
	text_put_escaped(&line, r->power_source, 0);
	buf_putc(&line, '.');
	buf_putc(out, '\n');
	text_put_folded(out, line.err ? "" : line.data);
	parts_human_intensity(out, t);
	parts_human_method(out, t);
	parts_human_conservation(out, t);
	parts_human_gaps(out, t);
	parts_human_lost(out, t);
	human_daemon(out, r);
	if (r->n_survivors) {
		buf_reset(&line);
		buf_printf(&line,
			   "%" PRIu64 " of the command's processes outlived it: what they use from "
			   "now on is not in here.",
			   r->n_survivors);
		text_put_folded(out, line.err ? "" : line.data);
	}
	if (r->ledger_dir) {
		buf_reset(&line);
		buf_printf(&line, "Ledger: %" PRIu64 " records in ", r->n_ledger_records);
		if (strcmp(r->ledger_dir, "-") == 0) {
			buf_puts(&line, "the stream on standard output.");
		} else {
			text_put_escaped(&line, r->ledger_dir, 0);
			buf_puts(&line, " (check: jouletrail verify DIR).");
		}
		text_put_folded(out, line.err ? "" : line.data);
	}
	buf_putc(out, '\n');
}

void output_human_run(struct buf *out, const struct export_run *r)
{
	human_title(out, r);
	human_figures(out, r);
	human_host(out, r);
	human_site(out, r);
	human_consumers(out, r);
	parts_human_branches(out, r->total);
	parts_human_notes(out, r);
}
