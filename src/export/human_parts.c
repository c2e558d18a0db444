/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* human_parts.c - the lines that run's and top's screens share. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/parts.h"
#include "export/text.h"

/* Gaps listed one by one; the rest is counted. */
#define HUMAN_MAX_GAPS 3

void parts_human_g_per_kwh(struct buf *out, uint64_t mg)
{
	uint64_t tenths = (mg + 50) / 100;

	if (tenths >= 1000 || tenths % 10 == 0)
		buf_printf(out, "%" PRIu64, (mg + 500) / 1000);
	else
		buf_printf(out, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

void parts_human_intensity(struct buf *out, const struct tick *t)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const struct intensity *i = &t->intensity;

	buf_printf(&line, "Grid: %s", i->zone);
	if (i->zone_name)
		buf_printf(&line, " (%s)", i->zone_name);
	buf_puts(&line, ", ");
	parts_human_g_per_kwh(&line, i->mg_per_kwh);
	buf_puts(&line, " g/kWh [");
	parts_human_g_per_kwh(&line, i->low_mg_per_kwh);
	buf_puts(&line, ", ");
	parts_human_g_per_kwh(&line, i->high_mg_per_kwh);
	buf_printf(&line, "], %s%s of %d, %s%s; %s", i->is_annual_mean ? "annual " : "", i->kind,
		   i->year, strcmp(i->boundary, "unknown") ? "" : "boundary ", i->boundary,
		   i->source);
	if (i->flags && i->flags[0])
		buf_printf(&line, " (%s)", i->flags);
	buf_putc(&line, '.');
	text_put_folded(out, line.err ? "" : line.data);
	if (!i->is_default)
		return;
	text_put_folded(out,
			"NO ZONE WAS GIVEN: the carbon is that of the world's average grid, "
			"and its interval is wide. Name the grid that feeds this machine, such "
			"as --zone FR (see jouletrail intensity list).");
}

/* ", 20.0 W static by calibration": the mean of all counted domains that have some. */
static void human_static(struct buf *line, const struct tick *t)
{
	enum shares_static from = SHARES_STATIC_NONE;
	uint64_t deciwatt = jt_mean_power_uw(t->host.static_uj, window_length_ns(&t->window)) /
			    (JT_UW_PER_W / 10);

	for (size_t i = 0; i < t->n_domains; i++)
		if (t->domain[i].counted && t->domain_sum[i].static_from > from)
			from = t->domain_sum[i].static_from;
	if (from == SHARES_STATIC_NONE)
		buf_puts(line, "static power not known, taken as 0");
	else
		buf_printf(line, "static power %" PRIu64 ".%" PRIu64 " W by %s", deciwatt / 10,
			   deciwatt % 10, shares_static_name(from));
}

void parts_human_method(struct buf *out, const struct tick *t)
{
	static const char *const weights[] = { [JT_WEIGHT_TIME] = "CPU time",
					       [JT_WEIGHT_SMT] = "CPU time with SMT co-run",
					       [JT_WEIGHT_FREQ] = "CPU time x frequency",
					       [JT_WEIGHT_CYCLES] = "CPU cycles" };
	CLEANUP(buf_free) struct buf line = { 0 };

	if (!export_has_energy(t))
		return;
	buf_printf(&line, "Method: divided by %s", weights[t->method.weight]);
	if (t->method.weight == JT_WEIGHT_SMT)
		buf_printf(&line, " (%u %%)", t->method.corun_percent);
	buf_printf(&line, "; idle %s; ", method_idle_policy_name(t->method.idle_policy));
	human_static(&line, t);
	buf_puts(&line, t->montecarlo ? "; intervals by Monte Carlo (JCGM 101)." : ".");
	text_put_folded(out, line.err ? "" : line.data);
}

void parts_human_conservation(struct buf *out, const struct tick *t)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const struct record_conservation *c = &t->conservation;
	int64_t gap_ns = t->books.gap_ns;

	buf_puts(&line, "Conservation: ");
	if (c->breached)
		buf_printf(&line, "BREACHED in %" PRIu64 " of %" PRIu64 " windows: ", c->n_breaches,
			   t->n_windows);
	buf_printf(&line, "CPU time adds up within %" PRIu64 " ppm", c->time_ppm);
	if (c->breached)
		buf_printf(&line, ", its detail within %" PRIu64 " ppm", c->cells_ppm);
	buf_puts(&line, " (IRQ and steal ");
	text_put_time(&line, t->books.excluded_ns);
	buf_printf(&line, ", scheduler gap %s", gap_ns < 0 ? "-" : "");
	text_put_time(&line, gap_ns < 0 ? -(uint64_t)gap_ns : (uint64_t)gap_ns);
	buf_puts(&line, ")");
	if (t->audit.n_audits) {
		buf_printf(&line, ", %" PRIu64 " cgroup%s audited against the kernel's account: ",
			   t->audit.n_audits, t->audit.n_audits == 1 ? "" : "s");
		if (t->audit.residue_ns)
			text_put_time(&line, t->audit.residue_ns);
		else
			buf_puts(&line, "nothing");
		buf_puts(&line, " off");
	}
	if (!export_has_energy(t))
		buf_puts(&line, ".");
	else if (c->energy_uj)
		buf_printf(&line, ", energy is OFF by %" PRId64 " µJ.", c->energy_uj);
	else
		buf_puts(&line, ", energy to the microjoule.");
	text_put_folded(out, line.err ? "" : line.data);
}

