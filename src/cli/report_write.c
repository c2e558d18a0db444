/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_write.c - a report for a terminal, as JSON (jouletrail.report/1) and as CSV. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/explain.h"
#include "cli/report_html.h"
#include "cli/report_write.h"
#include "cli/site_options.h"
#include "export/number.h"
#include "export/parts.h"
#include "export/text.h"
#include "jouletrail/units.h"

/* Rows on a screen; machines get all. */
#define REPORT_SCREEN_ROWS 40

const char *report_quality(const struct report *r)
{
	if (r->any_missing)
		return "missing";
	return r->any_modelled ? "modelled" : "measured";
}

bool report_known(const struct report_sum *s)
{
	return s->total.n > 0;
}

bool report_no_zone(const struct report *r)
{
	return r->n_zones == 1 && !strcmp(r->zone[0], "WORLD");
}

/* Its carbon with PUE; what it took to build the machine is nobody's. */
static void report_json_operational(struct json_writer *w, const struct report *r,
				    const struct report_group *g,
				    const struct quant_interval_u64 *energy,
				    const struct quant_interval_u64 *co2e)
{
	struct export_site row = r->site.of;

	row.known = false;
	row.terms.embodied.host = NULL;
	if (report_known(&g->sum))
		site_apply(energy, co2e, 0, &row);
	parts_json_interval(w, "operational_ug", row.known, &row.figures.operational_ug);
}

/* A consumer row as in jouletrail.run/1; name orders the members. */
static void report_json_row(struct json_writer *w, const struct report *r,
			    const struct report_group *g)
{
	struct quant_interval_u64 energy, co2e;

	report_intervals(r, &g->sum, &energy, &co2e);
	json_object_begin(w);
	json_kv_bytes(w, "cgroup", g->cgroup);
	parts_json_interval(w, "co2e_ug", report_known(&g->sum), &co2e);
	json_kv_bytes(w, "comm", g->comm);
	json_kv_u64(w, "cpu_ns", g->sum.cpu_ns);
	parts_json_interval(w, "energy_uj", report_known(&g->sum), &energy);
	json_kv_bytes(w, "id", g->id ? g->id : g->key);
	json_kv_str(w, "kind", report_by_name(r->by));
	json_key(w, "labels");
	json_object_begin(w);
	json_object_end(w);
	json_kv_u64(w, "n_missing", g->sum.n_missing);
	json_kv_bytes(w, "name", g->name ? g->name : g->id);
	if (r->site.asked)
		report_json_operational(w, r, g, &energy, &co2e);
	json_key(w, "pid");
	if (g->pid)
		json_u64(w, g->pid);
	else
		json_put_null(w);
	json_key(w, "start_boottime_ns");
	if (g->pid)
		json_u64(w, g->start_boottime_ns);
	else
		json_put_null(w);
	json_object_end(w);
}

static void report_json_sum(struct json_writer *w, const char *name, const struct report *r,
			    const struct report_sum *s)
{
	struct quant_interval_u64 energy, co2e;

	report_intervals(r, s, &energy, &co2e);
	json_key(w, name);
	json_object_begin(w);
	parts_json_interval(w, "co2e_ug", report_known(s), &co2e);
	parts_json_interval(w, "energy_uj", report_known(s), &energy);
	json_kv_u64(w, "n_missing", s->n_missing);
	json_object_end(w);
}

/* What of the ledger the figures rest on. */
void report_json_verified(struct json_writer *w, const struct verify_result *v)
{
	json_key(w, "verified");
	json_object_begin(w);
	json_kv_u64(w, "n_records", v->n_records);
	json_kv_bytes(w, "origin", v->origin);
	json_kv_bytes(w, "reason", v->reason[0] ? v->reason : NULL);
	json_kv_u64(w, "unverified_bytes", v->tail_bytes);
	json_kv_str(w, "verdict", verify_verdict_name(v->verdict));
	json_object_end(w);
}

