/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* repeats.c - see repeats.h. */
#include "export/repeats.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "export/number.h"
#include "export/parts.h"
#include "export/text.h"

static void put_command(struct buf *out, char *const *command, size_t max)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	for (char *const *arg = command; *arg; arg++)
		buf_printf(&line, "%s%s", arg == command ? "" : " ", *arg);
	text_put_escaped(out, line.err || !line.data ? "" : line.data, max);
}

/* "3.51 J ±0.06        energy of a run (modelled); runs differ by that" */
static void put_figure(struct buf *out, const struct quant_interval_u64 *v, bool known,
		       const char *unit, const char *what)
{
	CLEANUP(buf_free) struct buf figure = { 0 };

	if (known)
		number_put_interval(&figure, v, unit);
	else
		buf_puts(&figure, "unknown");
	parts_human_figure(out, &figure, what);
}

static void put_range(struct buf *out, const struct export_spread *s, const char *unit,
		      const char *what)
{
	struct number_scale scale = number_scale_plain(s->median);
	CLEANUP(buf_free) struct buf figure = { 0 };
	const uint64_t v[] = { s->least, s->median, s->most };
	char text[96];

	if (!s->known)
		return;
	for (size_t i = 0; i < 3; i++) {
		buf_puts(&figure, i ? " … " : "");
		number_put(&figure, v[i], &scale);
	}
	buf_printf(&figure, " %s%s", scale.prefix, unit);
	snprintf(text, sizeof(text), "least, median and most %s", what);
	parts_human_figure(out, &figure, text);
}

static void put_repeated(struct buf *out, const struct export_repeats *r,
			 const struct export_repeated *c)
{
	const struct tick *t = r->session->total;
	bool several = c->n > 1;
	char what[160];

	snprintf(what, sizeof(what), "energy of a run (%s)%s", parts_human_quality(t),
		 several ? ", as the runs differ" : "");
	put_figure(out, &c->energy.runs, c->energy.known, "J", what);
	put_figure(out, &c->energy.both, c->energy.known, "J",
		   several ? "with what is common to them all" : "with its uncertainty");
	snprintf(what, sizeof(what), "carbon of a run, the same, zone %s%s", t->intensity.zone,
		 t->intensity.is_default ? " (NONE GIVEN)" : "");
	put_figure(out, &c->co2e.both, c->co2e.known, "g CO2e", what);
	put_figure(out, &c->wall.runs, c->wall.known, "s", "wall time");
	put_figure(out, &c->cpu.runs, c->cpu.known, "s", "CPU time");
	if (several) {
		put_range(out, &c->energy, "J", "energy");
		put_range(out, &c->wall, "s", "wall time");
	}
}

static uint64_t n_failed(const struct export_repeated *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->run[i].exit_status != 0;
	return n;
}

static void put_remarks(struct buf *out, const struct export_repeated *c)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	uint64_t n_outliers = c->energy.n_outliers > c->wall.n_outliers ? c->energy.n_outliers
									: c->wall.n_outliers;

	if (n_failed(c))
		buf_printf(&line, "%" PRIu64 " of %zu runs ended with a status that is not 0. ",
			   n_failed(c), c->n);
	if (n_outliers)
		buf_printf(&line,
			   "%" PRIu64 " of %zu runs %s far off the others: was the machine busy? "
			   "The median is the safer figure. ",
			   n_outliers, c->n, n_outliers == 1 ? "is" : "are");
	if (line.len && !line.err) {
		buf_putc(out, '\n');
		text_put_folded(out, line.data);
	}
}

static void put_ratios(struct buf *out, const struct export_repeats *r)
{
	CLEANUP(buf_free) struct buf line = { 0 };

	if (!r->compared)
		return;
	buf_puts(out, "\n The first command over the second, pair by pair:\n");
	if (!r->energy_why)
		export_human_ratio(out, "It", &r->energy, "energy");
	if (!r->co2e_why)
		export_human_ratio(out, "It", &r->co2e, "carbon");
	export_human_ratio(out, "It", &r->wall, "wall time");
	if (r->energy_why)
		buf_printf(&line, "No comparison of energy: %s. ", r->energy_why);
	if (r->co2e_why && !r->energy_why)
		buf_printf(&line, "No comparison of carbon: %s. ", r->co2e_why);
	buf_puts(&line, "The error of meters and grid is the same in both and cancels.");
	text_put_folded(out, line.err ? "" : line.data);
}

static void human(struct buf *out, const struct export_repeats *r)
{
	for (size_t i = 0; i < r->n_commands; i++) {
		const struct export_repeated *c = &r->command[i];

		buf_puts(out, "\n Energy and carbon of '");
		put_command(out, c->command, 40);
		buf_printf(out, "', %zu run%s", c->n, c->n == 1 ? "" : "s");
		if (r->n_warmups)
			buf_printf(out, " after %" PRIu64 " to warm up", r->n_warmups);
		buf_puts(out, "\n\n");
		put_repeated(out, r, c);
		put_remarks(out, c);
	}
	put_ratios(out, r);
	parts_human_notes(out, r->session);
}

