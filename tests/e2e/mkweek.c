/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mkweek.c - writes a ledger like that of a server's week: mkweek DIR KEY_DIR N_TICKS N_CONTAINERS
 * [TICK_S]. Ticks of 10 s from Monday, 2026-11-16 on, days and nights, a grid that changes by
 * the hour; three hours without a tick on the second day, and ticks without energy on the third.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "../unit/ledger/made_up.h"

#define WEEK_FROM_S 1794787200 /* 2026-11-16T00:00:00Z */
#define DAY_S	    86400

static const char *const services[] = { "web",	 "api",	  "postgres", "search", "cache",  "queue",
					"video", "train", "mail",     "build",	"metric", "log" };

struct week {
	struct made_up m;
	struct sample *sample;
	char (*path)[112];
	char (*name)[48];
	struct intensity intensity;
	size_t n;
	uint64_t tick_s;
};

static int week_new(struct week *w, size_t n)
{
	w->n = n;
	w->sample = calloc(n, sizeof(*w->sample));
	w->path = calloc(n, sizeof(*w->path));
	w->name = calloc(n, sizeof(*w->name));
	if (!w->sample || !w->path || !w->name)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t k = i % (sizeof(services) / sizeof(services[0]));

		snprintf(w->name[i], sizeof(w->name[i]), "%s-%zu", services[k], i + 1);
		snprintf(w->path[i], sizeof(w->path[i]),
			 "/system.slice/docker-%016zx%016zx%016zx%016zx.scope", i * 2654435761u + 1,
			 i * 40503 + 7, i + 1, i * i + 99);
	}
	/* As strangers may call what they run. */
	if (n > 5)
		snprintf(w->name[5], sizeof(w->name[5]), "<b>&\"'\x1b[31m\xff-5");
	return 0;
}

/* 0 at night, 1 at noon; a spread that looks like chance and is not. */
static double day(uint64_t t_s)
{
	return 0.5 - 0.5 * cos(6.283185307 * (double)(t_s % DAY_S) / DAY_S);
}

static double wobble(uint64_t x)
{
	x = (x + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 31)) * UINT64_C(0x94d049bb133111eb);
	return (double)(x >> 40) / 16777216.0;
}

static void week_grid(struct week *w, uint64_t t_s)
{
	double g = 260 + 150 * cos(6.283185307 * ((double)(t_s % DAY_S) / DAY_S - 0.8)) +
		   40 * wobble(t_s / 3600);

	w->intensity = *made_up_intensity();
	strcpy(w->intensity.zone, "DE");
	w->intensity.zone_name = "Germany";
	w->intensity.source = "grid <operator> & Co";
	w->intensity.year = 2026;
	w->intensity.is_annual_mean = false;
	w->intensity.mg_per_kwh = (uint64_t)(g * 1000);
	w->intensity.low_mg_per_kwh = (uint64_t)(g * 900);
	w->intensity.high_mg_per_kwh = (uint64_t)(g * 1120);
}

static struct quant_interval_u64 around(uint64_t v, double by)
{
	return (struct quant_interval_u64){ v, (uint64_t)((double)v * (1 - by)),
					    (uint64_t)((double)v * (1 + by)) + 1 };
}

static void week_sample(struct week *w, size_t i, uint64_t t_s)
{
	struct sample *s = &w->sample[i];
	double watts = 24.0 / (double)(i + 2) * (0.3 + day(t_s + 3600 * (i % 9))) *
		       (0.7 + 0.6 * wobble(t_s / 600 * 64 + i));

	made_up_sample(s, 3);
	s->kind = RECORD_CGROUP;
	s->cgroup = w->path[i];
	s->cgroup_id = 4000 + i;
	s->name = w->name[i];
	s->labels.container_name = w->name[i];
	s->labels.runtime = "docker";
	s->energy_uj = (uint64_t)(watts * 1e6 * (double)w->tick_s);
	s->co2e_ug = (uint64_t)((double)s->energy_uj * (double)w->intensity.mg_per_kwh / 3.6e9);
	s->energy = around(s->energy_uj, 0.08);
	s->co2e = around(s->co2e_ug, 0.15);
	s->cpu_ns = (uint64_t)(watts * 1e7) * w->tick_s + i;
}

