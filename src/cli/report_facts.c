/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_facts.c - see report_facts.h. */
#include "cli/report_facts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "export/export.h"
#include "ledger/figures.h"

static bool facts_true(struct scan_value object, const char *name)
{
	struct scan_value v;

	return !scan_member(object, name, &v) && v.len == 4 && !memcmp(v.at, "true", 4);
}

/* Rows that are told apart by their first bytes, which are whole: zeros behind text and between. */
struct facts_list {
	void *row;
	size_t size;
	size_t key_len;
	size_t max;
	size_t *n;
};

/* The row that begins like that one, made of it where there is none; NULL without room. */
static void *facts_row(const struct facts_list *l, const void *like)
{
	char *at = l->row;

	for (size_t i = 0; i < *l->n; i++, at += l->size)
		if (memcmp(at, like, l->key_len) == 0)
			return at;
	if (*l->n == l->max)
		return NULL;
	++*l->n;
	return memcpy(at, like, l->size);
}

#define FACTS_LIST(f_, rows_, n_, type_)                                                         \
	{                                                                                        \
		(f_)->rows_, sizeof(type_), offsetof(type_, n_ticks), ARRAY_LENGTH((f_)->rows_), \
			&(f_)->n_                                                                \
	}

static void grid_add(struct report_facts *f, const struct facts_grid *g, uint64_t n)
{
	const struct facts_list list = FACTS_LIST(f, grid, n_grids, struct facts_grid);
	struct facts_grid *to = facts_row(&list, g);

	if (!to) {
		f->n_beyond += n;
		return;
	}
	to->n_ticks += n;
	if (g->least_mg_per_kwh < to->least_mg_per_kwh)
		to->least_mg_per_kwh = g->least_mg_per_kwh;
	if (g->most_mg_per_kwh > to->most_mg_per_kwh)
		to->most_mg_per_kwh = g->most_mg_per_kwh;
}

void report_facts_intensity(struct report_facts *f, struct scan_value line, uint64_t n)
{
	struct facts_grid g;
	struct scan_value i;

	if (scan_member(line, "intensity", &i))
		return;
	memset(&g, 0, sizeof(g));
	figures_bytes(i, "zone", g.zone, sizeof(g.zone));
	figures_bytes(i, "zone_name", g.zone_name, sizeof(g.zone_name));
	figures_bytes(i, "source", g.source, sizeof(g.source));
	figures_bytes(i, "licence", g.licence, sizeof(g.licence));
	figures_bytes(i, "kind", g.kind, sizeof(g.kind));
	figures_bytes(i, "boundary", g.boundary, sizeof(g.boundary));
	figures_bytes(i, "accounting", g.accounting, sizeof(g.accounting));
	g.year = (int64_t)figures_u64(i, "year");
	g.annual = facts_true(i, "is_annual_mean");
	g.is_default = facts_true(i, "is_default");
	g.least_mg_per_kwh = g.most_mg_per_kwh = figures_u64(i, "mg_per_kwh");
	grid_add(f, &g, n);
}

void report_facts_grid(struct report_facts *f, const struct intensity *i, uint64_t n)
{
	struct facts_grid g;

	memset(&g, 0, sizeof(g));
	snprintf(g.zone, sizeof(g.zone), "%s", i->zone);
	snprintf(g.zone_name, sizeof(g.zone_name), "%s", i->zone_name ? i->zone_name : "");
	snprintf(g.source, sizeof(g.source), "%s", i->source ? i->source : "");
	snprintf(g.licence, sizeof(g.licence), "%s", i->licence ? i->licence : "");
	snprintf(g.kind, sizeof(g.kind), "%s", i->kind ? i->kind : "");
	snprintf(g.boundary, sizeof(g.boundary), "%s", i->boundary ? i->boundary : "");
	snprintf(g.accounting, sizeof(g.accounting), "%s", i->accounting ? i->accounting : "");
	g.year = i->year;
	g.annual = i->is_annual_mean;
	g.is_default = i->is_default;
	g.least_mg_per_kwh = g.most_mg_per_kwh = i->mg_per_kwh;
	grid_add(f, &g, n);
}

