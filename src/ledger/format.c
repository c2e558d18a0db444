/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format.c - the short records, and what all records share. Names are written in sorted order. */
#include "ledger/format.h"
#include "types/derived.h"

#include <math.h>
#include <string.h>

void format_int(struct json_writer *w, const char *name, int64_t v)
{
	if (v > JSON_INT_MAX)
		v = JSON_INT_MAX;
	if (v < -JSON_INT_MAX)
		v = -JSON_INT_MAX;
	json_kv_i64(w, name, v);
}

void format_count(struct json_writer *w, const char *name, uint64_t v)
{
	format_int(w, name, v > (uint64_t)JSON_INT_MAX ? JSON_INT_MAX : (int64_t)v);
}

void format_figure(struct json_writer *w, const char *name, uint64_t v, bool known)
{
	json_key(w, name);
	if (known)
		json_big(w, v);
	else
		json_put_null(w);
}

void format_head_index(struct json_writer *w, const struct format_head *h, const char *kind)
{
	format_count(w, "i", h->index);
	json_kv_str(w, "k", kind);
}

void format_head_mono(struct json_writer *w, const struct format_head *h)
{
	format_count(w, "mono_us", h->mono_us);
}

void format_head_prev(struct json_writer *w, const struct format_head *h)
{
	char prev[HASH_HEX_LEN + 1];

	hash_hex(h->prev.byte, HASH_LEN, prev);
	json_kv_str(w, "prev", prev);
}

void format_head_salt(struct json_writer *w, const struct format_head *h)
{
	char salt[2 * FORMAT_SALT_LEN + 1];

	hash_hex(h->salt, FORMAT_SALT_LEN, salt);
	json_kv_str(w, "salt", salt);
}

void format_head_time(struct json_writer *w, const struct format_head *h)
{
	format_int(w, "t", h->real_us);
}

void format_head_version(struct json_writer *w)
{
	json_kv_u64(w, "v", FORMAT_VERSION);
}

const char *format_or_empty(const char *s)
{
	return s ? s : "";
}

static void format_previous(struct json_writer *w, const struct checkpoint *c)
{
	char root[HASH_HEX_LEN + 1];

	json_key(w, "previous");
	if (!c) {
		json_put_null(w);
		return;
	}
	hash_hex(c->root.byte, HASH_LEN, root);
	json_object_begin(w);
	json_kv_str(w, "origin", c->origin);
	json_kv_str(w, "root", root);
	format_count(w, "size", c->size);
	json_object_end(w);
}

/* The data sets that figures rest on. */
static void format_data(struct json_writer *w, const struct ledger_options *o)
{
	json_key(w, "data");
	json_array_begin(w);
	if (o->intensity_sha256) {
		json_object_begin(w);
		json_kv_bytes(w, "licence", format_or_empty(o->intensity_licence));
		json_kv_str(w, "name", "intensity");
		json_kv_bytes(w, "sha256", o->intensity_sha256);
		json_object_end(w);
	}
	json_array_end(w);
}

static void format_plan(struct json_writer *w, const struct ledger_plan *p)
{
	bool now = p->now_zone[0];

	json_key(w, "plan");
	json_object_begin(w);
	json_key(w, "better_ppm");
	if (p->better_ppm >= 0)
		json_i64(w, p->better_ppm);
	else
		json_put_null(w);
	json_kv_str(w, "kind", p->kind);
	format_count(w, "mg_per_kwh", p->mg_per_kwh);
	json_key(w, "now_mg_per_kwh");
	if (now)
		json_u64(w, p->now_mg_per_kwh);
	else
		json_put_null(w);
	format_int(w, "now_us", p->now_us);
	json_kv_bytes(w, "now_zone", now ? p->now_zone : NULL);
	json_kv_str(w, "sha256", p->sha256);
	format_int(w, "start_us", p->start_us);
	json_kv_bytes(w, "zone", p->zone);
	json_object_end(w);
}

