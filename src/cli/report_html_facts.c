/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_html_facts.c - a page's last part: how its figures came about, and out of which ledger. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/report_facts.h"
#include "cli/report_html.h"
#include "cli/report_series.h"
#include "export/export.h"
#include "export/html.h"
#include "export/number.h"
#include "jouletrail/units.h"

static void put_term(struct buf *out, const char *term)
{
	buf_printf(out, "<dt>%s</dt><dd>", term);
}

static void put_domains(struct buf *out, const struct report_facts *f)
{
	if (!f->n_domains)
		return;
	buf_puts(out,
		 "<h3>Where the power was read</h3>\n<div class=\"scroll\"><table><thead><tr>"
		 "<th>Domain</th><th class=\"l\">Source</th><th>Quality</th><th>In the sum</th>"
		 "<th>Energy</th><th class=\"wide\">Ticks</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < f->n_domains; i++) {
		const struct facts_domain *d = &f->domain[i];

		buf_puts(out, "<tr><td>");
		html_put(out, d->name, 60);
		buf_puts(out, "</td><td class=\"l\">");
		html_put(out, d->source, 120);
		buf_puts(out, "</td><td>");
		html_put(out, d->quality, 20);
		buf_printf(out, "</td><td>%s</td><td>", d->counted ? "added" : "shown");
		if (!strcmp(d->quality, "missing") && !d->energy_uj)
			buf_puts(out, "not known");
		else
			number_put_plain(out, d->energy_uj, "J");
		buf_printf(out, "</td><td class=\"wide\">%" PRIu64 "</td></tr>\n", d->n_ticks);
	}
	buf_puts(out, "</tbody></table></div>\n");
}

static void put_g_per_kwh(struct buf *out, const struct facts_grid *g)
{
	number_put_plain(out, g->least_mg_per_kwh * 1000, "g");
	if (g->most_mg_per_kwh != g->least_mg_per_kwh) {
		buf_puts(out, " to ");
		number_put_plain(out, g->most_mg_per_kwh * 1000, "g");
	}
}

static void put_grids(struct buf *out, const struct report *r)
{
	const struct report_facts *f = r->facts;

	if (!f->n_grids)
		return;
	buf_printf(
		out,
		"<h3>The grid's intensity</h3>\n%s<div class=\"scroll\"><table><thead><tr>"
		"<th>Zone</th><th class=\"l\">Source</th><th class=\"l\">Kind</th><th>per kWh</th>"
		"<th class=\"wide\">Ticks</th></tr></thead><tbody>\n",
		r->grid ? "<p>Not as the ledger has it: another grid was asked for.</p>\n" : "");
	for (size_t i = 0; i < f->n_grids; i++) {
		const struct facts_grid *g = &f->grid[i];

		buf_puts(out, "<tr><td>");
		html_put(out, g->zone, 0);
		buf_puts(out, "<span class=\"id\">");
		html_put(out, g->is_default ? "no zone was given" : g->zone_name, 0);
		buf_puts(out, "</span></td><td class=\"l\">");
		html_put(out, g->source, 160);
		buf_printf(out, ", %" PRId64 "<span class=\"id\">licence: ", g->year);
		html_put(out, g->licence, 96);
		buf_puts(out, "</span></td><td class=\"l\">");
		buf_puts(out, g->annual ? "annual mean for a moment, " : "of the moment, ");
		html_put(out, g->kind, 0);
		buf_puts(out, ", ");
		html_put(out, g->boundary, 0);
		buf_puts(out, ", ");
		html_put(out, g->accounting, 0);
		buf_puts(out, "</td><td>");
		put_g_per_kwh(out, g);
		buf_printf(out, "</td><td class=\"wide\">%" PRIu64 "</td></tr>\n", g->n_ticks);
	}
	buf_puts(out, "</tbody></table></div>\n");
	if (!strcmp(r->kind, "mixed") || !strcmp(r->boundary, "mixed"))
		buf_puts(out,
			 "<p><b>The carbon adds up intensities of unlike kinds or boundaries: ask "
			 "for less time, or for one grid.</b></p>\n");
}

static void put_method(struct buf *out, const struct report *r)
{
	for (size_t i = 0; i < r->facts->n_methods; i++) {
		const struct facts_method *m = &r->facts->method[i];

		put_term(out, "Method");
		buf_puts(out, "energy divided by ");
		html_put(out, m->weight, 0);
		if (m->corun_percent)
			buf_printf(out, " (%" PRIu64 " %% with a busy sibling)", m->corun_percent);
		buf_puts(out, "; idle energy ");
		html_put(out, m->idle_policy, 0);
		buf_puts(out, "; static power ");
		html_put(out, m->static_power, 0);
		buf_puts(out, "; intervals ");
		html_put(out, m->uncertainty, 0);
		if (r->facts->n_methods > 1)
			buf_printf(out, " (%" PRIu64 " ticks)", m->n_ticks);
		buf_puts(out, "</dd>\n");
	}
	put_term(out, "Sums over time");
	buf_printf(out, "%s</dd>\n",
		   r->montecarlo ? "by Monte Carlo (JCGM 101)" : "in closed form");
}