/* Integers with their unit in the name, as everywhere. */
static void json_spread(struct json_writer *w, const char *name, const struct export_spread *s)
{
	json_key(w, name);
	if (!s->known) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_u64(w, "least", s->least);
	parts_json_interval(w, "mean", true, &s->both);
	parts_json_interval(w, "mean_of_runs", true, &s->runs);
	json_kv_u64(w, "median", s->median);
	json_kv_u64(w, "most", s->most);
	json_kv_u64(w, "n_outliers", s->n_outliers);
	json_object_end(w);
}

static void json_one(struct json_writer *w, const struct export_one *one)
{
	json_object_begin(w);
	if (one->known)
		json_kv_u64(w, "co2e_ug", one->co2e_ug);
	else
		json_kv_str(w, "co2e_ug", NULL);
	json_kv_u64(w, "cpu_ns", one->cpu_ns);
	if (one->known)
		json_kv_u64(w, "energy_uj", one->energy_uj);
	else
		json_kv_str(w, "energy_uj", NULL);
	json_kv_i64(w, "exit_status", one->exit_status);
	json_kv_u64(w, "n_tasks", one->n_tasks);
	json_kv_u64(w, "wall_ns", one->wall_ns);
	json_object_end(w);
}

static void json_repeated(struct json_writer *w, const struct export_repeated *c)
{
	json_object_begin(w);
	parts_json_command(w, c->command);
	json_spread(w, "co2e_ug", &c->co2e);
	json_spread(w, "cpu_us", &c->cpu);
	json_spread(w, "energy_uj", &c->energy);
	json_key(w, "runs");
	json_array_begin(w);
	for (size_t i = 0; i < c->n; i++)
		json_one(w, &c->run[i]);
	json_array_end(w);
	json_spread(w, "wall_us", &c->wall);
	json_object_end(w);
}

static void json_comparison(struct json_writer *w, const struct export_repeats *r)
{
	json_key(w, "comparison");
	if (!r->compared) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	if (r->co2e_why)
		json_kv_str(w, "co2e", NULL);
	else
		parts_json_ratio(w, "co2e", &r->co2e);
	json_kv_str(w, "co2e_why", r->co2e_why);
	if (r->energy_why)
		json_kv_str(w, "energy", NULL);
	else
		parts_json_ratio(w, "energy", &r->energy);
	json_kv_str(w, "energy_why", r->energy_why);
	parts_json_ratio(w, "wall", &r->wall);
	json_object_end(w);
}

static void json(struct buf *out, const struct export_repeats *r)
{
	const struct tick *t = r->session->total;
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_key(&w, "commands");
	json_array_begin(&w);
	for (size_t i = 0; i < r->n_commands; i++)
		json_repeated(&w, &r->command[i]);
	json_array_end(&w);
	json_comparison(&w, r);
	parts_json_conservation(&w, t);
	parts_json_domains(&w, t);
	parts_json_gaps(&w, t);
	parts_json_host(&w, t);
	parts_json_intensity(&w, "intensity_mg_per_kwh", &t->intensity);
	parts_json_lost(&w, t);
	json_kv_str(&w, "machine", r->session->machine);
	parts_json_method(&w, t);
	json_kv_u64(&w, "n_cpus", t->n_cpus);
	json_kv_u64(&w, "n_warmups", r->n_warmups);
	json_kv_u64(&w, "n_windows", t->n_windows);
	json_kv_bytes(&w, "power_source", r->session->power_source);
	json_kv_str(&w, "quality", energy_quality_name(t->quality));
	json_kv_str(&w, "schema", "jouletrail.repeat/1");
	json_kv_u64(&w, "self_cpu_ns", t->self_cpu_ns);
	parts_json_window(&w, t);
	json_kv_str(&w, "zone", t->intensity.zone);
	json_object_end(&w);
	buf_putc(out, '\n');
}

/* Commands are told apart by their number: their words may be anything. */
static void csv(struct buf *out, const struct export_repeats *r)
{
	buf_puts(out, "command,run,wall_ns,cpu_ns,energy_uj,co2e_ug,n_tasks,exit_status\n");
	for (size_t i = 0; i < r->n_commands; i++) {
		const struct export_repeated *c = &r->command[i];

		for (size_t k = 0; k < c->n; k++) {
			const struct export_one *one = &c->run[k];

			buf_printf(out, "%zu,%zu,%" PRIu64 ",%" PRIu64 ",", i + 1, k + 1,
				   one->wall_ns, one->cpu_ns);
			if (one->known)
				buf_printf(out, "%" PRIu64 ",%" PRIu64, one->energy_uj,
					   one->co2e_ug);
			else
				buf_putc(out, ',');
			buf_printf(out, ",%" PRIu64 ",%d\n", one->n_tasks, one->exit_status);
		}
	}
}

void export_repeats_report(struct buf *out, enum export_format f, const struct export_repeats *r)
{
	switch (f) {
	case EXPORT_HUMAN:
		human(out, r);
		break;
	case EXPORT_JSON:
		json(out, r);
		break;
	case EXPORT_CSV:
		csv(out, r);
		break;
	case EXPORT_HTML: /* run has none */
		break;
	}
}