void parts_human_gaps(struct buf *out, const struct tick *t)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	uint64_t n = t->n_gaps + t->n_gaps_dropped;

	if (!n)
		return;
	buf_puts(&line, "Gaps, whose energy is not known:");
	for (size_t i = 0; i < t->n_gaps && i < HUMAN_MAX_GAPS; i++) {
		const struct energy_gap *g = &t->gap[i];
		uint64_t us = g->to_us > g->from_us ? (uint64_t)(g->to_us - g->from_us) : 0;

		buf_printf(&line, "%s %s %s for ", i ? "," : "", t->domain[g->domain].name,
			   g->reason);
		text_put_time(&line, us * JT_NS_PER_US);
	}
	if (n > HUMAN_MAX_GAPS)
		buf_printf(&line, ", and %" PRIu64 " more", n - HUMAN_MAX_GAPS);
	buf_putc(&line, '.');
	text_put_folded(out, line.err ? "" : line.data);
}

void parts_human_lost(struct buf *out, const struct tick *t)
{
	const struct usage_losses *l = &t->losses;
	/* In the order of export_loss(). */
	const uint64_t n[] = { l->n_no_cell,   l->n_no_storage,	  l->n_unsplit,
			       l->n_unread,    l->n_cgroup_names, l->n_exec_names,
			       t->n_forgotten, l->n_backwards,	  l->n_unflushed };
	CLEANUP(buf_free) struct buf line = { 0 };
	const char *member, *what;

	for (size_t i = 0; export_loss(i, &member, &what); i++)
		if (n[i])
			buf_printf(&line, "%s %" PRIu64 " %s",
				   line.len ? "," : "Detail lost, never time:", n[i], what);
	if (!line.len)
		return;
	buf_putc(&line, '.');
	text_put_folded(out, line.err ? "" : line.data);
}

void parts_human_name(struct buf *out, const struct sample *s, size_t max)
{
	char gone[48];

	if (s->labels.cmdline) {
		text_put_escaped(out, s->labels.cmdline, max);
		return;
	}
	if (s->name && s->kind == RECORD_CGROUP) {
		text_put_escaped_end(out, s->name, max);
		return;
	}
	if (s->name) {
		text_put_escaped(out, s->name, max);
		return;
	}
	if (s->kind == RECORD_CGROUP)
		snprintf(gone, sizeof(gone), "(cgroup %" PRIu64 ", gone)", s->cgroup_id);
	else
		snprintf(gone, sizeof(gone), "(no name)");
	text_put_escaped(out, gone, max);
}
