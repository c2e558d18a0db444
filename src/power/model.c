/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.c - the meter of machines without a meter: CPU name x load, and RAM by its size. */
#include "power/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/calibration.h"
#include "power/meter.h"

/*
 * RAM, W/GB: Boaviztapi's mean of stress tests, 3 W per 8 GB (Crucial; CodeCarbon v2), Cloud
 * Carbon Footprint's coefficient.
 */
#define DRAM_UW_PER_GB 375000
#define DRAM_LOW       (0.375 / 0.284)
#define DRAM_HIGH      (0.392 / 0.375)

/* Errs apart from "cpu_model", the factor of loaded windows: their sides are not as wide. */
#define LOW_FACTOR "cpu_model_low"

__extension__ typedef unsigned __int128 wide;

struct model {
	size_t n_packages; /* with CPUs */
	struct {
		size_t domain;
		size_t package;
		struct model_cpu cpu;
	} part[JT_MAX_PACKAGES];
	uint64_t dram_uw; /* 0 = no such domain */
	size_t dram_domain;
};

/* MemTotal in kB; 0 if it is not to be had. */
static uint64_t memory_kb(const char *root)
{
	char text[4096];
	unsigned long long kb;
	const char *line;

	if (fs_read_text(root, "proc/meminfo", text, sizeof(text), NULL))
		return 0;
	line = strstr(text, "MemTotal:");
	return line && sscanf(line, "MemTotal: %llu kB", &kb) == 1 ? kb : 0;
}

static void add_package(const struct model_cpu *cpu, size_t package, struct energy *e)
{
	struct energy_domain *d = &e->domain[e->n_domains++];

	*d = (struct energy_domain){
		.kind = ENERGY_PACKAGE,
		.package = (int)package,
		.parent = -1,
		.counted = true,
		.quality = ENERGY_MODELLED,
		.systematic = cpu->sides,
		.factor = "cpu_model",
		.resolution_uj = 1,
		.idle_power_uw = cpu->idle_uw,
	};
	snprintf(d->name, sizeof(d->name), "package-%zu", package);
	memcpy(d->source, cpu->source, sizeof(d->source));
}

/* Refresh and background dominate, whatever the load: all of it is static power. */
static void add_dram(struct model *m, struct energy *e, uint64_t kb)
{
	struct energy_domain *d = &e->domain[e->n_domains];

	m->dram_domain = e->n_domains++;
	m->dram_uw = (uint64_t)((wide)kb * DRAM_UW_PER_GB >> 20);
	*d = (struct energy_domain){
		.name = "dram",
		.kind = ENERGY_DRAM,
		.package = -1,
		.parent = -1,
		.counted = true,
		.quality = ENERGY_MODELLED,
		.systematic = { log(DRAM_LOW) / QUANT_Z95, log(DRAM_HIGH) / QUANT_Z95 },
		.factor = "dram_model",
		.resolution_uj = 1,
		.idle_power_uw = m->dram_uw,
	};
	snprintf(d->source, sizeof(d->source), "%.1f GB of RAM x 0.375 W/GB",
		 (double)kb / (1024.0 * 1024.0));
}

/* ret->idle_uw is 0 where there is none of the whole machine. */
static int read_calibration(const struct power_options *o, struct calibration *ret, struct why *why)
{
	ret->idle_uw = 0;
	return o->calibration ? calibration_read(o->calibration, ret, why) : 0;
}

/* A machine's measured power, by CPUs. */
static void calibrate(const struct calibration *c, const struct cpuinfo *ci, size_t package,
		      struct model_cpu *ret)
{
	unsigned int n = ci->cpus_in[package];

	model_calibrate((uint64_t)((wide)c->idle_uw * n / ci->n_cpus),
			(uint64_t)((wide)c->max_uw * n / ci->n_cpus), c->error_percent, ret);
	ret->whole_server = c->wall;
	snprintf(ret->source, sizeof(ret->source),
		 "calibrated: %.2f to %.2f W of %u CPUs, %s, +-%u %%", (double)c->idle_uw / 1e6,
		 (double)c->max_uw / 1e6, ci->n_cpus,
		 c->wall ? "whole server at the wall" : "CPU packages only", c->error_percent);
}

