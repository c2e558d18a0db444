/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_read.c - from a verified record to the sums that it belongs to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_facts.h"
#include "cli/report_key.h"
#include "cli/report_seen.h"
#include "cli/report_series.h"
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
static void read_grid(struct report *r, struct scan_value line, const struct report_moment *m)
{
	struct quant_interval_u64 mg_per_kwh;
	struct intensity i;

	intensity_source_at(r->grid, m->from_us, m->to_us, &i);
	if (r->facts)
		report_facts_grid(r->facts, &i, m->n_ticks);
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

/* The energy that is no consumer's, with the host's own relative uncertainty: idle has none. */
static struct quant_interval_u64 read_idle(const struct check_facts *f,
					   const struct quant_interval_u64 *host)
{
	uint64_t idle_uj = f->energy_uj - (uint64_t)f->energy_left_uj;
	double part = host->value ? (double)idle_uj / (double)host->value : 0;

	if (!host->value)
		return *host;
	return (struct quant_interval_u64){ idle_uj, (uint64_t)((double)host->low * part),
					    (uint64_t)((double)host->high * part) + 1 };
}

/* Its place in time, for a page; NULL where nobody asked for one. */
static struct report_sum *read_span(struct report *r, const struct check_facts *f,
				    const struct report_moment *m)
{
	struct scan_value line = { f->line, f->len };

	if (!r->series)
		return NULL;
	report_facts_take(r->facts, line, m->n_ticks);
	return report_series_take(r->series, m);
}

/* Figures of the tick to all sums that they belong to. */
static void report_figures(struct report *r, const struct check_facts *f, struct scan_value host,
			   const struct report_moment *m)
{
	struct report_sum *span = read_span(r, f, m);
	struct quant_interval_u64 energy, idle;
	uint64_t co2e_ug;

	r->host.total.time_ns += m->time_ns;
	r->idle.total.time_ns += m->time_ns;
	r->host.n_missing += m->n_missing;
	if (f->missing && f->energy_uj == 0)
		return;
	energy = figures_energy(host);
	figures_sources((struct scan_value){ f->line, f->len }, energy.value, &r->sources);
	co2e_ug = co2e_of(r, f->energy_uj, f->co2e_ug);
	report_sum_add(r, &r->host, &energy, co2e_ug);
	if (span)
		report_sum_add(r, span, &energy, co2e_ug);
	idle = read_idle(f, &energy);
	report_sum_add(r, &r->idle, &idle,
		       co2e_of(r, idle.value, f->co2e_ug - (uint64_t)f->co2e_left_ug));
}

static struct report_moment read_moment(const struct check_facts *f, struct scan_value window)
{
	struct scan_value line = { f->line, f->len };
	struct report_moment m = { .from_us = figures_us(window, "from_us"),
				   .to_us = figures_us(window, "to_us"),
				   .n_ticks = 1 };

	if (f->kind == CHECK_ROLLUP) {
		m.rolled_up = true;
		m.n_ticks = f->n_ticks;
		m.n_missing = figures_u64(line, "n_missing");
		m.time_ns = figures_u64(line, "time_ns");
		return m;
	}
	m.n_missing = f->missing && f->energy_uj == 0;
	if (f->end_mono_ns > f->begin_mono_ns)
		m.time_ns = f->end_mono_ns - f->begin_mono_ns;
	return m;
}

static void report_tick(struct report *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len }, window, host;
	struct report_moment m;

	r->inside = false;
	/* Its ticks are still here: they count, it does not. */
	if (f->kind == CHECK_ROLLUP && f->to > r->base)
		return;
	if (scan_member(line, "window", &window) || scan_member(line, "host", &host))
		return;
	m = read_moment(f, window);
	if (m.from_us < r->since_us || m.from_us >= r->until_us) {
		r->n_outside += m.n_ticks;
		return;
	}
	r->inside = true;
	r->tick = f->index;
	r->tick_ns = m.time_ns;
	if (r->n_ticks == 0 || m.from_us < r->from_us)
		r->from_us = m.from_us;
	if (m.to_us > r->to_us)
		r->to_us = m.to_us;
	r->n_ticks += m.n_ticks;
	report_site_tick(&r->site);
	if (m.rolled_up) {
		r->n_rolled_up += m.n_ticks;
		r->n_lost_ticks += figures_u64(line, "n_lost_ticks");
	}
	if (r->grid)
		read_grid(r, line, &m);
	else
		read_common(r, line);
	if (r->facts && !r->grid)
		report_facts_intensity(r->facts, line, m.n_ticks);
	report_quality(r, host);
	report_figures(r, f, host, &m);
}

