/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rollup_format.c - the records of rollup.h. Names are written in sorted order. */
#include <stdio.h>
#include <string.h>

#include "ledger/base.h"
#include "ledger/figures.h"
#include "ledger/rollup.h"
#include "types/energy.h"

/* The member of that name as it stands in a record, if it has one. */
static void rollup_put_same(struct json_writer *w, const char *name, const char *record)
{
	struct scan_value v = { record, record ? strlen(record) : 0 };

	if (!record || scan_member(v, name, &v))
		return;
	json_key(w, name);
	json_raw(w, v.at, v.len);
}

static void rollup_put_interval(struct json_writer *w, const char *const name[3], bool known,
				const struct quant_interval_u64 *v)
{
	format_figure(w, name[0], v->high, known);
	format_figure(w, name[1], v->low, known);
	format_figure(w, name[2], v->value, known);
}

static const char *const rollup_co2e[3] = { "co2e_high_ug", "co2e_low_ug", "co2e_ug" };
static const char *const rollup_energy[3] = { "energy_high_uj", "energy_low_uj", "energy_uj" };

/* Of the energy alone: what the intensity adds is in `intensity`. */
static void rollup_put_budget(struct json_writer *w, const struct rollup_span *s)
{
	json_key(w, "budget");
	json_array_begin(w);
	for (size_t i = 0; i < s->sources.n; i++) {
		json_object_begin(w);
		json_kv_str(w, "kind", s->sources.source[i].is_random ? "random" : "systematic");
		format_count(w, "sd_ppm", quant_sources_ppm(&s->sources, i, s->host.energy_uj));
		json_kv_str(w, "source", s->sources.source[i].name);
		json_object_end(w);
	}
	json_array_end(w);
}

static void rollup_put_domain(struct json_writer *w, const struct rollup_domain *d)
{
	struct scan_value v = { d->text, strlen(d->text) }, counted;
	bool sums = !scan_member(v, "counted", &counted) && counted.len == 4;

	json_object_begin(w);
	if (sums)
		format_figure(w, "attributed_uj", d->attributed_uj, d->known);
	rollup_put_same(w, "counted", d->text);
	format_figure(w, "energy_uj", d->energy_uj, d->known);
	if (sums)
		format_figure(w, "idle_uj", d->idle_uj, d->known);
	rollup_put_same(w, "kind", d->text);
	rollup_put_same(w, "name", d->text);
	rollup_put_same(w, "package", d->text);
	json_kv_str(w, "quality", energy_quality_name((enum energy_quality)d->quality));
	rollup_put_same(w, "source", d->text);
	if (sums) {
		format_figure(w, "static_sd_uj", d->static_sd_uj, d->known);
		rollup_put_same(w, "static_source", d->text);
		format_figure(w, "static_uj", d->static_uj, d->known);
		format_figure(w, "unattributed_uj", d->unattributed_uj, d->known);
	}
	json_object_end(w);
}

static void rollup_put_host(struct json_writer *w, const struct rollup_span *s)
{
	struct quant_interval_u64 energy, co2e;
	bool known = s->host.n > 0;

	quant_total_intervals(&s->host, &s->host_zone, 1, NULL, &energy, &co2e);
	json_key(w, "host");
	json_object_begin(w);
	format_figure(w, "attributed_uj", s->attributed_uj, known);
	rollup_put_interval(w, rollup_co2e, known, &co2e);
	rollup_put_interval(w, rollup_energy, known, &energy);
	format_figure(w, "idle_co2e_ug", s->idle_co2e_ug, known);
	format_figure(w, "idle_uj", s->idle_uj, known);
	if (s->has_rest)
		format_figure(w, "platform_rest_uj", s->platform_rest_uj, true);
	json_kv_str(w, "quality", energy_quality_name((enum energy_quality)s->quality));
	format_figure(w, "static_uj", s->static_uj, known);
	format_reasons(w, s->unattributed_by_uj);
	format_figure(w, "unattributed_co2e_ug", s->unattributed_co2e_ug, known);
	format_figure(w, "unattributed_uj", s->unattributed_uj, known);
	json_object_end(w);
}

/* As the latest tick has it, but for the figures: those of all of them. */
static void rollup_put_intensity(struct json_writer *w, const struct rollup_span *s)
{
	struct scan_value line = { s->line, s->line ? strlen(s->line) : 0 }, v;
	struct quant_interval_u64 i;
	char text[4096];

	if (!s->line || scan_member(line, "intensity", &v) || v.len >= sizeof(text))
		return;
	memcpy(text, v.at, v.len);
	text[v.len] = '\0';
	if (quant_total_intensity(&s->host, &s->host_zone, 1, &i))
		i = figures_mg_per_kwh(v);
	json_key(w, "intensity");
	json_object_begin(w);
	rollup_put_same(w, "accounting", text);
	rollup_put_same(w, "boundary", text);
	rollup_put_same(w, "flags", text);
	format_count(w, "high_mg_per_kwh", i.high);
	json_kv_bool(w, "is_annual_mean", s->host.co2e_annual > 0);
	rollup_put_same(w, "is_default", text);
	rollup_put_same(w, "kind", text);
	rollup_put_same(w, "licence", text);
	format_count(w, "low_mg_per_kwh", i.low);
	format_count(w, "mg_per_kwh", i.value);
	rollup_put_same(w, "source", text);
	rollup_put_same(w, "year", text);
	rollup_put_same(w, "zone", text);
	rollup_put_same(w, "zone_name", text);
	json_object_end(w);
}