static void report_json(const struct report *r, const struct verify_result *v, struct buf *out)
{
	struct record_budget list[RECORD_MAX_BUDGET];
	struct json_writer w;
	size_t n;

	json_begin(&w, out);
	json_object_begin(&w);
	report_json_branches(&w, r);
	n = report_budget(r, &r->host, list);
	parts_json_budget(&w, list, n, report_no_zone(r));
	json_kv_str(&w, "by", report_by_name(r->by));
	json_key(&w, "consumers");
	json_array_begin(&w);
	for (size_t i = 0; i < r->n_groups; i++)
		report_json_row(&w, r, &r->group[i]);
	json_array_end(&w);
	json_kv_i64(&w, "from_us", r->from_us);
	report_json_sum(&w, "host", r, &r->host);
	report_json_sum(&w, "idle_and_unattributed", r, &r->idle);
	json_key(&w, "intensity");
	json_object_begin(&w);
	json_kv_str(&w, "boundary", r->boundary);
	json_kv_str(&w, "kind", r->kind);
	json_object_end(&w);
	json_key(&w, "method");
	json_object_begin(&w);
	json_kv_str(&w, "uncertainty", quant_method_name(r->montecarlo != NULL));
	json_object_end(&w);
	json_kv_u64(&w, "n_lost_ticks", r->n_lost_ticks);
	json_kv_u64(&w, "n_rolled_up", r->n_rolled_up);
	json_kv_u64(&w, "n_ticks", r->n_ticks);
	json_kv_str(&w, "quality", report_quality(r));
	json_kv_str(&w, "schema", "jouletrail.report/1");
	if (r->site.asked)
		parts_json_site(&w, &r->site.of);
	json_kv_i64(&w, "to_us", r->to_us);
	report_json_verified(&w, v);
	json_key(&w, "zones");
	json_array_begin(&w);
	for (size_t i = 0; i < r->n_zones; i++)
		json_bytes(&w, r->zone[i], strlen(r->zone[i]));
	json_array_end(&w);
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* RFC 4180, 2.6 and 2.7. */
static void report_csv_text(struct buf *out, const char *s)
{
	if (!s || !strpbrk(s, ",\"\r\n")) {
		buf_puts(out, s ? s : "");
		return;
	}
	buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_putc(out, '"');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

static void report_csv_interval(struct buf *out, bool known, const struct quant_interval_u64 *v)
{
	if (known)
		buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, v->value, v->low, v->high);
	else
		buf_puts(out, ",,,");
}

static void report_csv(const struct report *r, struct buf *out)
{
	struct quant_interval_u64 energy, co2e;

	buf_puts(out, "kind,id,name,pid,start_boottime_ns,comm,cgroup,cpu_ns,energy_uj,"
		      "energy_low_uj,energy_high_uj,co2e_ug,co2e_low_ug,co2e_high_ug,quality,zone,"
		      "uncertainty\n");
	for (size_t i = 0; i < r->n_groups; i++) {
		const struct report_group *g = &r->group[i];

		report_intervals(r, &g->sum, &energy, &co2e);
		buf_printf(out, "%s,", report_by_name(r->by));
		report_csv_text(out, g->id ? g->id : g->key);
		buf_putc(out, ',');
		report_csv_text(out, g->name ? g->name : g->id);
		if (g->pid)
			buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",", g->pid, g->start_boottime_ns);
		else
			buf_puts(out, ",,,");
		report_csv_text(out, g->comm);
		buf_putc(out, ',');
		report_csv_text(out, g->cgroup);
		buf_printf(out, ",%" PRIu64, g->sum.cpu_ns);
		report_csv_interval(out, report_known(&g->sum), &energy);
		report_csv_interval(out, report_known(&g->sum), &co2e);
		buf_printf(out, ",%s,", report_quality(r));
		report_csv_text(out, r->n_zones == 1 ? r->zone[0] : NULL);
		buf_printf(out, ",%s\n", quant_method_name(r->montecarlo != NULL));
	}
}

static void report_human_time(struct buf *out, int64_t us)
{
	time_t t = (time_t)(us / JT_US_PER_S);
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_puts(out, text);
}

static void report_human_row(struct buf *out, const struct report *r, const char *name,
			     const struct report_sum *s)
{
	struct quant_interval_u64 energy, co2e;
	size_t from = out->len;

	report_intervals(r, s, &energy, &co2e);
	buf_putc(out, ' ');
	text_put_escaped_end(out, name, 34);
	text_pad(out, from, 36);
	if (!report_known(s)) {
		buf_puts(out, "energy not known\n");
		return;
	}
	number_put_interval(out, &energy, "J");
	text_pad(out, from, 62);
	number_put_interval(out, &co2e, "g");
	buf_puts(out, " CO2e\n");
}