/* A copy of text unless there is one already, or nothing to copy. */
static void keep_first(char **to, const char *text)
{
	if (!*to && *text)
		*to = strdup(text);
}

/* Of the first record; only those names that all of the group's records share mean anything. */
static void report_name(const struct report *r, struct report_group *g,
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
		g->pid = n->pid;
		g->start_boottime_ns = n->start_boottime_ns;
	}
}

static void read_names(const struct report *r, const struct scan_value *of, struct report_names *n)
{
	struct scan_value flag;
	size_t pos = 0;

	*n = (struct report_names){ .comm = "" };
	figures_text(of[OF_COMM], n->comm, sizeof(n->comm));
	figures_text(of[OF_CGROUP], n->cgroup, sizeof(n->cgroup));
	figures_text(of[OF_NAME], n->name, sizeof(n->name));
	figures_text(of[OF_ID], n->id, sizeof(n->id));
	figures_text(of[OF_KIND], n->kind, sizeof(n->kind));
	figures_text(of[r->by == RECORD_POD ? OF_POD_NAME : OF_CONTAINER_NAME], n->own_name,
		     sizeof(n->own_name));
	n->pid = figures_number(of[OF_PID]);
	n->start_boottime_ns = figures_number(of[OF_START]);
	n->has_uid = n->pid && !scan_u64(of[OF_UID], &n->uid);
	n->tid = figures_number(of[OF_TID]);
	while (scan_element(of[OF_FLAGS], &pos, &flag)) {
		n->is_irq |= scan_is_string(flag, "irq");
		n->is_kthread |= scan_is_string(flag, "kthread");
		n->is_reserved |= scan_is_string(flag, "reserved");
	}
}

/* The group of a sample. NULL without memory. */
static struct report_group *read_group(struct report *r, const struct scan_value *of)
{
	char key[REPORT_PATH_LEN] = "", id[REPORT_KEY_LEN] = "";
	struct report_group *g = report_seen_find(r, of);
	uint64_t n_beyond = r->n_beyond;
	struct report_names n;

	if (g)
		return g;
	read_names(r, of, &n);
	report_key(r, &n, key, id);
	g = report_group(r, key);
	if (!g)
		return NULL;
	keep_first(&g->id, id);
	report_name(r, g, &n);
	/* Records that found no room are counted one by one. */
	if (r->n_beyond == n_beyond)
		report_seen_add(r, of, g);
	return g;
}

static int report_sample(struct report *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len }, of[REPORT_N_OF];
	struct quant_interval_u64 energy;
	struct report_group *g;
	uint64_t missing, cpu_ns;

	scan_several(line, report_of, REPORT_N_OF, of);
	g = read_group(r, of);
	if (!g)
		return -ENOMEM;
	cpu_ns = figures_number(of[OF_CPU_NS]);
	g->sum.cpu_ns += cpu_ns;
	/* How long it was active: a row of a rollup says so, one of a tick as long as that. */
	if (g->last_tick != r->tick)
		g->sum.total.time_ns +=
			of[OF_TIME_NS].len ? figures_number(of[OF_TIME_NS]) : r->tick_ns;
	g->last_tick = r->tick;
	r->host.cpu_ns += cpu_ns;
	missing = figures_number(of[OF_N_MISSING]);
	g->sum.n_missing += missing;
	if (f->missing) {
		g->sum.n_missing += missing ? 0 : 1;
		return 0;
	}
	energy = figures_interval(figures_number(of[OF_ENERGY]), figures_number(of[OF_ENERGY_LOW]),
				  figures_number(of[OF_ENERGY_HIGH]));
	report_sum_add(r, &g->sum, &energy, co2e_of(r, f->energy_uj, f->co2e_ug));
	return r->each ? r->each(r, g, &energy, r->each_arg) : 0;
}

static void report_open(struct report *r, struct scan_value line)
{
	report_site_open(&r->site, line);
	if (r->facts)
		report_facts_open(r->facts, line);
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
		report_open(r, (struct scan_value){ f->line, f->len });
	else if (f->kind == CHECK_GAP)
		r->n_lost_ticks += f->n;
	return 0;
}
