/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_read.c - from a verified record to the sums that it belongs to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_key.h"
#include "jouletrail/units.h"
#include "ledger/figures.h"
#include "ledger/scan.h"

const char *report_by_name(unsigned int by)
{
	return by == REPORT_ZONE   ? "zone"
	       : by == REPORT_HOST ? "host"
				   : record_kind_name((enum record_kind)by);
}

int report_by_parse(const char *word, unsigned int *ret)
{
	enum record_kind kind;
	int err = record_kind_parse(word, &kind);

	if (!err)
		*ret = kind;
	else if (!strcmp(word, "zone"))
		*ret = REPORT_ZONE;
	else if (!strcmp(word, "host"))
		*ret = REPORT_HOST;
	else
		return err;
	return 0;
}

/* Number of the zone; the last one takes what finds no room, adding linearly: wider, if at all. */
static size_t read_zone(struct report *r, const char *zone)
{
	size_t i;

	for (i = 0; i < r->n_zones; i++)
		if (strcmp(r->zone[i], zone) == 0)
			return i;
	if (i == REPORT_MAX_ZONES)
		return i - 1;
	snprintf(r->zone[i], sizeof(r->zone[i]), "%s", zone);
	r->n_zones++;
	return i;
}

/* What the record says, or its energy by the other grid. */
static uint64_t co2e_of(const struct report *r, uint64_t energy_uj, uint64_t recorded_ug)
{
	return r->grid ? jt_product_to_ug(jt_energy_x_intensity(energy_uj, r->tick_mg_per_kwh))
		       : recorded_ug;
}

/* One word for all ticks, or "mixed". */
static void read_word(char to[REPORT_WORD_LEN], const char *word)
{
	if (to[0] && strcmp(to, word) != 0)
		word = "mixed";
	snprintf(to, REPORT_WORD_LEN, "%s", word);
}

static void read_common(struct report *r, struct scan_value line)
{
	char zone[32] = "", kind[REPORT_WORD_LEN] = "", boundary[REPORT_WORD_LEN] = "";
	struct scan_value i;

	if (!scan_member(line, "intensity", &i)) {
		figures_bytes(i, "zone", zone, sizeof(zone));
		figures_bytes(i, "kind", kind, sizeof(kind));
		figures_bytes(i, "boundary", boundary, sizeof(boundary));
	}
	figures_common(line, &r->tick_common);
	r->tick_zone = read_zone(r, zone);
	read_word(r->kind, kind);
	read_word(r->boundary, boundary);
}

/* The tick's intensity by another grid than it was recorded with. */
static void read_grid(struct report *r, struct scan_value line, int64_t from_us, int64_t to_us)
{
	struct quant_interval_u64 mg_per_kwh;
	struct intensity i;

	intensity_source_at(r->grid, from_us, to_us, &i);
	mg_per_kwh =
		(struct quant_interval_u64){ i.mg_per_kwh, i.low_mg_per_kwh, i.high_mg_per_kwh };
	quant_common_from(&mg_per_kwh, figures_random_ppm2(line), i.is_annual_mean,
			  &r->tick_common);
	r->tick_mg_per_kwh = i.mg_per_kwh;
	r->tick_zone = read_zone(r, i.zone);
	read_word(r->kind, i.kind);
	read_word(r->boundary, i.boundary);
}

static void report_quality(struct report *r, struct scan_value host)
{
	struct scan_value q;

	if (scan_member(host, "quality", &q))
		return;
	r->any_missing |= scan_is_string(q, "missing");
	r->any_modelled |= scan_is_string(q, "modelled");
}

static void report_tick(struct report *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len }, window, host;
	struct quant_interval_u64 energy;
	bool rollup = f->kind == CHECK_ROLLUP;
	uint64_t n = rollup ? f->n_ticks : 1;
	int64_t from, to;

	r->inside = false;
	/* Its ticks are still here: they count, it does not. */
	if (rollup && f->to > r->base)
		return;
	if (scan_member(line, "window", &window) || scan_member(line, "host", &host))
		return;
	from = figures_us(window, "from_us");
	to = figures_us(window, "to_us");
	if (from < r->since_us || from >= r->until_us) {
		r->n_outside += n;
		return;
	}
	r->inside = true;
	r->tick = f->index;
	r->tick_ns = f->end_mono_ns > f->begin_mono_ns ? f->end_mono_ns - f->begin_mono_ns : 0;
	if (rollup)
		r->tick_ns = figures_u64(line, "time_ns");
	if (r->n_ticks == 0 || from < r->from_us)
		r->from_us = from;
	r->n_ticks += n;
	report_site_tick(&r->site);
	r->n_rolled_up += rollup ? n : 0;
	r->n_lost_ticks += rollup ? figures_u64(line, "n_lost_ticks") : 0;
	if (to > r->to_us)
		r->to_us = to;
	if (r->grid)
		read_grid(r, line, from, to);
	else
		read_common(r, line);
	report_quality(r, host);
	r->host.total.time_ns += r->tick_ns;
	r->idle.total.time_ns += r->tick_ns;
	if (rollup)
		r->host.n_missing += figures_u64(line, "n_missing");
	if (f->missing && f->energy_uj == 0) {
		r->host.n_missing += rollup ? 0 : 1;
		return;
	}
	energy = figures_energy(host);
	figures_sources(line, energy.value, &r->sources);
	report_sum_add(r, &r->host, &energy, co2e_of(r, f->energy_uj, f->co2e_ug));
	/* The host's own relative uncertainty: idle has none of its own on record. */
	if (energy.value) {
		double part =
			(double)(f->energy_uj - (uint64_t)f->energy_left_uj) / (double)energy.value;

		energy.low = (uint64_t)((double)energy.low * part);
		energy.high = (uint64_t)((double)energy.high * part) + 1;
		energy.value = f->energy_uj - (uint64_t)f->energy_left_uj;
	}
	report_sum_add(r, &r->idle, &energy,
		       co2e_of(r, energy.value, f->co2e_ug - (uint64_t)f->co2e_left_ug));
}

