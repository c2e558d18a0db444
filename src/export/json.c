/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json.c - the objects jouletrail.run/1 and jouletrail.top/1, in RFC 8785 form and one line. */
#include <string.h>

#include "base/json.h"
#include "export/outputs.h"
#include "export/parts.h"

void parts_json_command(struct json_writer *w, char *const *command)
{
	json_key(w, "command");
	json_array_begin(w);
	for (char *const *arg = command; *arg; arg++)
		json_bytes(w, *arg, strlen(*arg));
	json_array_end(w);
}

static void json_command_total(struct json_writer *w, const struct export_run *r)
{
	bool known = export_has_energy(r->total);

	json_key(w, "command_total");
	json_object_begin(w);
	parts_json_budget(w, r->budget, r->n_budget, r->total->intensity.is_default);
	parts_json_interval(w, "co2e_ug", known, &r->command_total->co2e);
	json_kv_u64(w, "cpu_ns", r->command_total->cpu_ns);
	parts_json_interval(w, "energy_uj", known, &r->command_total->energy);
	json_kv_u64(w, "n_survivors", r->n_survivors);
	if (r->n_tasks)
		json_kv_u64(w, "n_tasks", r->n_tasks);
	else
		json_kv_str(w, "n_tasks", NULL);
	json_object_end(w);
}

void parts_json_ratio(struct json_writer *w, const char *name, const struct export_ratio *r)
{
	json_key(w, name);
	json_object_begin(w);
	json_kv_u64(w, "less_ppm", r->less_ppm);
	json_kv_u64(w, "ratio_high_ppm", r->high_ppm);
	json_kv_u64(w, "ratio_low_ppm", r->low_ppm);
	json_kv_u64(w, "ratio_ppm", r->ratio_ppm);
	json_object_end(w);
}

static void json_comparison(struct json_writer *w, const struct export_comparison *c)
{
	json_key(w, "comparison");
	if (!c) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_bytes(w, "baseline", c->baseline);
	if (c->co2e_why)
		json_kv_str(w, "co2e", NULL);
	else
		parts_json_ratio(w, "co2e", &c->co2e);
	json_kv_str(w, "co2e_why", c->co2e_why);
	parts_json_ratio(w, "energy", &c->energy);
	json_kv_bool(w, "same_grid", c->same_grid);
	json_kv_bool(w, "same_machine", c->same_machine);
	json_object_end(w);
}

static void json_ledger(struct json_writer *w, const struct export_run *r)
{
	json_key(w, "ledger");
	if (!r->ledger_dir) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_bytes(w, "dir", r->ledger_dir);
	json_kv_u64(w, "n_records", r->n_ledger_records);
	json_object_end(w);
}

void output_json_run(struct buf *out, const struct export_run *r)
{
	const struct tick *t = r->total;
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	if (r->attached)
		json_kv_bytes(&w, "attached", r->attached);
	parts_json_branches(&w, t);
	parts_json_budget(&w, t->budget, t->n_budget, t->intensity.is_default);
	parts_json_command(&w, r->command);
	json_command_total(&w, r);
	json_comparison(&w, r->comparison);
	parts_json_conservation(&w, t);
	parts_json_consumers(&w, t);
	if (r->daemon)
		json_kv_bytes(&w, "daemon", r->daemon);
	parts_json_domains(&w, t);
	if (r->attached)
		json_kv_str(&w, "exit_status", NULL);
	else
		json_kv_i64(&w, "exit_status", r->exit_status);
	parts_json_gaps(&w, t);
	parts_json_host(&w, t);
	parts_json_intensity(&w, "intensity_mg_per_kwh", &t->intensity);
	json_ledger(&w, r);
	parts_json_lost(&w, t);
	json_kv_str(&w, "machine", r->machine);
	parts_json_method(&w, t);
	json_kv_u64(&w, "n_cpus", t->n_cpus);
	json_kv_u64(&w, "n_windows", t->n_windows);
	json_kv_bytes(&w, "power_source", r->power_source);
	json_kv_str(&w, "quality", energy_quality_name(t->quality));
	json_kv_str(&w, "schema", "jouletrail.run/1");
	json_kv_u64(&w, "self_cpu_ns", t->self_cpu_ns);
	if (r->site)
		parts_json_site(&w, r->site);
	json_kv_u64(&w, "wall_ns", r->wall_ns);
	parts_json_window(&w, t);
	json_kv_str(&w, "zone", t->intensity.zone);
	json_object_end(&w);
	buf_putc(out, '\n');
}

void output_json_top(struct buf *out, const struct tick *t)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	parts_json_branches(&w, t);
	parts_json_budget(&w, t->budget, t->n_budget, t->intensity.is_default);
	parts_json_conservation(&w, t);
	parts_json_consumers(&w, t);
	parts_json_domains(&w, t);
	parts_json_gaps(&w, t);
	parts_json_host(&w, t);
	parts_json_intensity(&w, "intensity_mg_per_kwh", &t->intensity);
	parts_json_lost(&w, t);
	parts_json_method(&w, t);
	json_kv_u64(&w, "n_cpus", t->n_cpus);
	json_kv_u64(&w, "n_windows", t->n_windows);
	json_kv_str(&w, "quality", energy_quality_name(t->quality));
	json_kv_str(&w, "schema", "jouletrail.top/1");
	json_kv_u64(&w, "self_cpu_ns", t->self_cpu_ns);
	parts_json_window(&w, t);
	json_kv_str(&w, "zone", t->intensity.zone);
	json_object_end(&w);
	buf_putc(out, '\n');
}
