/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_html_parts.c - a page's consumers and the budget of their uncertainty. */
#include <inttypes.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/report_facts.h"
#include "cli/report_html.h"
#include "export/chart.h"
#include "export/export.h"
#include "export/html.h"
#include "export/number.h"

#define NAME_COLUMNS 120
/* As much of a long id as its owner shows. */
#define ID_COLUMNS 13

/* Of the host's energy; nothing where that is 0. */
static void put_share(struct buf *out, const struct report *r, uint64_t uj)
{
	if (r->host.total.energy_uj)
		buf_printf(out, "%.1f&nbsp;%%", (double)uj / (double)r->host.total.energy_uj * 100);
}

/* The cells behind the name: bar, energy, share, carbon, CPU time. */
static void put_cells(struct buf *out, const struct report *r, const struct report_sum *s,
		      uint64_t most_uj)
{
	struct quant_interval_u64 energy, co2e;

	report_intervals(r, s, &energy, &co2e);
	buf_puts(out, "</td><td class=\"bars e\">");
	if (most_uj && report_known(s))
		chart_put_bar(out, &energy, most_uj);
	buf_puts(out, "</td><td>");
	html_put_interval(out, report_known(s), &energy, "J");
	buf_puts(out, "</td><td class=\"wide\">");
	if (report_known(s))
		put_share(out, r, energy.value);
	buf_puts(out, "</td><td>");
	html_put_interval(out, report_known(s), &co2e, "g");
	buf_puts(out, "</td><td class=\"wide\">");
	if (s->cpu_ns)
		html_put_duration(out, s->cpu_ns);
	buf_puts(out, "</td></tr>\n");
}

static void put_consumer(struct buf *out, const struct report *r, const struct report_group *g,
			 uint64_t most_uj)
{
	buf_puts(out, "<tr><td>");
	html_put_end(out, report_group_name(g), NAME_COLUMNS);
	if (g->pid)
		buf_printf(out, " <span class=\"id\">pid %" PRIu64 "</span>", g->pid);
	else if (g->id && g->name) {
		buf_puts(out, " <span class=\"id wide\">");
		html_put(out, g->id, ID_COLUMNS);
		buf_puts(out, "</span>");
	}
	put_cells(out, r, &g->sum, most_uj);
}

static void put_line(struct buf *out, const struct report *r, const char *name,
		     const struct report_sum *s)
{
	buf_printf(out, "<tr%s><td>%s", s == &r->host ? " class=\"sum\"" : "", name);
	put_cells(out, r, s, 0);
}

/* A part of idle and not attributed: the ledger has no interval of its own for it. */
static void put_part(struct buf *out, const struct report *r, const char *name, uint64_t uj)
{
	if (!uj)
		return;
	buf_printf(out, "<tr class=\"of\"><td>%s</td><td class=\"bars\"></td><td>", name);
	html_put_figure(out, uj, "J");
	buf_puts(out, "</td><td class=\"wide\">");
	put_share(out, r, uj);
	buf_puts(out, "</td><td></td><td class=\"wide\"></td></tr>\n");
}

static void put_unattributed(struct buf *out, const struct report *r)
{
	static const char *const names[SHARES_N_REASONS] = {
		[SHARES_NOBODY_RAN] = "not attributed: nobody ran",
		[SHARES_NO_WEIGHT] = "not attributed: no weight",
		[SHARES_NO_USER] = "not attributed: no user",
	};
	uint64_t rest = r->facts->unattributed_uj;

	put_part(out, r, "idle", r->facts->idle_uj);
	for (size_t i = 0; i < SHARES_N_REASONS; i++) {
		put_part(out, r, names[i], r->facts->by_reason_uj[i]);
		rest -= rest < r->facts->by_reason_uj[i] ? rest : r->facts->by_reason_uj[i];
	}
	put_part(out, r, "not attributed", rest);
}

static void put_foot(struct buf *out, const struct report *r, size_t shown)
{
	struct report_sum others = { 0 }, all = { 0 };

	for (size_t i = 0; i < r->n_groups; i++)
		report_sum_merge(i < shown ? &all : &others, &r->group[i].sum);
	buf_puts(out, "</tbody>\n<tfoot>\n");
	if (shown < r->n_groups) {
		buf_printf(out, "<tr><td>… and %zu others", r->n_groups - shown);
		put_cells(out, r, &others, 0);
		report_sum_merge(&all, &others);
	}
	put_line(out, r, "All consumers", &all);
	put_line(out, r, "Idle and not attributed", &r->idle);
	put_unattributed(out, r);
	put_line(out, r, "The host", &r->host);
	buf_puts(out, "</tfoot></table></div>\n");
}

