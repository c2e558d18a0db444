/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format_tick.c - the tick record: the host's totals that its samples must add up to. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/format.h"
#include "types/derived.h"

/* A signed figure as a decimal string. */
static void format_signed(struct json_writer *w, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, v);
	json_kv_str(w, name, text);
}

static void format_books(struct json_writer *w, const struct usage_books *b)
{
	json_key(w, "books");
	json_object_begin(w);
	json_kv_big(w, "excluded_ns", b->excluded_ns);
	format_signed(w, "gap_ns", b->gap_ns);
	json_kv_big(w, "idle_ns", b->idle_ns);
	format_count(w, "n_missed", b->n_missed);
	json_kv_big(w, "task_ns", b->task_ns);
	json_kv_big(w, "wall_ns", b->wall_ns);
	json_object_end(w);
}

static void format_budget(struct json_writer *w, const struct tick *t)
{
	json_key(w, "budget");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_budget; i++) {
		json_object_begin(w);
		json_kv_str(w, "kind", t->budget[i].kind);
		format_count(w, "sd_ppm", t->budget[i].sd_ppm);
		json_kv_str(w, "source", t->budget[i].source);
		json_object_end(w);
	}
	json_array_end(w);
}

static void format_audit(struct json_writer *w, const struct record_audit *a)
{
	json_key(w, "audit");
	json_object_begin(w);
	json_kv_big(w, "cells_ns", a->cells_ns);
	format_count(w, "n_abandoned", a->n_abandoned);
	format_count(w, "n_audits", a->n_audits);
	format_count(w, "n_breaches", a->n_breaches);
	json_kv_big(w, "residue_ns", a->residue_ns);
	json_kv_big(w, "slack_ns", a->slack_ns);
	json_object_end(w);
}

static void format_conservation(struct json_writer *w, const struct tick *t)
{
	const struct record_conservation *c = &t->conservation;

	json_key(w, "conservation");
	json_object_begin(w);
	format_audit(w, &t->audit);
	json_kv_bool(w, "breached", c->breached);
	format_count(w, "cells_ppm", c->cells_ppm);
	format_signed(w, "energy_uj", c->energy_uj);
	format_count(w, "n_breaches", c->n_breaches);
	format_count(w, "time_ppm", c->time_ppm);
	json_object_end(w);
}

static void format_domain(struct json_writer *w, const struct tick *t, size_t i)
{
	const struct energy_domain *d = &t->domain[i];
	const struct shares_domain *sum = &t->domain_sum[i];
	bool known = t->domain_quality[i] != ENERGY_MISSING || sum->energy_uj > 0;

	json_object_begin(w);
	if (d->counted)
		format_figure(w, "attributed_uj", sum->attributed_uj, known);
	json_kv_bool(w, "counted", d->counted);
	format_figure(w, "energy_uj", sum->energy_uj, known);
	if (d->counted)
		format_figure(w, "idle_uj", sum->idle_uj, known);
	json_kv_str(w, "kind", energy_domain_kind_name(d->kind));
	json_kv_bytes(w, "name", d->name);
	format_int(w, "package", d->package);
	json_kv_str(w, "quality", energy_quality_name(t->domain_quality[i]));
	json_kv_bytes(w, "source", d->source);
	if (d->counted) {
		format_figure(w, "static_sd_uj", shares_static_sd_uj(sum), known);
		json_kv_str(w, "static_source", shares_static_name(sum->static_from));
		format_figure(w, "static_uj", sum->static_uj, known);
	}
	if (d->counted)
		format_figure(w, "unattributed_uj", sum->unattributed_uj, known);
	json_object_end(w);
}

static void format_gaps(struct json_writer *w, const struct tick *t)
{
	json_key(w, "gaps");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_gaps; i++) {
		int domain = t->gap[i].domain;

		json_object_begin(w);
		json_key(w, "domain");
		if (domain >= 0 && (size_t)domain < t->n_domains)
			json_str(w, t->domain[domain].name);
		else
			json_put_null(w);
		format_int(w, "from_us", t->gap[i].from_us);
		json_kv_str(w, "reason", t->gap[i].reason);
		format_int(w, "to_us", t->gap[i].to_us);
		json_object_end(w);
	}
	json_array_end(w);
}

void format_reasons(struct json_writer *w, const uint64_t by_uj[SHARES_N_REASONS])
{
	json_key(w, "unattributed_by_uj");
	json_object_begin(w);
	for (size_t i = 0; i < SHARES_N_REASONS; i++)
		if (by_uj[i])
			json_kv_big(w, shares_reason_name(i), by_uj[i]);
	json_object_end(w);
}

static void format_host(struct json_writer *w, const struct tick *t, bool known)
{
	uint64_t rest_uj = 0;
	bool has_rest = record_platform_rest_uj(t, &rest_uj);

	json_key(w, "host");
	json_object_begin(w);
	format_figure(w, "attributed_uj", t->host.attributed_uj, known);
	format_figure(w, "co2e_high_ug", t->host_co2e.high, known);
	format_figure(w, "co2e_low_ug", t->host_co2e.low, known);
	format_figure(w, "co2e_ug", t->host_co2e.value, known);
	format_figure(w, "energy_high_uj", t->host_energy.high, known);
	format_figure(w, "energy_low_uj", t->host_energy.low, known);
	format_figure(w, "energy_uj", t->host.energy_uj, known);
	format_figure(w, "idle_co2e_ug", t->idle_co2e_ug, known);
	format_figure(w, "idle_uj", t->host.idle_uj, known);
	if (has_rest)
		format_figure(w, "platform_rest_uj", rest_uj, true);
	json_kv_str(w, "quality", energy_quality_name(t->quality));
	format_figure(w, "static_uj", t->host.static_uj, known);
	format_reasons(w, t->host.unattributed_by_uj);
	format_figure(w, "unattributed_co2e_ug", t->unattributed_co2e_ug, known);
	format_figure(w, "unattributed_uj", t->host.unattributed_uj, known);
	json_object_end(w);
}

