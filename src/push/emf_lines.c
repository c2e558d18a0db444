/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emf_lines.c - see emf_lines.h. */
#include "push/emf_lines.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#define DIMENSION_LEN 1024

struct metric {
	const char *name;
	const char *unit; /* of CloudWatch's */
	double value;	  /* NAN = not known, and not said */
};

/* A name as a dimension may be: ASCII, not empty, its end where it is too long. */
static void put_dimension(struct json_writer *w, const char *name, const char *value)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	const char *from;

	for (const char *c = value; *c; c++) {
		if (*c >= ' ' && *c < 0x7f)
			buf_putc(&text, *c);
		else
			buf_printf(&text, "\\x%02x", (unsigned char)*c);
	}
	if (text.err)
		w->out->err = text.err;
	if (text.err || text.len == 0 || strspn(text.data, " ") == text.len) {
		json_kv_str(w, name, "(unknown)");
		return;
	}
	from = text.data;
	if (text.len > DIMENSION_LEN) {
		char *begin = text.data + text.len - DIMENSION_LEN;

		from = memcpy(begin, "...", 3);
	}
	json_kv_str(w, name, from);
}

static void put_list(struct json_writer *w, const char *const *name, size_t n)
{
	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, name[i]);
	json_array_end(w);
}

static bool is_any_known(const struct metric *m)
{
	for (; m->name; m++)
		if (!isnan(m->value))
			return true;
	return false;
}

/* Milliseconds since 1970; 0 where that is not known. */
static int64_t stamp_ms(double s)
{
	double ms = s * 1e3;

	return ms > 0 && ms < (double)JSON_INT_MAX ? (int64_t)ms : 0;
}

/* "_aws": what CloudWatch takes out of the document; a set for each number of dimensions. */
static void put_directive(struct json_writer *w, const struct sink_tick *t, const struct metric *m,
			  size_t n_dimensions, size_t n_fewest)
{
	static const char *const dimensions[] = { "Host", "Kind", "Consumer" };

	json_key(w, "_aws");
	json_object_begin(w);
	json_kv_i64(w, "Timestamp", stamp_ms(t->now->host.tick_end_s));
	json_kv_str(w, "LogGroupName", "jouletrail");
	json_key(w, "CloudWatchMetrics");
	json_array_begin(w);
	json_object_begin(w);
	json_kv_str(w, "Namespace", "Jouletrail");
	json_key(w, "Dimensions");
	json_array_begin(w);
	for (size_t n = n_dimensions; n >= n_fewest; n--)
		put_list(w, dimensions, n);
	json_array_end(w);
	json_key(w, "Metrics");
	json_array_begin(w);
	for (; m->name; m++) {
		if (isnan(m->value))
			continue;
		json_object_begin(w);
		json_kv_str(w, "Name", m->name);
		json_kv_str(w, "Unit", m->unit);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
	json_array_end(w);
	json_object_end(w);
}

static void put_metrics(struct json_writer *w, const struct metric *m)
{
	for (; m->name; m++)
		if (!isnan(m->value))
			figures_put_json(w, m->name, m->value);
}

static void put_host(const struct sink_tick *t, struct buf *out)
{
	const struct figures_between *u = t->used;
	const struct figures_host *h = &t->now->host;
	const struct metric metrics[] = {
		{ "HostEnergyJoules", "None", u->energy_j[0] },
		{ "HostEnergyLowJoules", "None", u->energy_j[1] },
		{ "HostEnergyHighJoules", "None", u->energy_j[2] },
		{ "HostCo2eGrams", "None", u->co2e_g[0] },
		{ "HostCo2eLowGrams", "None", u->co2e_g[1] },
		{ "HostCo2eHighGrams", "None", u->co2e_g[2] },
		{ "HostPowerWatts", "None", h->power_w },
		{ "AccountedSeconds", "Seconds", u->seconds },
		{ "IntensityGramsPerKwh", "None", h->intensity_g_per_kwh[0] },
		{ "SelfCpuSeconds", "Seconds", u->self_cpu_s },
		{ "SelfEnergyJoules", "None", u->self_energy_j },
		{ NULL, NULL, 0 },
	};
	CLEANUP(buf_free) struct buf zone = { 0 };
	struct json_writer w;

	if (!is_any_known(metrics))
		return;
	json_begin(&w, out);
	json_object_begin(&w);
	put_directive(&w, t, metrics, 1, 1);
	put_dimension(&w, "Host", t->host);
	put_metrics(&w, metrics);
	if (exposition_label_value(t->now->intensity_labels, "zone", &zone) && zone.data)
		json_kv_bytes(&w, "Zone", zone.data);
	json_kv_str(&w, "Quality", figures_quality_name(h->quality));
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* All that is known of a consumer: no dimension, but to be searched for. */
static void put_labels(struct json_writer *w, struct exposition_text labels)
{
	struct exposition_text rest = labels, name, value;

	json_key(w, "Labels");
	json_object_begin(w);
	while (exposition_label(&rest, &name, &value)) {
		CLEANUP(buf_free) struct buf key = { 0 };
		CLEANUP(buf_free) struct buf text = { 0 };

		buf_append(&key, name.data, name.len);
		if (!exposition_label_value(labels, key.data, &text) ||
		    exposition_is(name, "kind") || !text.data)
			continue;
		json_kv_bytes(w, key.data, text.data);
	}
	json_object_end(w);
}

static void put_use(const struct sink_tick *t, const char *kind, const struct figures_use *u,
		    struct buf *out)
{
	const struct metric metrics[] = {
		{ "EnergyJoules", "None", u->amount[FIGURES_ENERGY_J] },
		{ "Co2eGrams", "None", u->amount[FIGURES_CO2E_G] },
		{ "CpuSeconds", "Seconds", u->amount[FIGURES_CPU_S] },
		{ NULL, NULL, 0 },
	};
	bool is_consumer = u->labels.len > 0;
	CLEANUP(buf_free) struct buf name = { 0 };
	struct json_writer w;

	if (!is_any_known(metrics))
		return;
	json_begin(&w, out);
	json_object_begin(&w);
	put_directive(&w, t, metrics, is_consumer ? 3 : 2, 2);
	put_dimension(&w, "Host", t->host);
	json_kv_str(&w, "Kind", kind);
	if (is_consumer) {
		exposition_label_value(u->labels, "consumer", &name);
		put_dimension(&w, "Consumer", name.data ? name.data : "");
		put_labels(&w, u->labels);
	}
	put_metrics(&w, metrics);
	json_object_end(&w);
	buf_putc(out, '\n');
}

void emf_lines_put(const struct sink_tick *t, struct buf *out)
{
	put_host(t, out);
	for (size_t i = 0; i < t->used->n; i++)
		put_use(t, "consumer", &t->used->row[i], out);
	put_use(t, "other", &t->used->others, out);
	put_use(t, "idle", &t->used->idle, out);
	put_use(t, "unattributed", &t->used->unattributed, out);
}
