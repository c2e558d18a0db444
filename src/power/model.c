/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.c - power from the CPU's name and its load, where there is no meter. docs/power.md. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"
#include "power/cpu.h"
#include "power/meter.h"
#include "power/model.h"

/*
 * Package power over TDP by load. central: Teads' stress tests as used by Boavizta. high: the
 * highest of Boavizta, codecarbon's cubic curve and its hosts. low: below the lowest of the four
 * hosts that codecarbon profiled with RAPL at every load (docs/power.md has the comparison).
 */
static const struct {
	double load, low, central, high;
} tdp_curve[] = {
	{ 0.00, 0.002, 0.12, 0.25 }, { 0.05, 0.003, 0.22, 0.35 }, { 0.10, 0.070, 0.32, 0.45 },
	{ 0.40, 0.120, 0.64, 0.75 }, { 0.50, 0.180, 0.75, 0.85 }, { 1.00, 0.460, 1.02, 1.10 },
};

#define N_CURVE (sizeof(tdp_curve) / sizeof(tdp_curve[0]))

/* W/GB: Crucial's 3 W per 8 GB; low Boavizta's mean of stress; high Cloud Carbon Footprint. */
#define DRAM_MW_PER_GB	    375
#define DRAM_MW_PER_GB_LOW  284
#define DRAM_MW_PER_GB_HIGH 392

struct model {
	struct cpu cpu;
	struct model_row row;
	uint64_t memory_kb; /* 0 = memory is inside the CPU's figure */
};

static struct model_mw model_tdp_mw(const struct model_row *row, double load)
{
	double per_thread_mw = (double)row->tdp_mw / row->n_threads;
	size_t i = 1;
	double t;

	while (i < N_CURVE - 1 && load > tdp_curve[i].load)
		i++;
	t = (load - tdp_curve[i - 1].load) / (tdp_curve[i].load - tdp_curve[i - 1].load);
	return (struct model_mw){
		.low = per_thread_mw *
		       (tdp_curve[i - 1].low + t * (tdp_curve[i].low - tdp_curve[i - 1].low)),
		.central = per_thread_mw * (tdp_curve[i - 1].central +
					    t * (tdp_curve[i].central - tdp_curve[i - 1].central)),
		.high = per_thread_mw *
			(tdp_curve[i - 1].high + t * (tdp_curve[i].high - tdp_curve[i - 1].high)),
	};
}

struct model_mw model_mw(const struct model_row *row, double load)
{
	if (load > 1)
		load = 1;
	if (row->kind == MODEL_TDP)
		return model_tdp_mw(row, load);
	return (struct model_mw){
		.low = row->idle.low + load * ((double)row->max.low - row->idle.low),
		.central =
			row->idle.central + load * ((double)row->max.central - row->idle.central),
		.high = row->idle.high + load * ((double)row->max.high - row->idle.high),
	};
}

static const char *model_boundary(const struct model_row *row)
{
	return row->kind == MODEL_TDP ? "CPU package" : "whole server at the wall, RAM included";
}

static void model_add_packages(const struct model *m, struct energy *e)
{
	for (unsigned int i = 0; i < m->cpu.n_packages && i < JT_MAX_PACKAGES; i++) {
		struct energy_domain *d = &e->domain[e->n_domains++];

		*d = (struct energy_domain){
			.kind = ENERGY_PACKAGE,
			.package = (int)i,
			.parent = -1,
			.counted = true,
			.quality = ENERGY_MODELLED,
			.factor = "cpu_model",
		};
		snprintf(d->name, sizeof(d->name), "package-%u", i);
		snprintf(d->source, sizeof(d->source), "model: %s%s; %s", m->row.name,
			 m->row.kind == MODEL_TDP ? ", TDP curve" : ", SPECpower",
			 model_boundary(&m->row));
	}
}

/* Only where the CPU's figure is the package alone. */
static void model_add_dram(struct model *m, const char *root, struct energy *e)
{
	struct energy_domain *d;
	char text[256];
	unsigned long long kb;

	if (m->row.kind != MODEL_TDP ||
	    fs_read_text(root, "proc/meminfo", text, sizeof(text), NULL) ||
	    sscanf(text, "MemTotal: %llu", &kb) != 1)
		return;
	m->memory_kb = kb;
	d = &e->domain[e->n_domains++];
	*d = (struct energy_domain){
		.name = "dram",
		.kind = ENERGY_DRAM,
		.package = -1,
		.parent = -1,
		.counted = true,
		.quality = ENERGY_MODELLED,
		.factor = "dram_model",
		.systematic = {
			.minus = log((double)DRAM_MW_PER_GB / DRAM_MW_PER_GB_LOW) / QUANT_Z95,
			.plus = log((double)DRAM_MW_PER_GB_HIGH / DRAM_MW_PER_GB) / QUANT_Z95,
		},
	};
	snprintf(d->source, sizeof(d->source), "model: 0.375 W per GB of %llu MiB", kb / 1024);
}

static int model_open(const struct power_options *o, void **ret_state, struct energy *e,
		      struct why *why)
{
	struct model *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	err = cpu_read(o->root, &m->cpu);
	if (err) {
		free(m);
		return why_set(why, err,
			       "%s/proc/cpuinfo: %s; the power model needs the CPU's name",
			       o->root ? o->root : "", strerror(-err));
	}
	m->row = cpu_find(&m->cpu);
	model_add_packages(m, e);
	model_add_dram(m, o->root, e);
	*ret_state = m;
	return 0;
}

/* mW x ns = 1e-12 J. */
static uint64_t model_uj(double mw, uint64_t ns)
{
	return (uint64_t)(mw * (double)ns / 1e6);
}

static void model_read_package(const struct model *m, const struct usage_books *b,
			       struct energy_domain *d, struct energy_reading *r)
{
	double load = b->wall_ns ? (double)b->task_ns / (double)b->wall_ns : 0;
	struct model_mw mw = model_mw(&m->row, load);

	/* wall_ns is thread x time: a guest's CPUs are its share of the host's threads. */
	r->energy_uj = model_uj(mw.central, b->wall_ns);
	r->idle_uj = model_uj(model_mw(&m->row, 0).central, b->wall_ns);
	r->quality = ENERGY_MODELLED;
	d->systematic.minus = log(mw.central / mw.low) / QUANT_Z95;
	d->systematic.plus = log(mw.high / mw.central) / QUANT_Z95;
}

static void model_read(void *state, const struct usage *u, struct energy *e)
{
	const struct model *m = state;

	for (size_t i = 0; i < e->n_domains; i++) {
		struct energy_domain *d = &e->domain[i];
		struct energy_reading *r = &e->reading[i];

		if (d->kind == ENERGY_PACKAGE) {
			model_read_package(m, &u->package[d->package], d, r);
			continue;
		}
		r->energy_uj = model_uj((double)DRAM_MW_PER_GB * (double)m->memory_kb / 1048576,
					window_length_ns(&u->window));
		/* Refresh and interface draw it whoever runs. */
		r->idle_uj = r->energy_uj;
		r->quality = ENERGY_MODELLED;
	}
}

const struct meter_ops meter_model = {
	.name = "model",
	.about = "power model of the CPU's name and load",
	.open = model_open,
	.read = model_read,
	.close = free,
};