static int model_open(const struct power_options *o, struct energy *domains, void **ret,
		      struct why *why)
{
	const char *root = o->proc_root ? o->proc_root : o->root;
	CLEANUP(cleanup_free) struct model *m = calloc(1, sizeof(*m));
	struct calibration cal;
	struct cpuinfo ci;
	uint64_t kb;
	int err;

	if (!m)
		return why_set(why, -ENOMEM, "model: out of memory");
	err = read_calibration(o, &cal, why);
	if (err)
		return err;
	err = cpuinfo_read(root, &ci);
	if (err)
		return why_set(why, err, "model: %s/proc/cpuinfo: %s: is /proc mounted there?",
			       root ? root : "", strerror(-err));
	for (size_t i = 0; i < ci.n_packages; i++) {
		if (!ci.cpus_in[i])
			continue;
		m->part[m->n_packages].domain = domains->n_domains;
		m->part[m->n_packages].package = i;
		model_find_cpu(&ci, ci.cpus_in[i], &m->part[m->n_packages].cpu);
		if (cal.idle_uw)
			calibrate(&cal, &ci, i, &m->part[m->n_packages].cpu);
		add_package(&m->part[m->n_packages++].cpu, i, domains);
	}
	kb = memory_kb(root);
	if (kb && !m->part[0].cpu.whole_server)
		add_dram(m, domains, kb);
	*ret = TAKE_PTR(m);
	return 0;
}

static struct energy_reading reading_of(uint64_t power_uw, uint64_t idle_uw, uint64_t window_ns)
{
	/* Nothing random: what is uncertain is the model, and that is common to all windows. */
	return (struct energy_reading){
		.energy_uj = (uint64_t)((wide)power_uw * window_ns / JT_NS_PER_S),
		.idle_uj = (uint64_t)((wide)idle_uw * window_ns / JT_NS_PER_S),
		.quality = ENERGY_MODELLED,
	};
}

/* Of this window: near idle the model knows less, and about something else. */
static void set_sides(const struct model_cpu *cpu, uint64_t busy_ppm, struct energy_domain *d)
{
	bool differ =
		cpu->low_sides.minus != cpu->sides.minus || cpu->low_sides.plus != cpu->sides.plus;

	d->systematic = model_sides(cpu, busy_ppm);
	if (differ && busy_ppm < MODEL_LOADED_PPM)
		memcpy(d->factor, LOW_FACTOR, sizeof(LOW_FACTOR));
}

static void model_read(void *meter, const struct usage *u, struct energy *ret)
{
	const struct model *m = meter;
	uint64_t window_ns = window_length_ns(&u->window);

	for (size_t i = 0; i < m->n_packages; i++) {
		const struct model_cpu *cpu = &m->part[i].cpu;
		size_t domain = m->part[i].domain;
		const struct usage_books *b = &u->package[ret->domain[domain].package];
		uint64_t busy_ppm = 0;

		/* A package without an online CPU has no books. */
		if (ret->domain[domain].package >= (int)u->n_packages ||
		    (!b->wall_ns && window_ns)) {
			meter_add_gap(ret, domain, "no-usage", &u->window);
			continue;
		}
		if (b->wall_ns)
			busy_ppm = (uint64_t)((wide)b->task_ns * JT_PPM_PER_1 / b->wall_ns);
		set_sides(cpu, busy_ppm, &ret->domain[domain]);
		ret->reading[domain] =
			reading_of(model_power_uw(cpu->idle_uw, cpu->max_uw, busy_ppm),
				   cpu->idle_uw, window_ns);
	}
	if (m->dram_uw)
		ret->reading[m->dram_domain] = reading_of(m->dram_uw, m->dram_uw, window_ns);
}

const struct meter_ops model_ops = {
	.name = "model",
	.covers = METER_CPU,
	.open = model_open,
	.read = model_read,
	.close = free,
};