/* A copy of text unless there is one already, or nothing to copy. */
static void keep_first(char **to, const char *text)
{
	if (!*to && *text)
		*to = strdup(text);
}

/* Of the first record; only those names that all of the group's records share mean anything. */
static void report_name(const struct report *r, struct report_group *g, struct scan_value line,
			const struct report_names *n)
{
	bool task = r->by < RECORD_N_KINDS && record_kind_is_task((enum record_kind)r->by);

	if (task || r->by == RECORD_COMM)
		keep_first(&g->comm, n->comm);
	if (task || r->by == RECORD_CGROUP)
		keep_first(&g->cgroup, n->cgroup);
	else if (g->id && g->key[0] == '/')
		keep_first(&g->cgroup, g->key);
	/* Before it was answered what it is called, it was called by its id. */
	if (r->by == RECORD_CONTAINER || r->by == RECORD_POD)
		keep_first(&g->name, n->own_name);
	if (task || r->by == RECORD_CGROUP ||
	    (!strcmp(n->kind, report_by_name(r->by)) && strcmp(n->name, n->id) != 0))
		keep_first(&g->name, n->name);
	if (task && g->pid == 0) {
		g->pid = figures_u64(line, "pid");
		g->start_boottime_ns = figures_u64(line, "start_boottime_ns");
	}
}

static void read_names(const struct report *r, struct scan_value line, struct report_names *n)
{
	struct scan_value v, flag;
	size_t pos = 0;

	*n = (struct report_names){ .comm = "" };
	figures_bytes(line, "comm", n->comm, sizeof(n->comm));
	figures_bytes(line, "cgroup", n->cgroup, sizeof(n->cgroup));
	figures_bytes(line, "name", n->name, sizeof(n->name));
	figures_bytes(line, "id", n->id, sizeof(n->id));
	figures_bytes(line, "kind", n->kind, sizeof(n->kind));
	figures_bytes(line, r->by == RECORD_POD ? "pod_name" : "container_name", n->own_name,
		      sizeof(n->own_name));
	n->has_uid =
		figures_u64(line, "pid") && !scan_member(line, "uid", &v) && !scan_u64(v, &n->uid);
	n->tid = figures_u64(line, "tid");
	if (scan_member(line, "flags", &v))
		return;
	while (scan_element(v, &pos, &flag)) {
		n->is_irq |= scan_is_string(flag, "irq");
		n->is_kthread |= scan_is_string(flag, "kthread");
		n->is_reserved |= scan_is_string(flag, "reserved");
	}
}

/* How long it was active: a row of a rollup says so, one of a tick as long as that. */
static uint64_t read_time(struct scan_value line, uint64_t tick_ns)
{
	struct scan_value v;

	return scan_member(line, "time_ns", &v) ? tick_ns : figures_u64(line, "time_ns");
}

static int report_sample(struct report *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len };
	char key[REPORT_PATH_LEN] = "", id[REPORT_KEY_LEN] = "";
	struct quant_interval_u64 energy;
	struct report_group *g;
	struct report_names n;
	uint64_t missing;

	read_names(r, line, &n);
	report_key(r, line, &n, key, id);
	g = report_group(r, key);
	if (!g)
		return -ENOMEM;
	keep_first(&g->id, id);
	report_name(r, g, line, &n);
	g->sum.cpu_ns += figures_u64(line, "cpu_ns");
	if (g->last_tick != r->tick)
		g->sum.total.time_ns += read_time(line, r->tick_ns);
	g->last_tick = r->tick;
	r->host.cpu_ns += figures_u64(line, "cpu_ns");
	missing = figures_u64(line, "n_missing");
	g->sum.n_missing += missing;
	if (f->missing) {
		g->sum.n_missing += missing ? 0 : 1;
		return 0;
	}
	energy = figures_energy(line);
	report_sum_add(r, &g->sum, &energy, co2e_of(r, f->energy_uj, f->co2e_ug));
	return r->each ? r->each(r, g, &energy, r->each_arg) : 0;
}

int report_add(struct report *r, const struct check_facts *f)
{
	if (!r->began)
		r->base = f->index;
	r->began = true;
	if (f->kind == CHECK_TICK || f->kind == CHECK_ROLLUP)
		report_tick(r, f);
	else if (f->kind == CHECK_SAMPLE && r->inside)
		return report_sample(r, f);
	else if (f->kind == CHECK_OPEN)
		report_site_open(&r->site, (struct scan_value){ f->line, f->len });
	else if (f->kind == CHECK_GAP)
		r->n_lost_ticks += f->n;
	return 0;
}
