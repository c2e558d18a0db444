/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_html_time.c - a page's charts over time, and where nothing was measured. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/report_html.h"
#include "cli/report_series.h"
#include "export/chart.h"
#include "export/html.h"
#include "export/number.h"
#include "jouletrail/units.h"

/* With a hole before each. */
#define MAX_POINTS  (2 * (REPORT_MAX_SPANS + REPORT_MAX_ROLLED))
#define MAX_BLANKS  8
#define NS_PER_HOUR 3.6e12

enum { OF_POWER, OF_CO2E, OF_GRID, N_CHARTS };

/* Of each span, and of each hole (span NULL): its bounds, and three quantities. */
struct html_series {
	size_t n;
	const struct report_span *span[MAX_POINTS];
	struct quant_interval_u64 energy[MAX_POINTS];
	struct quant_interval_u64 co2e[MAX_POINTS];
	struct chart_point point[N_CHARTS][MAX_POINTS];
};

static struct quant_interval_u64 times(const struct quant_interval_u64 *v, double by)
{
	const struct quant_interval i = { (double)v->value * by, (double)v->low * by,
					  (double)v->high * by };

	return quant_interval_round(&i, quant_floor(i.value));
}

static size_t points_add(struct html_series *s, const struct report_span *p,
			 const struct chart_point *at)
{
	s->span[s->n] = p;
	for (size_t k = 0; k < N_CHARTS; k++)
		s->point[k][s->n] = *at;
	return s->n++;
}

/* From where the last span ended: less than half of either is where one process follows another. */
static void points_join(struct html_series *s, struct chart_point *at)
{
	struct chart_point hole = { .to_us = at->from_us };
	const struct chart_point *last = s->n ? &s->point[0][s->n - 1] : NULL;
	int64_t short_us = at->to_us - at->from_us;

	if (!last)
		return;
	if (last->to_us - last->from_us < short_us)
		short_us = last->to_us - last->from_us;
	hole.from_us = last->to_us;
	if (at->from_us > hole.from_us && at->from_us - hole.from_us > short_us / 2)
		points_add(s, NULL, &hole);
	else if (at->to_us > hole.from_us)
		at->from_us = hole.from_us;
}

static void points_take(struct html_series *s, const struct report *r, const struct report_span *p)
{
	struct chart_point at = { .from_us = p->from_us,
				  .to_us = p->to_us,
				  .known = p->known_ns > 0 && report_known(&p->host),
				  .covered_percent = report_span_percent(p) };
	struct quant_interval_u64 grid;
	size_t i;

	points_join(s, &at);
	i = points_add(s, p, &at);
	if (!at.known)
		return;
	report_intervals(r, &p->host, &s->energy[i], &s->co2e[i]);
	s->point[OF_POWER][i].v = times(&s->energy[i], 1e9 / (double)p->known_ns);
	s->point[OF_CO2E][i].v = times(&s->co2e[i], NS_PER_HOUR / (double)p->known_ns);
	if (quant_total_intensity(&p->host.total, p->host.zone, r->n_zones, &grid))
		s->point[OF_GRID][i].known = false;
	else
		s->point[OF_GRID][i].v = times(&grid, 1000);
}

static void put_charts(struct buf *out, const struct report *r, const struct html_series *s)
{
	static const struct chart charts[N_CHARTS] = {
		[OF_POWER] = { .title = "Power of the host", .colour = "e", .unit = "W" },
		[OF_CO2E] = { .title = "Carbon of the host", .colour = "c", .unit = "g CO2e/h" },
		[OF_GRID] = { .title = "Intensity of the grid", .colour = "g", .unit = "g/kWh" },
	};

	for (size_t k = 0; k < N_CHARTS; k++) {
		struct chart c = charts[k];

		c.point = s->point[k];
		c.n = s->n;
		c.from_us = r->from_us;
		c.to_us = r->to_us;
		chart_put(out, &c);
		if (k == OF_POWER)
			chart_put_strip(out, &c);
	}
}

/* What the strip below the first chart says. */
static void put_keys(struct buf *out)
{
	static const char *const keys[][2] = { { "all", "whole" },
					       { "part", "in part" },
					       { "hole", "not at all" } };

	buf_puts(out, "<p class=\"small soft\">The strip below the power is what was measured:");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		buf_printf(out,
			   " <svg class=\"key\" aria-hidden=\"true\"><rect class=\"%s\" "
			   "width=\"14\" height=\"10\"/></svg>%s",
			   keys[i][0], keys[i][1]);
	buf_puts(out, "</p>\n");
}

static void put_blank(struct buf *out, const struct report_blank *b)
{
	buf_puts(out, "<tr><td>");
	html_put_time(out, b->from_us);
	buf_puts(out, "</td><td>");
	html_put_duration(out, (uint64_t)(b->to_us - b->from_us) * JT_NS_PER_US);
	buf_printf(out, "</td><td class=\"l\">%s</td></tr>\n",
		   b->no_energy ? "measured, but without energy: CPU time only is known"
				: "nothing was measured");
}

