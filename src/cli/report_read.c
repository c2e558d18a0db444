/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_read.c - from a verified record to the sums that it belongs to. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_key.h"
#include "jouletrail/units.h"
#include "ledger/base64.h"
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

int report_new(unsigned int by, int64_t since_us, int64_t until_us, struct report **ret)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->by = by;
	r->since_us = since_us;
	r->until_us = until_us;
	*ret = r;
	return 0;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_groups; i++) {
		free(r->group[i].key);
		free(r->group[i].id);
		free(r->group[i].comm);
		free(r->group[i].cgroup);
		free(r->group[i].name);
	}
	free(r->group);
	free(r->slot);
	free(r);
}

/* One character of a canonical string; *i moves past it. */
static char read_char(const char *at, size_t *i)
{
	static const char shorts[] = "b\bt\tn\nf\fr\r";
	const char *s;
	char c = at[(*i)++];

	if (c != '\\')
		return c;
	c = at[(*i)++];
	if (c == 'u') {
		c = (char)((at[*i + 2] - '0') * 16 + (isdigit((unsigned char)at[*i + 3])
							      ? at[*i + 3] - '0'
							      : at[*i + 3] - 'a' + 10));
		*i += 4;
		return c;
	}
	for (s = shorts; *s; s += 2)
		if (*s == c)
			return s[1];
	return c;
}

/* A name as Linux gave it, NUL-terminated and cut to fit. False where there is none. */
static bool read_bytes(struct scan_value line, const char *member, char *ret, size_t size)
{
	uint8_t data[SCAN_MAX_LINE];
	struct scan_value v, b64;
	size_t n = 0, len;

	if (scan_member(line, member, &v) || v.len < 2)
		return false;
	if (v.at[0] == '{') {
		if (scan_member(v, "b64", &b64) || scan_text(b64, &b64) ||
		    base64_decode(b64.at, b64.len, data, sizeof(data), &len))
			return false;
		n = len < size - 1 ? len : size - 1;
		memcpy(ret, data, n);
	} else if (v.at[0] == '"') {
		for (size_t i = 1; i + 1 < v.len && n < size - 1;)
			ret[n++] = read_char(v.at, &i);
	} else {
		return false;
	}
	ret[n] = '\0';
	return true;
}

static uint64_t read_figure(struct scan_value v, const char *member)
{
	uint64_t n = 0;

	if (scan_member(v, member, &v) || (scan_big(v, &n) && scan_u64(v, &n)))
		return 0;
	return n;
}

static struct quant_interval_u64 read_energy(struct scan_value v, uint64_t value)
{
	struct quant_interval_u64 e = { value, read_figure(v, "energy_low_uj"),
					read_figure(v, "energy_high_uj") };

