/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_parts.c - the members that run's and top's JSON share. Names stand in sorted order. */
#include <inttypes.h>
#include <stdio.h>

#include "export/parts.h"
#include "jouletrail/shared.h"
#include "types/derived.h"

const char *parts_consumer_id(const struct sample *s, char buf[PARTS_ID_LEN])
{
	if (record_kind_is_group(s->kind))
		return s->id ? s->id : s->name ? s->name : "(unknown)";
	if (s->kind == RECORD_PROCESS && s->tgid)
		snprintf(buf, PARTS_ID_LEN, "%" PRIu32 ":%" PRIu64, s->tgid, s->start_boottime_ns);
	else if (s->kind == RECORD_THREAD && s->tgid)
		snprintf(buf, PARTS_ID_LEN, "%" PRIu32 ":%" PRIu64 ":%" PRIu32, s->tgid,
			 s->start_boottime_ns, s->pid);
	else if (s->flags & USAGE_ROW_IRQ)
		snprintf(buf, PARTS_ID_LEN, "irq");
	else if (record_kind_is_task(s->kind) && s->flags & USAGE_ROW_RESERVED)
		snprintf(buf, PARTS_ID_LEN, "reserved:%s%" PRIu64,
			 s->flags & JT_CELL_V1_CGRP ? "v1:" : "", s->cgroup_id);
	else if (record_kind_is_task(s->kind) || !s->cgroup_id)
		snprintf(buf, PARTS_ID_LEN, "overflow");
	else
		snprintf(buf, PARTS_ID_LEN, "%s%" PRIu64, s->flags & JT_CELL_V1_CGRP ? "v1:" : "",
			 s->cgroup_id);
	return buf;
}

static void parts_json_or_null(struct json_writer *w, const char *name, bool known, uint64_t v)
{
	json_key(w, name);
	if (known)
		json_u64(w, v);
	else
		json_put_null(w);
}

void parts_json_interval(struct json_writer *w, const char *name, bool known,
			 const struct quant_interval_u64 *v)
{
	json_key(w, name);
	if (!known) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_u64(w, "high", v->high);
	json_kv_u64(w, "low", v->low);
	json_kv_u64(w, "value", v->value);
	json_object_end(w);
}

void parts_json_branches(struct json_writer *w, const struct tick *t)
{
	bool known = export_has_energy(t);

	if (!t->n_branches)
		return;
	json_key(w, "branches");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_branches; i++) {
		const struct record_branch *b = &t->branch[i];

		json_object_begin(w);
		json_key(w, "cgroup");
		json_bytes(w, b->path, b->len);
		parts_json_interval(w, "co2e_ug", known, &b->co2e);
		json_kv_u64(w, "cpu_ns", b->cpu_ns);
		parts_json_interval(w, "energy_uj", known, &b->energy);
		json_kv_u64(w, "n_cgroups", b->n_cgroups);
		json_kv_u64(w, "own_cpu_ns", b->own_cpu_ns);
		parts_json_or_null(w, "own_energy_uj", known, b->own_energy_uj);
		json_object_end(w);
	}
	json_array_end(w);
}

void parts_json_budget(struct json_writer *w, const struct record_budget *list, size_t n,
		       bool no_zone)
{
	json_key(w, "budget");
	json_array_begin(w);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(w);
		json_kv_str(w, "kind", list[i].kind);
		json_kv_u64(w, "minus_ppm", list[i].minus_ppm);
		json_kv_bool(w, "of_energy", list[i].of_energy);
		json_kv_u64(w, "plus_ppm", list[i].plus_ppm);
		json_kv_str(w, "remedy", export_remedy(&list[i], no_zone));
		json_kv_u64(w, "sd_ppm", list[i].sd_ppm);
		json_kv_str(w, "source", list[i].source);
		json_object_end(w);
	}
	json_array_end(w);
}