/* What a site and a machine add to the carbon of records, which is without. */
static void format_site(struct json_writer *w, const struct site_terms *t)
{
	const struct site_embodied *m = &t->embodied;

	json_key(w, "site");
	json_object_begin(w);
	json_key(w, "embodied");
	if (m->host) {
		json_object_begin(w);
		format_count(w, "g", m->g);
		format_count(w, "high_g", m->high_g);
		json_kv_bytes(w, "host", m->host);
		format_count(w, "low_g", m->low_g);
		format_count(w, "share_ppm", (uint64_t)llround(t->share * JT_PPM_PER_1));
		json_kv_bytes(w, "source", format_or_empty(m->source));
		json_kv_i64(w, "years", m->years);
		json_object_end(w);
	} else {
		json_put_null(w);
	}
	json_key(w, "pue");
	json_object_begin(w);
	format_count(w, "high_ppm", t->pue.high_ppm);
	format_count(w, "low_ppm", t->pue.low_ppm);
	json_kv_bytes(w, "site", format_or_empty(t->pue.site));
	json_kv_bytes(w, "source", format_or_empty(t->pue.source));
	format_count(w, "value_ppm", t->pue.pue_ppm);
	json_object_end(w);
	json_key(w, "water_ml_per_kwh");
	if (t->water_l_per_kwh >= 0)
		json_u64(w, (uint64_t)llround(fmin(t->water_l_per_kwh * 1000, 1e12)));
	else
		json_put_null(w);
	json_object_end(w);
}

void format_open_line(struct buf *out, const struct format_head *h, const struct format_open *o)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_kv_bytes(&w, "boot_id", o->boot_id);
	json_kv_bytes(&w, "bpf_tags", format_or_empty(o->options->bpf_tags));
	json_kv_bytes(&w, "build_id", format_or_empty(o->options->build_id));
	json_kv_bytes(&w, "config_sha256", format_or_empty(o->options->config_sha256));
	format_data(&w, o->options);
	format_count(&w, "heartbeat_us", o->options->heartbeat_ns / JT_NS_PER_US);
	format_head_index(&w, h, "open");
	json_kv_str(&w, "key", o->vkey);
	format_head_mono(&w, h);
	json_kv_str(&w, "origin", o->origin);
	if (o->options->plan)
		format_plan(&w, o->options->plan);
	format_head_prev(&w, h);
	format_previous(&w, o->previous);
	format_head_salt(&w, h);
	if (o->options->site)
		format_site(&w, o->options->site);
	format_head_time(&w, h);
	format_head_version(&w);
	json_object_end(&w);
}

void format_gap_line(struct buf *out, const struct format_head *h, const struct format_gap *g)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	format_int(&w, "from_us", g->from_us);
	format_head_index(&w, h, "gap");
	format_head_mono(&w, h);
	format_count(&w, "n_ticks", g->n_ticks);
	format_head_prev(&w, h);
	json_kv_str(&w, "reason", g->reason);
	format_head_salt(&w, h);
	format_head_time(&w, h);
	format_int(&w, "to_us", g->to_us);
	format_head_version(&w);
	json_object_end(&w);
}

void format_recover_line(struct buf *out, const struct format_head *h,
			 const struct format_recover *r)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	format_count(&w, "bytes", r->bytes);
	format_head_index(&w, h, "recover");
	format_head_mono(&w, h);
	format_head_prev(&w, h);
	format_head_salt(&w, h);
	json_kv_str(&w, "sha256", r->sha256);
	format_head_time(&w, h);
	format_head_version(&w);
	json_object_end(&w);
}

void format_key_line(struct buf *out, const struct format_head *h, const struct format_key *k)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	format_count(&w, "epoch", k->epoch);
	format_head_index(&w, h, "key");
	json_kv_str(&w, "key", k->vkey);
	format_head_mono(&w, h);
	format_head_prev(&w, h);
	format_head_salt(&w, h);
	format_head_time(&w, h);
	format_head_version(&w);
	json_object_end(&w);
}

void format_close_line(struct buf *out, const struct format_head *h)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	format_head_index(&w, h, "close");
	format_head_mono(&w, h);
	format_head_prev(&w, h);
	format_head_salt(&w, h);
	format_head_time(&w, h);
	format_head_version(&w);
	json_object_end(&w);
}