static void facts_method(struct report_facts *f, struct scan_value line, uint64_t n)
{
	const struct facts_list list = FACTS_LIST(f, method, n_methods, struct facts_method);
	struct facts_method m, *to;
	struct scan_value v;

	if (scan_member(line, "method", &v))
		return;
	memset(&m, 0, sizeof(m));
	figures_bytes(v, "weight", m.weight, sizeof(m.weight));
	figures_bytes(v, "idle_policy", m.idle_policy, sizeof(m.idle_policy));
	figures_bytes(v, "static_power", m.static_power, sizeof(m.static_power));
	figures_bytes(v, "uncertainty", m.uncertainty, sizeof(m.uncertainty));
	m.corun_percent = figures_u64(v, "smt_corun_percent");
	to = facts_row(&list, &m);
	if (to)
		to->n_ticks += n;
	else
		f->n_beyond += n;
}

static void domain_add(struct report_facts *f, struct scan_value v, uint64_t n)
{
	const struct facts_list list = FACTS_LIST(f, domain, n_domains, struct facts_domain);
	struct facts_domain d, *to;

	memset(&d, 0, sizeof(d));
	figures_bytes(v, "name", d.name, sizeof(d.name));
	figures_bytes(v, "source", d.source, sizeof(d.source));
	figures_bytes(v, "kind", d.kind, sizeof(d.kind));
	figures_bytes(v, "quality", d.quality, sizeof(d.quality));
	d.counted = facts_true(v, "counted");
	to = facts_row(&list, &d);
	if (!to) {
		f->n_beyond += n;
		return;
	}
	to->n_ticks += n;
	to->energy_uj += figures_u64(v, "energy_uj");
	to->idle_uj += figures_u64(v, "idle_uj");
	to->static_uj += figures_u64(v, "static_uj");
}

static void facts_domains(struct report_facts *f, struct scan_value line, uint64_t n)
{
	struct scan_value list, domain;
	size_t pos = 0;

	if (scan_member(line, "domains", &list))
		return;
	while (scan_element(list, &pos, &domain))
		domain_add(f, domain, n);
}

static void facts_host(struct report_facts *f, struct scan_value line)
{
	struct scan_value host, by;

	if (scan_member(line, "host", &host))
		return;
	f->idle_uj += figures_u64(host, "idle_uj");
	f->unattributed_uj += figures_u64(host, "unattributed_uj");
	if (scan_member(host, "unattributed_by_uj", &by))
		return;
	for (unsigned int i = 0; i < SHARES_N_REASONS; i++)
		f->by_reason_uj[i] += figures_u64(by, shares_reason_name((enum shares_reason)i));
}

static void facts_lost(struct report_facts *f, struct scan_value line)
{
	const char *member, *what;
	struct scan_value v;
	size_t pos = 0;

	if (!scan_member(line, "gaps", &v))
		for (struct scan_value gap; scan_element(v, &pos, &gap);)
			f->n_gaps++;
	f->n_gaps += figures_u64(line, "n_gaps_dropped");
	if (scan_member(line, "lost", &v))
		return;
	for (size_t i = 0; i < FACTS_MAX_LOSSES && export_loss(i, &member, &what); i++)
		f->lost[i] += figures_u64(v, member);
}

static void facts_conservation(struct report_facts *f, struct scan_value line, uint64_t n)
{
	struct scan_value c, audit, off;
	uint64_t ppm;

	if (scan_member(line, "conservation", &c))
		return;
	f->n_checked += n;
	ppm = figures_u64(c, "time_ppm");
	if (ppm > f->time_ppm)
		f->time_ppm = ppm;
	f->n_breaches += figures_u64(c, "n_breaches");
	if (!scan_member(c, "energy_uj", &off) && !scan_is_string(off, "0"))
		f->n_off++;
	if (scan_member(c, "audit", &audit))
		return;
	f->n_audits += figures_u64(audit, "n_audits");
	f->n_audit_breaches += figures_u64(audit, "n_breaches");
}

void report_facts_take(struct report_facts *f, struct scan_value line, uint64_t n)
{
	facts_method(f, line, n);
	facts_domains(f, line, n);
	facts_host(f, line);
	facts_lost(f, line);
	facts_conservation(f, line, n);
}

void report_facts_open(struct report_facts *f, struct scan_value line)
{
	f->n_opens++;
	figures_bytes(line, "build_id", f->build, sizeof(f->build));
}