	if (e.low > value)
		e.low = value;
	if (e.high < value)
		e.high = value;
	return e;
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

static void read_intensity(struct report *r, struct scan_value line)
{
	struct scan_value i, v;
	char zone[32] = "";
	double low, mid, high;

	r->tick_intensity = (struct quant_sides){ 0 };
	r->tick_annual = false;
	if (!scan_member(line, "intensity", &i)) {
		read_bytes(i, "zone", zone, sizeof(zone));
		low = (double)read_figure(i, "low_mg_per_kwh");
		mid = (double)read_figure(i, "mg_per_kwh");
		high = (double)read_figure(i, "high_mg_per_kwh");
		quant_sides_from(low, mid, high, &r->tick_intensity);
		r->tick_annual = !scan_member(i, "is_annual_mean", &v) && v.len == 4;
	}
	r->tick_zone = read_zone(r, zone);
}

/* Relative sd of what is random in the tick's energy. */
static double read_random(struct scan_value line)
{
	struct scan_value budget, source, kind;
	double var = 0;
	size_t pos = 0;

	if (scan_member(line, "budget", &budget))
		return 0;
	while (scan_element(budget, &pos, &source)) {
		double sd = (double)read_figure(source, "sd_ppm") / 1e6;

		if (!scan_member(source, "kind", &kind) && scan_is_string(kind, "random"))
			var += sd * sd;
	}
	return sqrt(var);
}

static int64_t read_stamp(struct scan_value v, const char *member)
{
	int64_t t = 0;

	if (!scan_member(v, member, &v))
		scan_i64(v, &t);
	return t;
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
	int64_t from, to;

	r->inside = false;
	if (scan_member(line, "window", &window) || scan_member(line, "host", &host))
		return;
	from = read_stamp(window, "from_us");
	to = read_stamp(window, "to_us");
	if (from < r->since_us || from >= r->until_us) {
		r->n_outside++;
		return;
	}
	r->inside = true;
	r->tick = f->index;
	r->tick_ns = f->end_mono_ns > f->begin_mono_ns ? f->end_mono_ns - f->begin_mono_ns : 0;
	if (r->n_ticks++ == 0 || from < r->from_us)
		r->from_us = from;
	if (to > r->to_us)
		r->to_us = to;
	read_intensity(r, line);
	r->tick_random = read_random(line);
	report_quality(r, host);
	r->host.time_ns += r->tick_ns;
	r->idle.time_ns += r->tick_ns;
	if (f->missing && f->energy_uj == 0) {
		r->host.n_missing++;
		return;
	}
	energy = read_energy(host, f->energy_uj);
	report_sum_add(r, &r->host, &energy, f->co2e_ug);
	/* The host's own relative uncertainty: idle has none of its own on record. */
	if (energy.value) {
		double part =
			(double)(f->energy_uj - (uint64_t)f->energy_left_uj) / (double)energy.value;

		energy.low = (uint64_t)((double)energy.low * part);
		energy.high = (uint64_t)((double)energy.high * part) + 1;
		energy.value = f->energy_uj - (uint64_t)f->energy_left_uj;
	}
	report_sum_add(r, &r->idle, &energy, f->co2e_ug - (uint64_t)f->co2e_left_ug);
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
	if (task || r->by == RECORD_CGROUP || !strcmp(n->kind, report_by_name(r->by)))
		keep_first(&g->name, n->name);
	if (task && g->pid == 0) {
		g->pid = read_figure(line, "pid");
		g->start_boottime_ns = read_figure(line, "start_boottime_ns");
	}
}

static void read_names(struct scan_value line, struct report_names *n)
{
	struct scan_value v, flag;
	size_t pos = 0;

	*n = (struct report_names){ .comm = "" };
	read_bytes(line, "comm", n->comm, sizeof(n->comm));
	read_bytes(line, "cgroup", n->cgroup, sizeof(n->cgroup));
	read_bytes(line, "name", n->name, sizeof(n->name));
	read_bytes(line, "id", n->id, sizeof(n->id));
	read_bytes(line, "kind", n->kind, sizeof(n->kind));
	n->has_uid = !scan_member(line, "uid", &v) && !scan_u64(v, &n->uid);
	n->tid = read_figure(line, "tid");
	if (scan_member(line, "flags", &v))
		return;
	while (scan_element(v, &pos, &flag))
		n->is_kthread |= scan_is_string(flag, "kthread");
}

static int report_sample(struct report *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len };
	char key[REPORT_PATH_LEN] = "", id[REPORT_KEY_LEN] = "";
	struct quant_interval_u64 energy;
	struct report_group *g;
	struct report_names n;

	read_names(line, &n);
	report_key(r, line, &n, key, id);
	g = report_group(r, key);
	if (!g)
		return -ENOMEM;
	keep_first(&g->id, id);
	report_name(r, g, line, &n);
	g->sum.cpu_ns += read_figure(line, "cpu_ns");
	if (g->last_tick != r->tick)
		g->sum.time_ns += r->tick_ns;
	g->last_tick = r->tick;
	r->host.cpu_ns += read_figure(line, "cpu_ns");
	if (f->missing) {
		g->sum.n_missing++;
		return 0;
	}
	energy = read_energy(line, f->energy_uj);
	report_sum_add(r, &g->sum, &energy, f->co2e_ug);
	return 0;
}

int report_add(struct report *r, const struct check_facts *f)
{
	if (f->kind == CHECK_TICK)
		report_tick(r, f);
	else if (f->kind == CHECK_SAMPLE && r->inside)
		return report_sample(r, f);
	else if (f->kind == CHECK_GAP)
		r->n_lost_ticks += f->n;
	return 0;
}
