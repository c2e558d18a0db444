/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_html.c - see report_html.h: the page, its verdict and its totals. */
#include "cli/report_html.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/report_series.h"
#include "export/html.h"
#include "export/number.h"
#include "jouletrail/units.h"

/* What each verdict means, in a sentence. */
struct html_verdict {
	enum verify_verdict verdict;
	const char *look; /* class */
	const char *mark;
	const char *words;
};

static const struct html_verdict verdicts[] = {
	{ VERIFY_SIGNED, "good", "&#10003;",
	  "Every figure on this page is from records that were checked: their chain has no break, "
	  "they add up, and a key that is trusted here has signed them." },
	{ VERIFY_WITNESSED, "good", "&#10003;",
	  "Every figure on this page is from records that were checked: their chain has no break, "
	  "they add up, a key that is trusted here has signed them, and the witnesses that were "
	  "asked vouch for it." },
	{ VERIFY_SELF_SIGNED, "warn", "!",
	  "The records are whole and add up, but the key that signed them is one that the ledger "
	  "names itself: whoever made the ledger may have made the figures." },
	{ VERIFY_TORN, "warn", "!",
	  "Behind the last checkpoint is something that is no whole record, as after a crash: it "
	  "was "
	  "left out. What is below was checked and signed." },
	{ VERIFY_UNREADABLE, "bad", "&#10007;",
	  "This is no ledger, or it cannot be read, or the key that was given is none." },
	{ VERIFY_UNSEALED, "bad", "&#10007;",
	  "What was asked for is not there: too few of the witnesses vouch for these records." },
	{ VERIFY_UNANCHORED, "bad", "&#10007;",
	  "There is no checkpoint: nobody vouches for the end of these records, or for who wrote "
	  "them." },
	{ VERIFY_TAMPERED, "bad", "&#10007;",
	  "Something was changed, dropped or added after it was written, or is signed by "
	  "another." },
	{ VERIFY_TRUNCATED, "bad", "&#10007;", "Records at the end, which were signed, are gone." },
	{ VERIFY_FORKED, "bad", "&#10007;",
	  "These are other records than those that were seen before under the same key." },
	{ VERIFY_ROLLED_BACK, "bad", "&#10007;",
	  "The ledger is older than it was seen before: a copy that was put back." },
};

static const struct html_verdict *html_verdict(enum verify_verdict v)
{
	static const struct html_verdict other = { VERIFY_UNREADABLE, "bad", "&#10007;", "" };

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].verdict == v)
			return &verdicts[i];
	return &other;
}

void report_html_verdict(struct buf *out, const struct verify_result *v)
{
	const struct html_verdict *of = html_verdict(v->verdict);
	bool has = report_has_verified(v->verdict);

	buf_printf(
		out,
		"<section class=\"verdict %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span>"
		"<div><b>%s%s</b><p>%s</p>",
		of->look, of->mark, has ? "" : "NOT VERIFIED: ", verify_verdict_name(v->verdict),
		of->words);
	if (v->tail_bytes && has)
		buf_printf(out,
			   "<p>%" PRIu64 " bytes behind the checkpoint are not vouched for: "
			   "not in here.</p>",
			   v->tail_bytes);
	if (v->witnesses[0]) {
		buf_printf(out,
			   "<p>Witnesses of the first %" PRIu64 " records: ", v->witnessed_size);
		html_put(out, v->witnesses, 0);
		buf_puts(out, "</p>");
	}
	if (v->reason[0]) {
		buf_puts(out, has ? "<p class=\"soft\">Not verified: " : "<p>");
		html_put(out, v->reason, 0);
		buf_puts(out, "</p>");
	}
	buf_puts(out, "</div></section>\n");
}

/* A clock that was set back within its only tick makes it none. */
static uint64_t html_length_ns(const struct report *r)
{
	return r->to_us > r->from_us ? (uint64_t)(r->to_us - r->from_us) * JT_NS_PER_US : 0;
}

