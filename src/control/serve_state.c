/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* serve_state.c - what the daemon is, what it measured, what the grid is: version to intensity. */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "control/control_parts.h"
#include "export/parts.h"

/* A year with a leap day: a longer mean is nobody's. */
#define MAX_INTENSITY_US (INT64_C(366) * 86400 * 1000000)
/* What an answer's rows may take of what can wait. */
#define MAX_ROWS_BYTES (CLIENT_MAX_WAITING - (32U << 10))

void serve_version(const struct request *r)
{
	const struct control *c = r->client->control;
	struct answer a;

	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	json_kv_u64(&a.w, "protocol", 1);
	json_kv_str(&a.w, "version", JT_VERSION);
	json_kv_bool(&a.w, "privileged", r->client->privileged);
	json_kv_u64(&a.w, "interval_ns", c->o.interval_ns);
	json_object_end(&a.w);
	answer_end(&a);
}

static void put_ledger(const struct request *r, struct json_writer *w)
{
	const struct control *c = r->client->control;

	json_key(w, "ledger");
	if (!c->o.ledger_dir) {
		json_put_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_bytes(w, "dir", r->client->privileged ? c->o.ledger_dir : NULL);
	json_kv_bool(w, "writable", !pipeline_ledger_failed(c->pipeline));
	json_kv_u64(w, "n_records", pipeline_n_ledger_records(c->pipeline));
	json_object_end(w);
}

static void put_trouble(const struct control *c, struct json_writer *w)
{
	const char *intensity = pipeline_intensity_trouble(c->pipeline);

	json_key(w, "trouble");
	json_array_begin(w);
	if (pipeline_ledger_failed(c->pipeline))
		json_str(w, "the ledger cannot be written");
	if (intensity[0] && json_utf8_valid(intensity, __builtin_strlen(intensity)))
		json_str(w, intensity);
	if (c->is_deaf)
		json_str(w, "no more connections: the limit of open files is reached");
	if (c->sums->conservation.breached)
		json_str(w, "time or energy of some window does not add up");
	json_array_end(w);
}

void serve_status(const struct request *r)
{
	const struct control *c = r->client->control;
	struct intensity grid = c->total.intensity;
	struct answer a;

	/* No window yet: of now. */
	if (!c->total.n_windows)
		pipeline_intensity(c->pipeline, c->started_real_us, c->started_real_us, &grid);
	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	json_kv_str(&a.w, "state", c->is_stopping ? "stopping" : "measuring");
	json_kv_u64(&a.w, "pid", (uint64_t)getpid());
	json_kv_i64(&a.w, "started_real_us", c->started_real_us);
	json_kv_u64(&a.w, "uptime_ns", clock_mono_ns() - c->started_mono_ns);
	json_kv_bytes(&a.w, "power_source", pipeline_power_choice(c->pipeline));
	json_kv_str(&a.w, "quality", energy_quality_name(c->total.quality));
	json_kv_str(&a.w, "by", c->o.by);
	json_kv_str(&a.w, "zone", grid.zone);
	json_kv_u64(&a.w, "interval_ns", c->o.interval_ns);
	json_kv_u64(&a.w, "tick_ns", c->o.tick_ns);
	json_kv_u64(&a.w, "n_windows", c->total.n_windows);
	json_kv_u64(&a.w, "n_ticks", c->n_ticks);
	json_kv_u64(&a.w, "n_clients", c->n_clients);
	json_kv_u64(&a.w, "n_spans",
		    spans_n(c->spans) + (c->spans_of_all ? spans_n(c->spans_of_all) : 0));
	json_kv_u64(&a.w, "self_cpu_ns", c->sums->self_cpu_ns);
	parts_json_lost(&a.w, c->sums);
	parts_json_conservation(&a.w, c->sums);
	put_ledger(r, &a.w);
	put_trouble(c, &a.w);
	json_object_end(&a.w);
	answer_end(&a);
}

void put_figures(struct json_writer *w, const char *name, bool known,
		 const struct quant_interval_u64 *energy, const struct quant_interval_u64 *co2e)
{
	json_key(w, name);
	json_object_begin(w);
	parts_json_interval(w, "energy_uj", known, energy);
	parts_json_interval(w, "co2e_ug", known, co2e);
	json_object_end(w);
}

/* Of windows as this client may see them. */
static const struct course *total_of(const struct request *r)
{
	const struct control *c = r->client->control;

	return r->client->privileged ? &c->total : &c->total_of_all;
}

void serve_totals(const struct request *r)
{
	CLEANUP(cleanup_free) struct account *account = malloc(sizeof(*account));
	const struct course *total = total_of(r);
	bool known = total->host_uj || total->quality != ENERGY_MISSING;
	struct answer a;

	if (!account || !total->n_windows) {
		request_fail(r, "not_available", "no window is over yet");
		return;
	}
	course_finish(total, account);
	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	json_kv_i64(&a.w, "begin_real_us", total->window.begin_real_us);
	json_kv_i64(&a.w, "end_real_us", total->window.end_real_us);
	json_kv_u64(&a.w, "wall_ns", window_length_ns(&total->window));
	json_kv_u64(&a.w, "cpu_ns", total->task_ns);
	put_figures(&a.w, "host", known, &account->tick.host_energy, &account->tick.host_co2e);
	put_figures(&a.w, "idle", known, &account->tick.idle_energy, &account->tick.idle_co2e);
	json_key(&a.w, "unattributed_uj");
	if (known)
		json_u64(&a.w, total->unattributed_uj);
	else
		json_put_null(&a.w);
	json_kv_str(&a.w, "quality", energy_quality_name(total->quality));
	json_kv_u64(&a.w, "missing_ns", total->missing_ns);
	json_object_end(&a.w);
	answer_end(&a);
}

void put_consumers(struct answer *a, const struct shown *shown, uint64_t limit)
{
	const struct client *c = a->client;
	uint64_t n = 0;

	parts_json_window(&a->w, &shown->tick);
	json_kv_str(&a->w, "by", record_kind_name(shown->tick.by));
	json_key(&a->w, "consumers");
	json_array_begin(&a->w);
	for (size_t i = 0; i < shown->tick.n_samples; i++) {
		const struct sample *s = &shown->tick.sample[i];

		if (!c->privileged && !shown_is_of(s, c->uid))
			continue;
		if (n < limit && a->text.len < MAX_ROWS_BYTES)
			export_json_consumer(&a->w, &shown->tick, s);
		n++;
	}
	json_array_end(&a->w);
	/* With those of which there is no row. */
	json_kv_u64(&a->w, "n_consumers", c->privileged ? n + shown->n_left_out : n);
}

void serve_consumers(const struct request *r)
{
	const struct shown *shown = &r->client->control->shown;
	uint64_t limit = SHOWN_MAX;
	struct answer a;

	if (!request_u64(r, "limit", INT32_MAX, &limit))
		return;
	if (!shown->has_tick) {
		request_fail(r, "not_available", "no tick is over yet");
		return;
	}
	if (!r->client->privileged && window_length_ns(&shown->tick.window) < CONTROL_LEAST_NS) {
		request_fail(r, "not_available", "ticks are shorter than a second");
		return;
	}
	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	put_consumers(&a, shown, limit);
	json_object_end(&a.w);
	answer_end(&a);
}

void serve_intensity(const struct request *r)
{
	uint64_t from = UINT64_MAX, to = UINT64_MAX;
	struct intensity i;
	struct answer a;

	if (!request_u64(r, "from_real_us", INT64_MAX, &from) ||
	    !request_u64(r, "to_real_us", INT64_MAX, &to))
		return;
	if ((from == UINT64_MAX) != (to == UINT64_MAX) || from > to ||
	    to - from > MAX_INTENSITY_US) {
		request_fail(r, "bad_request",
			     "'from_real_us' and 'to_real_us' are a time of at most 366 days");
		return;
	}
	if (from == UINT64_MAX)
		from = to = (uint64_t)clock_real_us();
	pipeline_intensity(r->client->control->pipeline, (int64_t)from, (int64_t)to, &i);
	answer_begin(&a, r->client, r->id);
	json_object_begin(&a.w);
	parts_json_interval(
		&a.w, "mg_per_kwh", true,
		&(struct quant_interval_u64){ i.mg_per_kwh, i.low_mg_per_kwh, i.high_mg_per_kwh });
	json_kv_str(&a.w, "zone", i.zone);
	json_kv_str(&a.w, "kind", i.kind);
	json_kv_str(&a.w, "flags", i.flags ? i.flags : "");
	json_kv_str(&a.w, "source", i.source);
	json_kv_bool(&a.w, "is_annual_mean", i.is_annual_mean);
	json_object_end(&a.w);
	answer_end(&a);
}