static void format_intensity(struct json_writer *w, const struct intensity *i)
{
	json_key(w, "intensity");
	json_object_begin(w);
	json_kv_str(w, "accounting", i->accounting);
	json_kv_str(w, "boundary", i->boundary);
	json_kv_str(w, "flags", format_or_empty(i->flags));
	format_count(w, "high_mg_per_kwh", i->high_mg_per_kwh);
	json_kv_bool(w, "is_annual_mean", i->is_annual_mean);
	json_kv_bool(w, "is_default", i->is_default);
	json_kv_str(w, "kind", i->kind);
	json_kv_bytes(w, "licence", i->licence);
	format_count(w, "low_mg_per_kwh", i->low_mg_per_kwh);
	format_count(w, "mg_per_kwh", i->mg_per_kwh);
	json_kv_bytes(w, "source", i->source);
	json_kv_i64(w, "year", i->year);
	json_kv_bytes(w, "zone", i->zone);
	json_kv_bytes(w, "zone_name", i->zone_name);
	json_object_end(w);
}

static void format_lost(struct json_writer *w, const struct usage_losses *l, uint64_t n_forgotten)
{
	json_key(w, "lost");
	json_object_begin(w);
	format_count(w, "n_backwards", l->n_backwards);
	format_count(w, "n_cgroup_names", l->n_cgroup_names);
	format_count(w, "n_exec_names", l->n_exec_names);
	format_count(w, "n_forgotten", n_forgotten);
	format_count(w, "n_global", l->n_global);
	format_count(w, "n_no_cell", l->n_no_cell);
	format_count(w, "n_no_storage", l->n_no_storage);
	format_count(w, "n_unflushed", l->n_unflushed);
	format_count(w, "n_unread", l->n_unread);
	format_count(w, "n_unsplit", l->n_unsplit);
	json_kv_big(w, "unsplit_ns", l->unsplit_ns);
	json_kv_big(w, "untracked_ns", l->untracked_ns);
	json_object_end(w);
}

static void format_method(struct json_writer *w, const struct tick *t)
{
	json_key(w, "method");
	json_object_begin(w);
	json_kv_str(w, "idle_policy", method_idle_policy_name(t->method.idle_policy));
	if (t->method.weight == JT_WEIGHT_SMT)
		format_count(w, "smt_corun_percent", t->method.corun_percent);
	json_kv_str(w, "static_power", method_static_power_name(t->method.static_power));
	json_kv_str(w, "uncertainty", t->uncertainty);
	json_kv_str(w, "weight", usage_weight_name(t->method.weight));
	json_object_end(w);
}

static void format_window(struct json_writer *w, const struct window *win)
{
	json_key(w, "window");
	json_object_begin(w);
	json_kv_big(w, "begin_mono_ns", win->begin_mono_ns);
	json_kv_big(w, "end_mono_ns", win->end_mono_ns);
	format_int(w, "from_us", win->begin_real_us);
	format_count(w, "index", win->index);
	format_int(w, "to_us", win->end_real_us);
	json_object_end(w);
}

bool format_tick_known(const struct tick *t)
{
	return t->quality != ENERGY_MISSING || t->host.energy_uj > 0;
}

void format_tick_line(struct buf *out, const struct format_head *h, const struct tick *t)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	format_books(&w, &t->books);
	format_budget(&w, t);
	json_kv_str(&w, "by", record_kind_name(t->by));
	format_conservation(&w, t);
	json_key(&w, "domains");
	json_array_begin(&w);
	for (size_t i = 0; i < t->n_domains; i++)
		format_domain(&w, t, i);
	json_array_end(&w);
	format_gaps(&w, t);
	format_host(&w, t, format_tick_known(t));
	/* "intensity" sorts between the two names of format_head_index(). */
	format_count(&w, "i", h->index);
	format_intensity(&w, &t->intensity);
	json_kv_str(&w, "k", "tick");
	format_lost(&w, &t->losses, t->n_forgotten);
	format_method(&w, t);
	format_head_mono(&w, h);
	format_count(&w, "n", t->n_samples);
	json_kv_u64(&w, "n_cpus", t->n_cpus);
	format_count(&w, "n_gaps_dropped", t->n_gaps_dropped);
	format_count(&w, "n_lineage_tasks", t->n_lineage_tasks);
	json_kv_u64(&w, "n_packages", t->n_packages);
	format_count(&w, "n_windows", t->n_windows);
	format_head_prev(&w, h);
	format_head_salt(&w, h);
	json_kv_big(&w, "self_cpu_ns", t->self_cpu_ns);
	format_head_time(&w, h);
	format_head_version(&w);
	format_window(&w, &t->window);
	json_object_end(&w);
}