void parts_json_conservation(struct json_writer *w, const struct tick *t)
{
	const struct record_conservation *c = &t->conservation;
	const struct record_audit *a = &t->audit;

	json_key(w, "conservation");
	json_object_begin(w);
	json_key(w, "audit");
	json_object_begin(w);
	json_kv_u64(w, "cells_ns", a->cells_ns);
	json_kv_u64(w, "n_abandoned", a->n_abandoned);
	json_kv_u64(w, "n_audits", a->n_audits);
	json_kv_u64(w, "n_breaches", a->n_breaches);
	json_kv_u64(w, "residue_ns", a->residue_ns);
	json_kv_u64(w, "slack_ns", a->slack_ns);
	json_object_end(w);
	json_kv_bool(w, "breached", c->breached);
	json_kv_i64(w, "carried_ns", t->books.carried_ns);
	json_kv_u64(w, "cells_ppm", c->cells_ppm);
	json_kv_i64(w, "energy_uj", c->energy_uj);
	json_kv_u64(w, "excluded_ns", t->books.excluded_ns);
	json_kv_u64(w, "n_breaches", c->n_breaches);
	json_kv_u64(w, "n_missed", t->books.n_missed);
	json_kv_i64(w, "sched_gap_ns", t->books.gap_ns);
	json_kv_u64(w, "time_ppm", c->time_ppm);
	json_object_end(w);
}

static void parts_json_label(struct json_writer *w, const char *name, const char *value)
{
	if (value)
		json_kv_bytes(w, name, value);
}

static void parts_json_flag(struct json_writer *w, const struct sample *s, uint32_t flag,
			    const char *name)
{
	if (s->flags & flag)
		json_kv_str(w, name, "true");
}

/* Strings to strings, as a metrics label set; a flag that is not set is absent. */
static void parts_json_labels(struct json_writer *w, const struct sample *s)
{
	const struct sample_labels *l = &s->labels;
	char uid[16];

	json_key(w, "labels");
	json_object_begin(w);
	parts_json_label(w, "ancestors", l->ancestors);
	parts_json_label(w, "cmdline", l->cmdline);
	parts_json_label(w, "container", l->container);
	parts_json_label(w, "container_name", l->container_name);
	parts_json_label(w, "exe", l->exe);
	parts_json_label(w, "image", l->image);
	parts_json_flag(w, s, USAGE_ROW_IRQ, "irq");
	parts_json_flag(w, s, JT_CELL_KTHREAD, "kernel_thread");
	parts_json_label(w, "namespace", l->namespace);
	parts_json_label(w, "ns_pid", l->ns_pid);
	parts_json_flag(w, s, JT_CELL_LINEAGE, "of_command");
	parts_json_flag(w, s, JT_CELL_OVERFLOW, "overflow");
	parts_json_label(w, "pod", l->pod);
	parts_json_label(w, "pod_name", l->pod_name);
	parts_json_label(w, "qos", l->qos);
	parts_json_flag(w, s, USAGE_ROW_RESERVED, "reserved");
	parts_json_label(w, "runtime", l->runtime);
	parts_json_flag(w, s, USAGE_ROW_SELF, "self");
	parts_json_label(w, "tags", l->tags);
	if (s->kind == RECORD_THREAD && s->tgid) {
		snprintf(uid, sizeof(uid), "%" PRIu32, s->pid);
		json_kv_str(w, "tid", uid);
	}
	if (record_kind_is_task(s->kind) && s->tgid) {
		snprintf(uid, sizeof(uid), "%" PRIu32, s->uid);
		json_kv_str(w, "uid", uid);
	}
	parts_json_label(w, "unit", l->unit);
	parts_json_label(w, "user", l->user);
	parts_json_label(w, "vm", l->vm);
	json_object_end(w);
}