/* "Energy and carbon of HOST": the host is what an origin begins with. */
static void html_title(struct buf *out, const char *origin)
{
	size_t len = strcspn(origin, "/");

	buf_puts(out, "Energy and carbon");
	if (len)
		buf_printf(out, " of %.*s", (int)len, origin);
}

static void html_head(struct buf *out, const struct report *r, const struct verify_result *v)
{
	CLEANUP(buf_free) struct buf title = { 0 };

	html_title(&title, v->origin);
	html_begin(out, title.err ? "" : title.data);
	buf_puts(out, "<header><h1>");
	html_put(out, title.err ? "" : title.data, 0);
	buf_puts(out, "</h1>\n<p class=\"soft\">");
	if (r->n_ticks) {
		html_put_time(out, r->from_us);
		buf_puts(out, " to ");
		html_put_time(out, r->to_us);
		buf_puts(out, " UTC (");
		html_put_duration(out, html_length_ns(r));
		buf_printf(out, "), %" PRIu64 " tick%s, by %s", r->n_ticks,
			   r->n_ticks == 1 ? "" : "s", report_by_name(r->by));
	} else {
		buf_puts(out, "no tick in that time");
	}
	buf_puts(out, "</p></header>\n");
}

static void html_foot(struct buf *out)
{
	buf_puts(out,
		 "<footer>Intervals are 95&nbsp;% ranges: in 19 of 20 cases the true figure "
		 "lies inside. What was not measured is shown as a hole and counted, never as 0. "
		 "This page stands alone: it has no script and asks nobody for anything. "
		 "jouletrail " JT_VERSION ", report -f html.</footer>\n");
	html_end(out);
}

/* "Between 76.1 MJ and 82.3 MJ": both ends in the scale of the figure. */
static void html_range(struct buf *out, const struct quant_interval_u64 *v, const char *unit)
{
	struct number_scale s = number_scale_interval(v);

	buf_puts(out, "between ");
	number_put(out, v->low, &s);
	buf_puts(out, " and ");
	number_put(out, v->high, &s);
	buf_printf(out, " %s%s", s.prefix, unit);
}

static void card_begin(struct buf *out, const char *look, const char *what)
{
	buf_printf(out, "<div class=\"card %s\"><span class=\"soft\">%s</span><span class=\"big\">",
		   look, what);
}

/* Of what is known of it. */
static const char *html_quality(const struct report *r)
{
	if (!r->any_missing)
		return r->any_modelled ? "modelled" : "measured";
	return r->any_modelled ? "modelled, in part missing" : "measured, in part missing";
}

static void card_energy(struct buf *out, const struct report *r,
			const struct quant_interval_u64 *energy)
{
	bool known = report_known(&r->host);
	/* A watt-hour is 3,600 J. */
	struct quant_interval_u64 wh = { energy->value / 3600, energy->low / 3600,
					 energy->high / 3600 };

	card_begin(out, "e", "Energy of the host");
	html_put_interval(out, known, energy, "J");
	buf_puts(out, "</span><span class=\"small\">");
	if (known) {
		buf_printf(out, "%s; ", html_quality(r));
		html_range(out, energy, "J");
		buf_puts(out, "<br><span class=\"soft\">that is ");
		number_put_interval(out, &wh, "Wh");
		buf_puts(out, "</span>");
	}
	buf_puts(out, "</span></div>\n");
}

static void card_co2e(struct buf *out, const struct report *r,
		      const struct quant_interval_u64 *co2e)
{
	bool known = report_known(&r->host);

	card_begin(out, "c", "Carbon of that energy");
	html_put_interval(out, known, co2e, "g CO2e");
	buf_puts(out, "</span><span class=\"small\">");
	if (known)
		html_range(out, co2e, "g CO2e");
	if (report_no_zone(r))
		buf_puts(out, "<br><b>No zone was given: the world's average grid</b>");
	buf_puts(out, "</span></div>\n");
}

static uint64_t html_known_ns(const struct report *r)
{
	uint64_t known_ns = 0;

	for (size_t i = 0; i < report_series_n(r->series); i++)
		known_ns += report_series_span(r->series, i)->known_ns;
	return known_ns;
}