void rollup_line(struct buf *out, const struct format_head *h, const struct rollup *r, size_t i,
		 const struct rollup_range *range)
{
	const struct rollup_span *s = &r->span[i];
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	base_format(&w, range->check, range->tree, range->vkey);
	rollup_put_budget(&w, s);
	json_kv_str(&w, "by", s->by);
	json_key(&w, "domains");
	json_array_begin(&w);
	for (size_t d = 0; d < s->n_domains; d++)
		rollup_put_domain(&w, &s->domain[d]);
	json_array_end(&w);
	format_count(&w, "from", range->from);
	rollup_put_host(&w, s);
	/* "intensity" sorts between the two names of format_head_index(). */
	format_count(&w, "i", h->index);
	rollup_put_intensity(&w, s);
	json_kv_str(&w, "k", "rollup");
	rollup_put_same(&w, "method", s->line);
	format_head_mono(&w, h);
	format_count(&w, "n", s->n_rows);
	format_count(&w, "n_lost_ticks", s->n_lost_ticks);
	format_count(&w, "n_missing", s->n_missing);
	format_count(&w, "n_more", r->n_spans - i - 1);
	format_count(&w, "n_ticks", s->n_ticks);
	format_head_prev(&w, h);
	format_head_salt(&w, h);
	format_head_time(&w, h);
	json_kv_big(&w, "time_ns", s->host.time_ns);
	format_count(&w, "to", range->tree->size);
	format_head_version(&w);
	json_key(&w, "window");
	json_object_begin(&w);
	format_int(&w, "from_us", s->from_us);
	format_int(&w, "to_us", s->to_us);
	json_object_end(&w);
	json_object_end(&w);
}

void rollup_sample_line(struct buf *out, const struct format_head *h, const struct rollup_span *s,
			const struct rollup_row *row, uint64_t tick_index)
{
	/* What is known of those who found no room: nothing that all of them share. */
	char others[96];
	const char *line = row->line ? row->line : others;
	struct quant_interval_u64 energy, co2e;
	bool known = row->total.n > 0;
	struct json_writer w;

	snprintf(others, sizeof(others),
		 "{\"cgroup\":null,\"cgroup_id\":\"0\",\"flags\":[],\"kind\":\"%s\","
		 "\"name\":\"(others)\"}",
		 s->by);
	quant_total_intervals(&row->total, &row->zone, 1, NULL, &energy, &co2e);
	json_begin(&w, out);
	json_object_begin(&w);
	rollup_put_same(&w, "cgroup", line);
	rollup_put_same(&w, "cgroup_id", line);
	rollup_put_interval(&w, rollup_co2e, known, &co2e);
	rollup_put_same(&w, "comm", line);
	rollup_put_same(&w, "container_name", line);
	json_kv_big(&w, "cpu_ns", row->cpu_ns);
	rollup_put_interval(&w, rollup_energy, known, &energy);
	rollup_put_same(&w, "exe", line);
	rollup_put_same(&w, "flags", line);
	format_int(&w, "from_us", s->from_us);
	/* "id" sorts between the two names of format_head_index(). */
	format_count(&w, "i", h->index);
	rollup_put_same(&w, "id", line);
	rollup_put_same(&w, "image", line);
	json_kv_str(&w, "k", "sample");
	rollup_put_same(&w, "kind", line);
	format_head_mono(&w, h);
	format_count(&w, "n_missing", row->n_missing);
	rollup_put_same(&w, "name", line);
	rollup_put_same(&w, "namespace", line);
	rollup_put_same(&w, "pid", line);
	rollup_put_same(&w, "pod", line);
	rollup_put_same(&w, "pod_name", line);
	format_head_prev(&w, h);
	rollup_put_same(&w, "runtime", line);
	format_head_salt(&w, h);
	rollup_put_same(&w, "start_boottime_ns", line);
	format_head_time(&w, h);
	rollup_put_same(&w, "tags", line);
	format_count(&w, "tick", tick_index);
	rollup_put_same(&w, "tid", line);
	json_kv_big(&w, "time_ns", row->total.time_ns);
	format_int(&w, "to_us", s->to_us);
	rollup_put_same(&w, "uid", line);
	rollup_put_same(&w, "user", line);
	format_head_version(&w);
	json_object_end(&w);
}