static void format_flags(struct json_writer *w, uint32_t flags)
{
	json_key(w, "flags");
	json_array_begin(w);
	if (flags & USAGE_ROW_IRQ)
		json_str(w, "irq");
	if (flags & JT_CELL_KTHREAD)
		json_str(w, "kthread");
	if (flags & JT_CELL_LINEAGE)
		json_str(w, "lineage");
	if (flags & JT_CELL_OVERFLOW)
		json_str(w, "overflow");
	if (flags & USAGE_ROW_RESERVED)
		json_str(w, "reserved");
	if (flags & USAGE_ROW_SELF)
		json_str(w, "self");
	if (flags & JT_CELL_V1_CGRP)
		json_str(w, "v1_cgroup");
	json_array_end(w);
}

/* comm is an array that need not end in a NUL. */
static void format_comm(struct json_writer *w, const struct sample *s)
{
	json_key(w, "comm");
	json_bytes(w, s->comm, strnlen(s->comm, sizeof(s->comm)));
}

/* What is not known has no member. */
static void format_label(struct json_writer *w, const char *name, const char *value)
{
	if (value)
		json_kv_bytes(w, name, value);
}

void format_sample_line(struct buf *out, const struct format_head *h, const struct tick *t,
			size_t i, uint64_t tick_index)
{
	const struct sample *s = &t->sample[i];
	bool task = record_kind_is_task(s->kind), known = format_tick_known(t);
	uint64_t ratio_ppm;
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	if (record_allocation_ppm(t, s, &ratio_ppm))
		format_count(&w, "allocation_ratio_ppm", ratio_ppm);
	json_kv_bytes(&w, "cgroup", s->cgroup);
	json_kv_big(&w, "cgroup_id", s->cgroup_id);
	format_label(&w, "cmdline", s->labels.cmdline);
	format_figure(&w, "co2e_high_ug", s->co2e.high, known);
	format_figure(&w, "co2e_low_ug", s->co2e.low, known);
	format_figure(&w, "co2e_ug", s->co2e_ug, known);
	if (task)
		format_comm(&w, s);
	format_label(&w, "container_name", s->labels.container_name);
	json_kv_big(&w, "cpu_ns", s->cpu_ns);
	format_figure(&w, "energy_high_uj", s->energy.high, known);
	format_figure(&w, "energy_low_uj", s->energy.low, known);
	format_figure(&w, "energy_uj", s->energy_uj, known);
	format_label(&w, "exe", s->labels.exe);
	format_flags(&w, s->flags);
	format_int(&w, "from_us", t->window.begin_real_us);
	/* "id" sorts between the two names of format_head_index(). */
	format_count(&w, "i", h->index);
	format_label(&w, "id", s->id);
	format_label(&w, "image", s->labels.image);
	json_kv_str(&w, "k", "sample");
	json_kv_str(&w, "kind", record_kind_name(s->kind));
	format_head_mono(&w, h);
	json_kv_bytes(&w, "name", s->name);
	format_label(&w, "namespace", s->labels.namespace);
	if (task)
		json_kv_u64(&w, "pid", s->tgid);
	if (record_kind_is_group(s->kind))
		format_label(&w, "pod", s->labels.pod);
	format_label(&w, "pod_name", s->labels.pod_name);
	format_head_prev(&w, h);
	if (record_kind_is_group(s->kind))
		format_label(&w, "runtime", s->labels.runtime);
	format_head_salt(&w, h);
	if (task)
		json_kv_big(&w, "start_boottime_ns", s->start_boottime_ns);
	format_head_time(&w, h);
	format_label(&w, "tags", s->labels.tags);
	format_count(&w, "tick", tick_index);
	if (s->kind == RECORD_THREAD)
		json_kv_u64(&w, "tid", s->pid);
	format_int(&w, "to_us", t->window.end_real_us);
	if (task)
		json_kv_u64(&w, "uid", s->uid);
	format_label(&w, "user", s->labels.user);
	format_head_version(&w);
	json_object_end(&w);
}