void export_json_consumer(struct json_writer *w, const struct tick *t, const struct sample *s)
{
	bool is_process = record_kind_is_task(s->kind) && s->tgid;
	bool known = export_has_energy(t);
	uint64_t ratio_ppm = 0;
	bool has_ratio = known && record_allocation_ppm(t, s, &ratio_ppm);
	char id[PARTS_ID_LEN];

	json_object_begin(w);
	parts_json_or_null(w, "allocation_ratio_ppm", has_ratio, ratio_ppm);
	json_kv_bytes(w, "cgroup", s->cgroup);
	parts_json_interval(w, "co2e_ug", known, &s->co2e);
	json_kv_bytes(w, "comm", is_process ? s->comm : NULL);
	json_kv_u64(w, "cpu_ns", s->cpu_ns);
	parts_json_interval(w, "energy_uj", known, &s->energy);
	json_kv_bytes(w, "id", parts_consumer_id(s, id));
	json_kv_str(w, "kind", record_kind_name(s->kind));
	parts_json_labels(w, s);
	json_kv_bytes(w, "name", s->name);
	parts_json_or_null(w, "pid", is_process, s->tgid);
	parts_json_or_null(w, "start_boottime_ns", is_process, s->start_boottime_ns);
	json_object_end(w);
}

void parts_json_consumers(struct json_writer *w, const struct tick *t)
{
	json_key(w, "consumers");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_samples; i++)
		export_json_consumer(w, t, &t->sample[i]);
	json_array_end(w);
}

void parts_json_domains(struct json_writer *w, const struct tick *t)
{
	json_key(w, "domains");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_domains; i++) {
		const struct energy_domain *d = &t->domain[i];
		const struct shares_domain *sum = &t->domain_sum[i];
		bool known = t->domain_quality[i] != ENERGY_MISSING || sum->energy_uj > 0;
		bool split = known && d->counted;

		json_object_begin(w);
		parts_json_or_null(w, "attributed_uj", split, sum->attributed_uj);
		json_kv_bool(w, "counted", d->counted);
		parts_json_or_null(w, "energy_uj", known, sum->energy_uj);
		parts_json_or_null(w, "idle_uj", split, sum->idle_uj);
		json_kv_str(w, "kind", energy_domain_kind_name(d->kind));
		json_kv_str(w, "name", d->name);
		json_kv_str(w, "parent", d->parent < 0 ? NULL : t->domain[d->parent].name);
		json_kv_str(w, "quality", energy_quality_name(t->domain_quality[i]));
		json_kv_bytes(w, "source", d->source);
		parts_json_or_null(w, "static_sd_uj", split, shares_static_sd_uj(sum));
		json_kv_str(w, "static_source",
			    split ? shares_static_name(sum->static_from) : NULL);
		parts_json_or_null(w, "static_uj", split, sum->static_uj);
		parts_json_or_null(w, "unattributed_uj", split, sum->unattributed_uj);
		json_object_end(w);
	}
	json_array_end(w);
}

void parts_json_gaps(struct json_writer *w, const struct tick *t)
{
	json_key(w, "gaps");
	json_array_begin(w);
	for (size_t i = 0; i < t->n_gaps; i++) {
		const struct energy_gap *g = &t->gap[i];

		json_object_begin(w);
		json_kv_str(w, "domain", t->domain[g->domain].name);
		json_kv_i64(w, "from_us", g->from_us);
		json_kv_str(w, "reason", g->reason);
		json_kv_i64(w, "to_us", g->to_us);
		json_object_end(w);
	}
	json_array_end(w);
}

