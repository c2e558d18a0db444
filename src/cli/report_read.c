/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_read.c - from a verified record to the sums that it belongs to. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "jouletrail/units.h"
#include "ledger/figures.h"
#include "ledger/scan.h"

static const char *const report_by_names[] = {
	[REPORT_PROCESS] = "process",	  [REPORT_COMM] = "comm",	[REPORT_CGROUP] = "cgroup",
	[REPORT_CONTAINER] = "container", [REPORT_SERVICE] = "service", [REPORT_USER] = "user",
	[REPORT_ZONE] = "zone",		  [REPORT_HOST] = "host",
};

const char *report_by_name(enum report_by by)
{
	return report_by_names[by];
}

int report_by_parse(const char *word, enum report_by *ret)
{
	for (size_t i = 0; i < sizeof(report_by_names) / sizeof(report_by_names[0]); i++) {
		if (strcmp(word, report_by_names[i]) == 0) {
			*ret = (enum report_by)i;
			return 0;
		}
	}
	return -EINVAL;
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

/* The longest run of 64 hexadecimal digits is a container's id, whoever runs it. */
static bool read_container(const char *cgroup, char ret[65])
{
	size_t n = 0;

	for (const char *at = cgroup; *at; at++) {
		n = isdigit((unsigned char)*at) || (*at >= 'a' && *at <= 'f') ? n + 1 : 0;
		if (n == 64) {
			memcpy(ret, at - 63, 64);
			ret[64] = '\0';
			return true;
		}
	}
	return false;
}

/* The innermost part of the path that ends in suffix. */
static bool read_unit(const char *cgroup, const char *suffix, char *ret, size_t size)
{
	size_t end = strlen(cgroup), len = strlen(suffix);

	while (end > 0) {
		size_t from = end;

		while (from > 0 && cgroup[from - 1] != '/')
			from--;
		if (end - from > len && strncmp(cgroup + end - len, suffix, len) == 0) {
			snprintf(ret, size, "%.*s", (int)(end - from), cgroup + from);
			return true;
		}
		end = from ? from - 1 : 0;
	}
	return false;
}

static bool read_user(struct scan_value line, const char *cgroup, char *ret, size_t size)
{
	struct scan_value v;
	uint64_t uid;
	char unit[64];

	if (!scan_member(line, "uid", &v) && !scan_u64(v, &uid)) {
		snprintf(ret, size, "%" PRIu64, uid);
		return true;
	}
	return read_unit(cgroup, ".slice", unit, sizeof(unit)) &&
	       sscanf(unit, "user-%" SCNu64 ".slice", &uid) == 1 &&
	       snprintf(ret, size, "%" PRIu64, uid) > 0;
}

/* What a sample says of its consumer. */
struct read_names {
	char comm[64];
	char cgroup[REPORT_KEY_LEN];
	char name[REPORT_KEY_LEN];
	bool has_comm, has_cgroup, has_name;
};

static void report_key(const struct report *r, struct scan_value line, const struct read_names *n,
		       char key[REPORT_KEY_LEN])
{
	char container[65];
	bool known = false;

	switch (r->by) {
	case REPORT_PROCESS:
		known = figures_u64(line, "pid") != 0;
		if (known)
			snprintf(key, REPORT_KEY_LEN, "%" PRIu64 ":%" PRIu64,
				 figures_u64(line, "pid"), figures_u64(line, "start_boottime_ns"));
		break;
	case REPORT_COMM:
		known = n->has_comm;
		snprintf(key, REPORT_KEY_LEN, "%s", n->comm);
		break;
	case REPORT_CGROUP:
		known = n->has_cgroup;
		snprintf(key, REPORT_KEY_LEN, "%s", n->cgroup);
		break;
	case REPORT_CONTAINER:
		known = read_container(n->cgroup, container);
		if (known)
			snprintf(key, REPORT_KEY_LEN, "%s", container);
		break;
	case REPORT_SERVICE:
		known = read_unit(n->cgroup, ".service", key, REPORT_KEY_LEN);
		break;
	case REPORT_USER:
		known = read_user(line, n->cgroup, key, REPORT_KEY_LEN);
		break;
	case REPORT_ZONE:
		known = r->zone[r->tick_zone][0] != '\0';
		snprintf(key, REPORT_KEY_LEN, "%s", r->zone[r->tick_zone]);
		break;
	case REPORT_HOST:
		known = true;
		snprintf(key, REPORT_KEY_LEN, "consumers");
		break;
	}
	if (!known)
		snprintf(key, REPORT_KEY_LEN, "(none)");
}

/* Names of the latest record; only those that all of the group's records share mean anything. */
static int report_name(struct report *r, struct report_group *g, struct scan_value line,
		       const struct read_names *n)
{
	bool process = r->by == REPORT_PROCESS;

	if (!g->comm && n->has_comm && (process || r->by == REPORT_COMM))
		g->comm = strdup(n->comm);
	if (!g->cgroup && n->has_cgroup && (process || r->by == REPORT_CGROUP))
		g->cgroup = strdup(n->cgroup);
	if (!g->name && n->has_name &&
	    (process || r->by == REPORT_CGROUP || r->by == REPORT_CONTAINER))
		g->name = strdup(n->name);
	if (process && g->pid == 0) {
		g->pid = figures_u64(line, "pid");
		g->start_boottime_ns = figures_u64(line, "start_boottime_ns");
	}
	return 0;
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
	struct quant_interval_u64 energy;
	char key[REPORT_KEY_LEN] = "";
	struct read_names n = { .comm = "" };
	struct report_group *g;
	uint64_t missing;

	n.has_comm = figures_bytes(line, "comm", n.comm, sizeof(n.comm));
	n.has_cgroup = figures_bytes(line, "cgroup", n.cgroup, sizeof(n.cgroup));
	n.has_name = figures_bytes(line, "name", n.name, sizeof(n.name));
	report_key(r, line, &n, key);
	g = report_group(r, key);
	if (!g)
		return -ENOMEM;
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