void report_html_consumers(struct buf *out, const struct report *r)
{
	size_t shown = r->n_groups < REPORT_HTML_ROWS ? r->n_groups : REPORT_HTML_ROWS;
	uint64_t most_uj = 0;

	for (size_t i = 0; i < shown; i++) {
		struct quant_interval_u64 energy, co2e;

		report_intervals(r, &r->group[i].sum, &energy, &co2e);
		if (energy.high > most_uj)
			most_uj = energy.high;
	}
	buf_printf(
		out,
		"<section><h2>By %s</h2>\n<p class=\"soft\">Bars are energy, the line across "
		"each end its interval. All lines below add up to the host%s.</p>\n"
		"<div class=\"scroll\"><table id=\"consumers\"><thead><tr><th>Name</th>"
		"<th class=\"bars\"></th><th>Energy</th><th class=\"wide\">Share</th><th>CO2e</th>"
		"<th class=\"wide\">CPU time</th></tr></thead>\n<tbody>\n",
		report_by_name(r->by),
		r->grid ? ", carbon but for the rounding of each record" : "");
	for (size_t i = 0; i < shown; i++)
		put_consumer(out, r, &r->group[i], most_uj);
	put_foot(out, r, shown);
	if (r->n_beyond)
		buf_printf(out, "<p>More than %d rows: %" PRIu64 " records are in (others).</p>\n",
			   REPORT_MAX_GROUPS, r->n_beyond);
	buf_puts(out, "</section>\n");
}

static void put_percent(struct buf *out, double variance, double sum)
{
	double percent = sum > 0 ? variance / sum * 100 : 0;

	if (variance > 0)
		buf_printf(out, "%.*f&nbsp;%%", percent < 9.95 ? 1 : 0, percent);
	else
		buf_puts(out, "–");
}

static void put_source(struct buf *out, const struct record_budget *b, double of_co2e,
		       double of_energy, bool no_zone)
{
	double variance = explain_variance(b);
	uint64_t part = of_co2e > 0 ? (uint64_t)(variance / of_co2e * 1000) : 0;
	const struct quant_interval_u64 bar = { part, part, part };
	const char *remedy = export_remedy(b, no_zone);

	buf_puts(out, "<tr><td>");
	html_put(out, b->source, 40);
	buf_printf(out, " <span class=\"id\">%s</span></td><td class=\"bars c\">", b->kind);
	chart_put_bar(out, &bar, 1000);
	buf_puts(out, "</td><td>");
	put_percent(out, variance, of_co2e);
	buf_puts(out, "</td><td>");
	put_percent(out, b->of_energy ? variance : 0, of_energy);
	buf_puts(out, "</td><td class=\"wide\">");
	explain_put_end(out, b, -1);
	buf_puts(out, " / ");
	explain_put_end(out, b, 1);
	buf_printf(out, "</td><td class=\"l\">%s</td></tr>\n", remedy ? remedy : "–");
}

static void put_budget(struct buf *out, const struct report *r, const char *of,
		       const struct report_sum *s)
{
	struct record_budget list[RECORD_MAX_BUDGET];
	size_t n = report_budget(r, s, list);
	double of_co2e = explain_sum(list, n, false), of_energy = explain_sum(list, n, true);

	buf_puts(out, "<h3>");
	html_put_end(out, of, NAME_COLUMNS);
	buf_puts(out, "</h3>\n");
	if (!n) {
		buf_puts(out, "<p>No source of uncertainty is known.</p>\n");
		return;
	}
	buf_puts(out,
		 "<div class=\"scroll\"><table><thead><tr><th>Source</th><th class=\"bars\"></th>"
		 "<th>of the CO2e's</th><th>of the energy's</th><th class=\"wide\">by itself</th>"
		 "<th class=\"l\">Less of it by</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++) {
		double variance = explain_variance(&list[i]);

		if (variance >= EXPLAIN_LEAST * of_co2e ||
		    (list[i].of_energy && variance >= EXPLAIN_LEAST * of_energy))
			put_source(out, &list[i], of_co2e, of_energy, report_no_zone(r));
	}
	buf_puts(out, "</tbody></table></div>\n");
}

void report_html_budget(struct buf *out, const struct report *r)
{
	if (!report_known(&r->host))
		return;
	buf_puts(out, "<section><h2>What the intervals are made of</h2>\n<p class=\"soft\">Each "
		      "source's share of the variance, the largest first; and the interval that it "
		      "alone would give.</p>\n");
	put_budget(out, r, "The host", &r->host);
	if (r->n_groups && report_known(&r->group[0].sum))
		put_budget(out, r, report_group_name(&r->group[0]), &r->group[0].sum);
	buf_puts(out, "</section>\n");
}