void parts_json_host(struct json_writer *w, const struct tick *t)
{
	bool known = export_has_energy(t);
	uint64_t rest_uj = 0;
	bool has_rest = record_platform_rest_uj(t, &rest_uj);

	json_key(w, "host");
	json_object_begin(w);
	parts_json_or_null(w, "attributed_uj", known, t->host.attributed_uj);
	parts_json_interval(w, "co2e_ug", known, &t->host_co2e);
	json_kv_u64(w, "cpu_ns", t->books.task_ns);
	parts_json_or_null(w, "energy_high_uj", known, t->host_energy.high);
	parts_json_or_null(w, "energy_low_uj", known, t->host_energy.low);
	parts_json_or_null(w, "energy_uj", known, t->host.energy_uj);
	parts_json_or_null(w, "idle_co2e_ug", known, t->idle_co2e_ug);
	json_kv_u64(w, "idle_ns", t->books.idle_ns);
	parts_json_or_null(w, "idle_uj", known, t->host.idle_uj);
	parts_json_or_null(w, "platform_rest_uj", has_rest, rest_uj);
	parts_json_or_null(w, "static_uj", known, t->host.static_uj);
	json_key(w, "unattributed_by_uj");
	json_object_begin(w);
	for (size_t i = 0; i < SHARES_N_REASONS; i++)
		if (t->host.unattributed_by_uj[i])
			json_kv_u64(w, shares_reason_name(i), t->host.unattributed_by_uj[i]);
	json_object_end(w);
	parts_json_or_null(w, "unattributed_co2e_ug", known, t->unattributed_co2e_ug);
	parts_json_or_null(w, "unattributed_uj", known, t->host.unattributed_uj);
	json_object_end(w);
}

void parts_json_intensity(struct json_writer *w, const char *name, const struct intensity *i)
{
	json_key(w, name);
	json_object_begin(w);
	json_kv_str(w, "accounting", i->accounting);
	json_kv_str(w, "boundary", i->boundary);
	json_kv_str(w, "flags", i->flags ? i->flags : "");
	json_kv_u64(w, "high", i->high_mg_per_kwh);
	json_kv_bool(w, "is_annual_mean", i->is_annual_mean);
	json_kv_bool(w, "is_default", i->is_default);
	json_kv_str(w, "kind", i->kind);
	json_kv_str(w, "licence", i->licence);
	json_kv_u64(w, "low", i->low_mg_per_kwh);
	json_kv_str(w, "source", i->source);
	json_kv_u64(w, "value", i->mg_per_kwh);
	json_kv_i64(w, "year", i->year);
	json_kv_str(w, "zone_name", i->zone_name);
	json_object_end(w);
}

void parts_json_lost(struct json_writer *w, const struct tick *t)
{
	const struct usage_losses *l = &t->losses;

	json_key(w, "lost");
	json_object_begin(w);
	json_kv_u64(w, "n_backwards", l->n_backwards);
	json_kv_u64(w, "n_cgroup_names", l->n_cgroup_names);
	json_kv_u64(w, "n_exec_names", l->n_exec_names);
	json_kv_u64(w, "n_forgotten", t->n_forgotten);
	json_kv_u64(w, "n_gaps_dropped", t->n_gaps_dropped);
	json_kv_u64(w, "n_global", l->n_global);
	json_kv_u64(w, "n_no_cell", l->n_no_cell);
	json_kv_u64(w, "n_no_storage", l->n_no_storage);
	json_kv_u64(w, "n_unflushed", l->n_unflushed);
	json_kv_u64(w, "n_unread", l->n_unread);
	json_kv_u64(w, "n_unsplit", l->n_unsplit);
	json_kv_u64(w, "unsplit_ns", l->unsplit_ns);
	json_kv_u64(w, "untracked_ns", l->untracked_ns);
	json_object_end(w);
}

void parts_json_method(struct json_writer *w, const struct tick *t)
{
	json_key(w, "method");
	json_object_begin(w);
	json_kv_str(w, "idle_policy", method_idle_policy_name(t->method.idle_policy));
	parts_json_or_null(w, "smt_corun_percent", t->method.weight == JT_WEIGHT_SMT,
			   t->method.corun_percent);
	json_kv_str(w, "static_power", method_static_power_name(t->method.static_power));
	json_kv_str(w, "uncertainty", t->uncertainty);
	json_kv_str(w, "weight", usage_weight_name(t->method.weight));
	json_object_end(w);
}

void parts_json_window(struct json_writer *w, const struct tick *t)
{
	json_key(w, "window");
	json_object_begin(w);
	json_kv_i64(w, "begin_us", t->window.begin_real_us);
	json_kv_i64(w, "end_us", t->window.end_real_us);
	json_kv_u64(w, "length_ns", window_length_ns(&t->window));
	json_object_end(w);
}