static int blank_compare(const void *a, const void *b)
{
	const struct report_blank *x = a, *y = b;
	int64_t left = x->to_us - x->from_us, right = y->to_us - y->from_us;

	return (left < right) - (left > right);
}

static void put_blanks(struct buf *out, struct report_series *s)
{
	size_t n = s->n_blanks < REPORT_MAX_BLANKS ? s->n_blanks : REPORT_MAX_BLANKS;

	if (!n)
		return;
	qsort(s->blank, n, sizeof(s->blank[0]), blank_compare);
	buf_puts(out,
		 "<div class=\"scroll\"><table><thead><tr><th>Holes, the longest first (UTC)</th>"
		 "<th>Length</th><th class=\"l\">What is missing</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n && i < MAX_BLANKS; i++)
		put_blank(out, &s->blank[i]);
	if (s->n_blanks > MAX_BLANKS)
		buf_printf(out, "<tr><td colspan=\"3\">… and %" PRIu64 " shorter ones</td></tr>\n",
			   s->n_blanks - MAX_BLANKS);
	buf_puts(out, "</tbody></table></div>\n");
}

/* All that is not in the figures. */
static void put_missing(struct buf *out, const struct report *r)
{
	struct report_series *s = r->series;

	buf_puts(out, "<p>");
	if (s->unmeasured_us) {
		buf_puts(out, "Nothing was measured for ");
		html_put_duration(out, s->unmeasured_us * JT_NS_PER_US);
		buf_puts(out, ". ");
	}
	if (r->host.n_missing)
		buf_printf(out, "%" PRIu64 " tick%s no energy: their CPU time only is known. ",
			   r->host.n_missing, r->host.n_missing == 1 ? " has" : "s have");
	if (r->n_lost_ticks)
		buf_printf(out, "%" PRIu64 " tick%s measured but could not be written. ",
			   r->n_lost_ticks, r->n_lost_ticks == 1 ? " was" : "s were");
	if (r->n_rolled_up)
		buf_printf(out, "%" PRIu64 " tick%s summed up by day or month and dropped since. ",
			   r->n_rolled_up, r->n_rolled_up == 1 ? " was" : "s were");
	if (!s->unmeasured_us && !r->host.n_missing && !r->n_lost_ticks)
		buf_puts(out, "The time was measured without a hole.");
	else
		buf_puts(out, "None of it is in the figures as 0: they are of what is known.");
	buf_puts(out, "</p>\n");
	put_blanks(out, s);
}

static void put_row(struct buf *out, const struct html_series *s, size_t i)
{
	const struct chart_point *p = &s->point[OF_POWER][i];

	buf_puts(out, "<tr><td>");
	html_put_time(out, p->from_us);
	buf_printf(out, "</td><td>%" PRIu64 "</td><td>%u %%</td><td>", s->span[i]->n_ticks,
		   p->covered_percent);
	html_put_interval(out, p->known, &s->energy[i], "J");
	buf_puts(out, "</td><td>");
	html_put_interval(out, p->known, &s->co2e[i], "g");
	buf_puts(out, "</td><td>");
	if (s->point[OF_GRID][i].known)
		number_put_interval(out, &s->point[OF_GRID][i].v, "g/kWh");
	buf_puts(out, "</td></tr>\n");
}

static void put_table(struct buf *out, const struct html_series *s)
{
	buf_puts(out,
		 "<details><summary>The figures behind these charts</summary>"
		 "<div class=\"scroll\"><table id=\"spans\"><thead><tr><th>From (UTC)</th>"
		 "<th>Ticks</th><th>Known</th><th>Energy</th><th>CO2e</th><th>Intensity</th></tr>"
		 "</thead><tbody>\n");
	for (size_t i = 0; i < s->n; i++)
		if (s->span[i])
			put_row(out, s, i);
	buf_puts(out, "</tbody></table></div></details>\n");
}

void report_html_time(struct buf *out, const struct report *r)
{
	CLEANUP(cleanup_free) struct html_series *s = calloc(1, sizeof(*s));

	if (!s) {
		out->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < report_series_n(r->series); i++)
		if (report_series_span(r->series, i)->n_ticks)
			points_take(s, r, report_series_span(r->series, i));
	if (!s->n)
		return;
	buf_puts(out, "<section><h2>Over time</h2>\n<p class=\"soft\">Each step is ");
	if (r->series->length_us) {
		buf_puts(out, "the mean of ");
		html_put_duration(out, (uint64_t)r->series->length_us * JT_NS_PER_US);
	} else if (r->series->n) {
		buf_puts(out, "a tick");
	}
	if (r->series->n_rolled)
		buf_printf(out, "%s a day or a month of sums", r->series->n ? " or" : "");
	buf_puts(out, "; times are UTC.</p>\n");
	put_charts(out, r, s);
	put_keys(out);
	put_missing(out, r);
	put_table(out, s);
	buf_puts(out, "</section>\n");
}
