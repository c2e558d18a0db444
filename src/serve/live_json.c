/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_json.c - see live.h: live_put_json(). */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "serve/live.h"

/* {"value":…,"low":…,"high":…}, all of it divided by per. */
static void put_interval(struct json_writer *w, const char *name, const double v[3], double per)
{
	json_key(w, name);
	json_object_begin(w);
	figures_put_json(w, "value", v[0] / per);
	figures_put_json(w, "low", v[1] / per);
	figures_put_json(w, "high", v[2] / per);
	json_object_end(w);
}

static void put_label(struct json_writer *w, const char *name, struct exposition_text labels,
		      const char *label)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	if (!exposition_label_value(labels, label, &text) || text.err)
		json_kv_str(w, name, NULL);
	else
		json_kv_bytes(w, name, text.data ? text.data : "");
}

/* What else is known of a consumer, in one line. */
static void put_more(struct json_writer *w, struct exposition_text labels)
{
	static const char *const wanted[] = { "id",	  "container_name", "container",
					      "pod_name", "namespace",	    "image",
					      "unit",	  "user",	    "vm" };
	CLEANUP(buf_free) struct buf text = { 0 };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t before = text.len;

		if (before)
			buf_puts(&text, " · ");
		if (!exposition_label_value(labels, wanted[i], &text) && before) {
			text.len = before;
			text.data[before] = '\0';
		}
	}
	json_kv_bytes(w, "more", text.err || !text.len ? NULL : text.data);
}

static void put_uses(struct json_writer *w, const struct figures_between *u)
{
	const double s = u->seconds;

	json_key(w, "consumers");
	json_array_begin(w);
	for (size_t i = 0; i < u->n; i++) {
		json_object_begin(w);
		put_label(w, "name", u->row[i].labels, "consumer");
		put_more(w, u->row[i].labels);
		figures_put_json(w, "power_w", u->row[i].amount[FIGURES_ENERGY_J] / s);
		figures_put_json(w, "cpus", u->row[i].amount[FIGURES_CPU_S] / s);
		json_object_end(w);
	}
	json_array_end(w);
	figures_put_json(w, "others_w", u->others.amount[FIGURES_ENERGY_J] / s);
	figures_put_json(w, "others_cpus", u->others.amount[FIGURES_CPU_S] / s);
	figures_put_json(w, "idle_w", u->idle.amount[FIGURES_ENERGY_J] / s);
	figures_put_json(w, "unattributed_w", u->unattributed.amount[FIGURES_ENERGY_J] / s);
	figures_put_json(w, "self_w", u->self_energy_j / s);
	figures_put_json(w, "self_cpus", u->self_cpu_s / s);
}

void live_put_json(const struct figures *now, const struct figures_between *used,
		   int64_t now_real_us, struct buf *out)
{
	const struct figures_host *h = &now->host;
	const double power_w[3] = { h->power_w, NAN, NAN };
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	figures_put_json(&w, "ticks", h->n_ticks);
	figures_put_json(&w, "tick_s", h->tick_s);
	figures_put_json(&w, "tick_end_s", h->tick_end_s);
	figures_put_json(&w, "now_s", (double)now_real_us / 1e6);
	figures_put_json(&w, "span_s", used ? used->seconds : NAN);
	json_kv_str(&w, "quality", figures_quality_name(h->quality));
	if (used)
		put_interval(&w, "power_w", used->energy_j, used->seconds);
	else
		put_interval(&w, "power_w", power_w, 1);
	put_interval(&w, "today_co2e_g", h->today_co2e_g, 1);
	put_interval(&w, "today_energy_j", h->today_energy_j, 1);
	figures_put_json(&w, "today_since_s", h->today_since_s);
	put_interval(&w, "intensity_g_per_kwh", h->intensity_g_per_kwh, 1);
	put_label(&w, "zone", now->intensity_labels, "zone");
	put_label(&w, "intensity_type", now->intensity_labels, "type");
	put_label(&w, "version", now->version_labels, "version");
	if (used)
		put_uses(&w, used);
	json_object_end(&w);
}
