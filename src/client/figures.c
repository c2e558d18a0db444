/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.c - see figures.h. */
#include "client/figures.h"

#include <errno.h>
#include <string.h>

/* An object that is read, and whether all of it so far was what it should be. */
struct reading {
	struct answer_value of;
	bool is_wrong;
};

static uint64_t take_u64(struct reading *r, const char *name)
{
	struct answer_value v;
	uint64_t n = 0;

	if (!answer_member(r->of, name, &v) && answer_u64(v, &n))
		r->is_wrong = true;
	return n;
}

static int64_t take_i64(struct reading *r, const char *name)
{
	struct answer_value v;
	int64_t n = 0;

	if (!answer_member(r->of, name, &v) && answer_i64(v, &n))
		r->is_wrong = true;
	return n;
}

static bool take_bool(const struct reading *r, const char *name)
{
	struct answer_value v;

	return !answer_member(r->of, name, &v) && answer_is_true(v);
}

static void take_text(struct reading *r, const char *name, char *ret, size_t size)
{
	struct answer_value v;

	ret[0] = '\0';
	if (answer_member(r->of, name, &v))
		return;
	answer_text(v, ret, size);
	r->is_wrong |= *v.at != '"';
}

/* A member that is an object; one without members where it is not there. */
static struct reading take_object(struct reading *r, const char *name)
{
	struct reading ret = { { "{}", 2 }, false };

	if (!answer_member(r->of, name, &ret.of) && *ret.of.at != '{')
		r->is_wrong = true;
	return ret;
}

/* Whether the figure is known. */
static bool take_figure(struct reading *r, const char *name, struct jt_figure *ret)
{
	struct reading figure;
	struct answer_value v;

	if (answer_member(r->of, name, &v))
		return false;
	figure = take_object(r, name);
	*ret = (struct jt_figure){ .value = take_u64(&figure, "value"),
				   .low = take_u64(&figure, "low"),
				   .high = take_u64(&figure, "high") };
	r->is_wrong |= figure.is_wrong || ret->low > ret->value || ret->value > ret->high;
	return true;
}

/* A word's place in a list; of one that is not there 0. */
static uint8_t take_word(struct reading *r, const char *name, const char *const *words, uint8_t n)
{
	struct answer_value v = { 0 };

	answer_member(r->of, name, &v);
	for (uint8_t i = 1; i < n; i++)
		if (answer_is(v, words[i]))
			return i;
	return 0;
}

static uint8_t take_quality(struct reading *r)
{
	static const char *const words[] = { "missing", "modelled", "measured" };

	return take_word(r, "quality", words, 3);
}

static int done(const struct reading *r, void *to, const void *from, size_t size)
{
	if (r->is_wrong || !r->of.len || *r->of.at != '{')
		return -EPROTO;
	memcpy(to, from, size);
	return 0;
}

int figures_result(struct answer_value ok, struct jt_result *ret)
{
	static const char *const ends[] = { "", "client", "parent", "target", "stopping" };
	struct reading r = { ok, false }, host = take_object(&r, "host");
	struct jt_result is = {
		.span = take_u64(&r, "span"),
		.begin_real_us = take_i64(&r, "begin_real_us"),
		.end_real_us = take_i64(&r, "end_real_us"),
		.wall_ns = take_u64(&r, "wall_ns"),
		.cpu_ns = take_u64(&r, "cpu_ns"),
		.n_windows = take_u64(&r, "n_windows"),
		.n_processes = take_u64(&r, "n_processes"),
		.host_wall_ns = take_u64(&host, "wall_ns"),
		.border_ppm = (uint32_t)take_u64(&r, "border_ppm"),
		.quality = take_quality(&r),
		.ended_by = take_word(&r, "ended_by", ends, 5),
		.lost = take_bool(&r, "lost"),
	};

	take_text(&r, "name", is.name, sizeof(is.name));
	take_text(&r, "zone", is.zone, sizeof(is.zone));
	is.has_energy = take_figure(&r, "energy_uj", &is.energy_uj);
	is.has_co2e = take_figure(&r, "co2e_ug", &is.co2e_ug);
	is.has_host_energy = take_figure(&host, "energy_uj", &is.host_energy_uj);
	is.has_host_co2e = take_figure(&host, "co2e_ug", &is.host_co2e_ug);
	is.has_intensity = take_figure(&r, "intensity_mg_per_kwh", &is.intensity_mg_per_kwh);
	r.is_wrong |= host.is_wrong;
	return done(&r, ret, &is, sizeof(is));
}