const char *report_group_name(const struct report_group *g)
{
	return g->name ? g->name : g->id ? g->id : g->key;
}

void report_human_verified(struct buf *out, const struct verify_result *v)
{
	buf_printf(out, "\n From %" PRIu64 " verified records of ", v->n_records);
	text_put_escaped(out, v->origin, 0);
	buf_printf(out, ": %s.\n", verify_verdict_name(v->verdict));
	if (v->tail_bytes)
		buf_printf(out, " %" PRIu64 " bytes after them were not verified: not in here.\n",
			   v->tail_bytes);
	if (v->reason[0]) {
		buf_puts(out, " Not verified: ");
		text_put_escaped(out, v->reason, 0);
		buf_puts(out, ".\n");
	}
}

/* The host; and its largest consumer, which has the split's uncertainty too. */
static void report_human_explain(struct buf *out, const struct report *r)
{
	struct record_budget list[RECORD_MAX_BUDGET];
	bool no_zone = report_no_zone(r);
	size_t n = report_budget(r, &r->host, list);

	explain_write(out, "the host", list, n, no_zone);
	if (!r->n_groups || !report_known(&r->group[0].sum))
		return;
	n = report_budget(r, &r->group[0].sum, list);
	explain_write(out, report_group_name(&r->group[0]), list, n, no_zone);
}

static void report_human(const struct report *r, const struct verify_result *v, struct buf *out)
{
	size_t shown = r->n_groups < REPORT_SCREEN_ROWS ? r->n_groups : REPORT_SCREEN_ROWS;

	buf_printf(out, "\n Energy and carbon by %s (%s), 95 %% intervals\n ",
		   report_by_name(r->by), report_quality(r));
	if (r->n_ticks) {
		report_human_time(out, r->from_us);
		buf_puts(out, " to ");
		report_human_time(out, r->to_us);
	}
	buf_printf(out, ", %" PRIu64 " tick%s\n\n", r->n_ticks, r->n_ticks == 1 ? "" : "s");
	for (size_t i = 0; i < shown; i++)
		report_human_row(out, r, report_group_name(&r->group[i]), &r->group[i].sum);
	if (shown < r->n_groups)
		buf_printf(out, " … and %zu more\n", r->n_groups - shown);
	report_human_row(out, r, "(idle and not attributed)", &r->idle);
	report_human_row(out, r, "the host", &r->host);
	if (r->site.asked && r->site.of.known) {
		buf_puts(out, "\n The host with its site and machine:\n");
		export_human_site(out, &r->site.of);
		export_human_terms(out, &r->site.of.terms);
	}
	if (!strcmp(r->kind, "mixed") || !strcmp(r->boundary, "mixed"))
		buf_printf(
			out,
			"\n The carbon adds up intensities of unlike kinds or boundaries (%s, %s): "
			"ask for\n less time, or for one grid (--intensity).\n",
			r->kind, r->boundary);
	if (r->n_rolled_up)
		buf_printf(out, "\n %" PRIu64 " of the ticks were summed up and dropped since.\n",
			   r->n_rolled_up);
	if (r->n_lost_ticks)
		buf_printf(out, "\n %" PRIu64 " ticks were measured but could not be written.\n",
			   r->n_lost_ticks);
	if (r->host.n_missing)
		buf_printf(out,
			   " %" PRIu64 " ticks have no energy: their CPU time only is known.\n",
			   r->host.n_missing);
	if (r->n_beyond)
		buf_printf(out, " More than %d rows: %" PRIu64 " records are in (others).\n",
			   REPORT_MAX_GROUPS, r->n_beyond);
	report_human_verified(out, v);
	if (r->explain)
		report_human_explain(out, r);
}

void report_write(const struct report *r, enum export_format f, const struct verify_result *v,
		  struct buf *out)
{
	if (f == EXPORT_JSON)
		report_json(r, v, out);
	else if (f == EXPORT_CSV)
		report_csv(r, out);
	else if (f == EXPORT_HTML)
		report_html(r, v, out);
	else
		report_human(r, v, out);
}