static void card_power(struct buf *out, const struct report *r,
		       const struct quant_interval_u64 *energy)
{
	uint64_t known_ns = html_known_ns(r);
	double per_ns = known_ns ? 1e9 / (double)known_ns : 0;
	struct quant_interval_u64 w = { (uint64_t)((double)energy->value * per_ns),
					(uint64_t)((double)energy->low * per_ns),
					(uint64_t)((double)energy->high * per_ns) };

	card_begin(out, "s", "Mean power while measured");
	if (known_ns)
		number_put_interval(out, &w, "W");
	else
		buf_puts(out, "not known");
	buf_puts(out, "</span><span class=\"small soft\">over ");
	html_put_duration(out, known_ns);
	buf_puts(out, " of ");
	html_put_duration(out, html_length_ns(r));
	buf_puts(out, "</span></div>\n");
}

static void card_grid(struct buf *out, const struct report *r)
{
	struct quant_interval_u64 i;

	card_begin(out, "g", "Mean intensity of the grid");
	if (quant_total_intensity(&r->host.total, r->host.zone, r->n_zones, &i)) {
		buf_puts(out, "not known");
	} else {
		i = (struct quant_interval_u64){ i.value * 1000, i.low * 1000, i.high * 1000 };
		number_put_interval(out, &i, "g/kWh");
	}
	buf_puts(out, "</span><span class=\"small soft\">by energy; zone ");
	for (size_t z = 0; z < r->n_zones; z++) {
		buf_puts(out, z ? ", " : "");
		html_put(out, r->zone[z], 0);
	}
	buf_puts(out, "</span></div>\n");
}

static void card_site(struct buf *out, const struct report *r)
{
	const struct export_site *s = &r->site.of;

	if (!r->site.asked || !s->known)
		return;
	card_begin(out, "c", "Carbon with its site and machine");
	html_put_interval(out, true, &s->figures.total_ug, "g CO2e");
	buf_puts(out, "</span><span class=\"small soft\">");
	html_range(out, &s->figures.total_ug, "g CO2e");
	buf_puts(out, "</span></div>\n");
}

void report_html_totals(struct buf *out, const struct report *r)
{
	struct quant_interval_u64 energy, co2e;

	report_intervals(r, &r->host, &energy, &co2e);
	buf_puts(out, "<div class=\"cards\">\n");
	card_energy(out, r, &energy);
	card_co2e(out, r, &co2e);
	card_power(out, r, &energy);
	card_grid(out, r);
	card_site(out, r);
	buf_puts(out, "</div>\n");
}

void report_html(const struct report *r, const struct verify_result *v, struct buf *out)
{
	html_head(out, r, v);
	report_html_verdict(out, v);
	report_html_totals(out, r);
	report_html_time(out, r);
	report_html_consumers(out, r);
	report_html_budget(out, r);
	report_html_facts(out, r);
	report_html_ledger(out, r, v);
	html_foot(out);
}

void report_html_refused(const char *dir, const struct verify_result *v, struct buf *out)
{
	html_begin(out, "This ledger does not verify");
	buf_puts(out, "<header class=\"refused\"><h1>This ledger does not verify: no "
		      "figures</h1>\n<p class=\"soft\">");
	html_put_end(out, dir, 200);
	if (v->origin[0]) {
		buf_puts(out, ", which calls itself ");
		html_put(out, v->origin, 0);
	}
	buf_puts(out, "</p></header>\n");
	report_html_verdict(out, v);
	buf_puts(out,
		 "<section><h2>Why there is nothing here</h2><p>A report shows records that were "
		 "verified, and nothing else. Of this ledger none can be believed, so no energy "
		 "and no carbon is shown.</p><p>Find out more with <code>jouletrail verify</code>; "
		 "take the ledger from where it was made, or name the key that is to be trusted "
		 "(<code>--key</code>, <code>--key-dir</code>).</p></section>\n");
	html_foot(out);
}