int figures_totals(struct answer_value ok, struct jt_host_totals *ret)
{
	struct reading r = { ok, false }, host = take_object(&r, "host"),
		       idle = take_object(&r, "idle");
	struct jt_host_totals is = {
		.begin_real_us = take_i64(&r, "begin_real_us"),
		.end_real_us = take_i64(&r, "end_real_us"),
		.wall_ns = take_u64(&r, "wall_ns"),
		.cpu_ns = take_u64(&r, "cpu_ns"),
		.unattributed_uj = take_u64(&r, "unattributed_uj"),
		.missing_ns = take_u64(&r, "missing_ns"),
		.quality = take_quality(&r),
	};

	is.has_energy = take_figure(&host, "energy_uj", &is.energy_uj);
	is.has_co2e = take_figure(&host, "co2e_ug", &is.co2e_ug);
	is.has_idle_energy = take_figure(&idle, "energy_uj", &is.idle_energy_uj);
	is.has_idle_co2e = take_figure(&idle, "co2e_ug", &is.idle_co2e_ug);
	r.is_wrong |= host.is_wrong || idle.is_wrong;
	return done(&r, ret, &is, sizeof(is));
}

/* All counts of losses: any of them says that some detail is missing. */
static uint64_t sum_lost(struct reading *r)
{
	struct reading lost = take_object(r, "lost");
	struct answer_value name, v;
	uint64_t sum = 0, n;
	size_t pos = 0;

	while (answer_next_member(lost.of, &pos, &name, &v))
		if (name.len > 3 && !memcmp(name.at, "\"n_", 3) && !answer_u64(v, &n) &&
		    __builtin_add_overflow(sum, n, &sum))
			sum = UINT64_MAX;
	return sum;
}

static void take_trouble(struct reading *r, struct jt_daemon_status *is)
{
	struct answer_value all = { 0 }, one;
	size_t pos = 0;

	answer_member(r->of, "trouble", &all);
	for (; answer_next(all, &pos, &one); is->n_trouble++)
		if (is->n_trouble < JT_MAX_TROUBLE)
			answer_text(one, is->trouble[is->n_trouble], sizeof(is->trouble[0]));
}

int figures_status(struct answer_value ok, struct jt_daemon_status *ret)
{
	struct reading r = { ok, false }, ledger = take_object(&r, "ledger"),
		       conservation = take_object(&r, "conservation");
	struct answer_value v;
	struct jt_daemon_status is = {
		.pid = take_i64(&r, "pid"),
		.started_real_us = take_i64(&r, "started_real_us"),
		.uptime_ns = take_u64(&r, "uptime_ns"),
		.interval_ns = take_u64(&r, "interval_ns"),
		.tick_ns = take_u64(&r, "tick_ns"),
		.n_windows = take_u64(&r, "n_windows"),
		.n_ticks = take_u64(&r, "n_ticks"),
		.n_clients = take_u64(&r, "n_clients"),
		.n_spans = take_u64(&r, "n_spans"),
		.self_cpu_ns = take_u64(&r, "self_cpu_ns"),
		.n_ledger_records = take_u64(&ledger, "n_records"),
		.n_lost = sum_lost(&r),
		.quality = take_quality(&r),
		.has_ledger = !answer_member(ok, "ledger", &v),
		.ledger_writable = take_bool(&ledger, "writable"),
		.breached = take_bool(&conservation, "breached"),
	};

	take_text(&r, "state", is.state, sizeof(is.state));
	take_text(&r, "by", is.by, sizeof(is.by));
	take_text(&r, "zone", is.zone, sizeof(is.zone));
	take_text(&r, "power_source", is.power_source, sizeof(is.power_source));
	take_text(&ledger, "dir", is.ledger_dir, sizeof(is.ledger_dir));
	take_trouble(&r, &is);
	r.is_wrong |= ledger.is_wrong;
	return done(&r, ret, &is, sizeof(is));
}