static void week_sum(struct week *w)
{
	struct tick *t = &w->m.tick;
	double ug_per_uj = (double)w->intensity.mg_per_kwh / 3.6e9;

	t->host = (struct shares_domain){ .idle_uj = 61 * 1000000 * w->tick_s,
					  .unattributed_uj = 40007 };
	t->idle_co2e_ug = (uint64_t)((double)t->host.idle_uj * ug_per_uj);
	t->unattributed_co2e_ug = (uint64_t)((double)t->host.unattributed_uj * ug_per_uj);
	t->host_co2e.value = t->idle_co2e_ug + t->unattributed_co2e_ug;
	for (size_t i = 0; i < w->n; i++) {
		t->host.attributed_uj += w->sample[i].energy_uj;
		t->host_co2e.value += w->sample[i].co2e_ug;
	}
	t->host.energy_uj = t->host.idle_uj + t->host.attributed_uj + t->host.unattributed_uj;
	t->host_energy = around(t->host.energy_uj, 0.04);
	t->host_co2e = around(t->host_co2e.value, 0.13);
	t->domain_sum[0] = t->host;
}

/* The meter could not be read: CPU time alone is known. */
static void week_missing(struct tick *t)
{
	t->quality = ENERGY_MISSING;
	t->host = (struct shares_domain){ 0 };
	t->host_energy = t->host_co2e = (struct quant_interval_u64){ 0 };
	t->idle_co2e_ug = t->unattributed_co2e_ug = 0;
	t->domain_quality[0] = ENERGY_MISSING;
	t->domain_sum[0] = t->host;
	for (size_t i = 0; i < t->n_samples; i++)
		t->sample[i].energy_uj = t->sample[i].co2e_ug = 0;
}

static const struct tick *week_tick(struct week *w, uint64_t index)
{
	struct tick *t = &w->m.tick;
	uint64_t t_s = index * w->tick_s;
	int64_t real_us;

	if (t_s >= DAY_S + 7 * 3600)
		t_s += 3 * 3600;
	real_us = (int64_t)(WEEK_FROM_S + t_s) * 1000000;
	made_up_tick(&w->m, index);
	week_grid(w, t_s);
	t->window = (struct window){ index, t_s * 1000000000, (t_s + w->tick_s) * 1000000000,
				     real_us, real_us + (int64_t)w->tick_s * 1000000 };
	t->n_windows = w->tick_s;
	t->by = RECORD_CGROUP;
	t->sample = w->sample;
	t->n_samples = w->n;
	t->intensity = w->intensity;
	t->n_gaps = 0;
	t->books.task_ns = w->tick_s * UINT64_C(400000000);
	t->conservation.time_ppm = index % 7;
	for (size_t i = 0; i < w->n; i++)
		week_sample(w, i, t_s);
	week_sum(w);
	if (t_s / 3600 == 2 * 24 + 15)
		week_missing(t);
	return t;
}

int main(int argc, char **argv)
{
	struct ledger_options o = { .host = "host.example", .build_id = "test" };
	struct ledger_opening how;
	struct week w = { .n = 0 };
	struct ledger *l = NULL;
	struct why why = { "" };
	int err = 1;

	if (argc < 5)
		return 2;
	o.dir = argv[1];
	o.key_dir = argv[2];
	w.tick_s = argc > 5 ? strtoull(argv[5], NULL, 10) : 10;
	if (!week_new(&w, strtoull(argv[4], NULL, 10)))
		err = ledger_open(&o, &l, &how, &why);
	for (uint64_t i = 0; !err && i < strtoull(argv[3], NULL, 10); i++)
		err = ledger_append(l, week_tick(&w, i), &why);
	if (l && ledger_close(l, err ? NULL : &why) && !err)
		err = 1;
	if (err)
		fprintf(stderr, "mkweek: %s\n", why.text);
	free(w.sample);
	free(w.path);
	free(w.name);
	return err ? 1 : 0;
}