static void put_lost(struct buf *out, const struct report_facts *f)
{
	const char *member, *what;
	bool any = false;

	put_term(out, "Lost");
	for (size_t i = 0; i < FACTS_MAX_LOSSES && export_loss(i, &member, &what); i++) {
		if (!f->lost[i])
			continue;
		buf_printf(out, "%s%" PRIu64 " %s", any ? ", " : "detail, never time: ", f->lost[i],
			   what);
		any = true;
	}
	if (f->n_gaps)
		buf_printf(out, "%s%" PRIu64 " gaps of meters, whose energy is not known",
			   any ? "; " : "", f->n_gaps);
	buf_printf(out, "%s</dd>\n", any || f->n_gaps ? "" : "nothing");
}

static void put_conservation(struct buf *out, const struct report_facts *f)
{
	put_term(out, "Does it add up?");
	if (!f->n_checked) {
		buf_puts(out, "sums of what was dropped do not say</dd>\n");
		return;
	}
	buf_printf(out, "CPU time within %" PRIu64 " ppm in the worst of %" PRIu64 " ticks; ",
		   f->time_ppm, f->n_checked);
	if (f->n_off)
		buf_printf(out, "<b>energy is OFF in %" PRIu64 " ticks</b>", f->n_off);
	else
		buf_puts(out, "energy to the microjoule");
	if (f->n_breaches)
		buf_printf(out, "; <b>BREACHED in %" PRIu64 " windows</b>", f->n_breaches);
	if (f->n_audits)
		buf_printf(out,
			   "; %" PRIu64 " cgroups audited against the kernel's account, %" PRIu64
			   " off",
			   f->n_audits, f->n_audit_breaches);
	buf_puts(out, "</dd>\n");
}

/* The lines that people get elsewhere, in one paragraph. */
static void put_site(struct buf *out, const struct report *r)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	if (!r->site.asked || !r->site.of.known)
		return;
	put_term(out, "Site and machine");
	export_human_site(&text, &r->site.of);
	export_human_terms(&text, &r->site.of.terms);
	/* One line each. */
	for (char *line = text.err ? NULL : text.data, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		html_put(out, line + strspn(line, " "), 0);
		buf_puts(out, "<br>");
	}
	buf_puts(out, "</dd>\n");
}

void report_html_facts(struct buf *out, const struct report *r)
{
	if (!r->n_ticks)
		return;
	buf_puts(out, "<section><h2>How these figures came about</h2>\n<dl>\n");
	put_term(out, "Quality");
	buf_printf(out, "%s</dd>\n",
		   r->any_missing ? "in part missing: some ticks have no energy"
		   : r->any_modelled
			   ? "modelled: from the CPU's name and its load, not from a meter"
			   : "measured: read from meters");
	put_method(out, r);
	put_site(out, r);
	put_lost(out, r->facts);
	put_conservation(out, r->facts);
	buf_puts(out, "</dl>\n");
	put_domains(out, r->facts);
	put_grids(out, r);
	if (r->facts->n_beyond)
		buf_puts(out, "<p>More meters, grids or methods than these were in use.</p>\n");
	buf_puts(out, "</section>\n");
}

static void put_retired(struct buf *out, const struct verify_result *v)
{
	if (!v->first)
		return;
	put_term(out, "Dropped");
	buf_printf(out,
		   "the first %" PRIu64 " records; %" PRIu64 " of the ticks are there as sums alone"
		   "</dd>\n",
		   v->first, v->n_rolled_up);
}

void report_html_ledger(struct buf *out, const struct report *r, const struct verify_result *v)
{
	buf_puts(out, "<section><h2>The ledger</h2>\n<dl>\n");
	put_term(out, "Origin");
	html_put(out, v->origin, 0);
	buf_puts(out, "</dd>\n");
	put_term(out, "Checked");
	buf_printf(out, "%" PRIu64 " records, %" PRIu64 " of them consumers of %" PRIu64 " ticks",
		   v->n_records, v->n_samples, v->n_ticks);
	if (r->n_outside)
		buf_printf(out, ", of which %" PRIu64 " are outside the time that was asked for",
			   r->n_outside);
	buf_puts(out, "</dd>\n");
	put_term(out, "Keys");
	if (v->n_epochs)
		buf_printf(out,
			   "%" PRIu64 ", one after the other; %" PRIu64
			   " sealed checkpoints were checked",
			   v->n_epochs, v->n_seals);
	else
		buf_puts(out, "one");
	buf_puts(out, "</dd>\n");
	put_retired(out, v);
	put_term(out, "Written by");
	buf_printf(out, "%" PRIu64 " run%s", r->facts->n_opens, r->facts->n_opens == 1 ? "" : "s");
	if (r->facts->build[0]) {
		buf_puts(out, ", the last by build ");
		html_put(out, r->facts->build, 0);
	}
	buf_printf(out, "%s</dd>\n</dl>\n",
		   v->closed ? "; closed in good order"
			     : "; not closed: it goes on, or was cut short");
	buf_puts(
		out,
		"<p class=\"soft small\">Check it yourself: <code>jouletrail verify DIR</code>, or "
		"<code>docs/verify_ledger.py</code>, which needs nothing of this program.</p>\n"
		"</section>\n");
}
