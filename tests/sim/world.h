/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * world.h - synthetic machines whose truth is known, through the real attribution and intervals.
 *
 * A machine has cores with two threads and a task on each. What a task truly draws is its watts
 * times what it did: that is the world's; what the meters say and how it is divided is ours.
 * Everything follows from the seed.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdlib.h>

#include "attrib/attrib.h"
#include "carbon/carbon.h"
#include "quant/temporal.h"
#include "unit/machine.h"

#define WORLD_MAX_TASKS 32

/* What work costs beside its time. */
enum world_physics {
	WORLD_TIME = 0, /* nothing: a second is a second */
	WORLD_SMT,	/* beside a busy sibling a second draws `corun` of one alone */
	WORLD_CYCLES,	/* CPUs run at different speeds: a cycle is a cycle */
};

struct world_options {
	const char *name;
	/* The world. */
	enum world_physics physics;
	double corun;	     /* WORLD_SMT */
	double first_sd;     /* ln of watts: the first task's; the others draw alike */
	double every_sd;     /* ln of watts: of each task on its own */
	double busy;	     /* mean part of its thread that a task takes; 0 = 0.5 */
	double idle_w;	     /* truly; 0 = none */
	double idle_said;    /* what the calibration says of it, as a factor; 0 = right */
	double idle_sd;	     /* ln, around that */
	bool between_models; /* anywhere between the weight and plain time, and as far beyond */
	/* The meter: its sides are declared, its gain is drawn from them. */
	bool annual; /* the intensity is of the year: the moment's is drawn */
	struct quant_sides gain;
	double noise_uj; /* of each reading */
	bool modelled;
	enum energy_domain_kind kind;
	/* The method. */
	struct method method;
	unsigned int threads_per_core;
	/* The size. */
	unsigned int n_tasks;	/* even; 0 = 8 */
	unsigned int n_windows; /* of a run; 0 = 4 */
};

struct world {
	struct world_options o;
	struct random_source r;
	double gain, said_idle_w, between;
	double watts[WORLD_MAX_TASKS];
	double speed[WORLD_MAX_TASKS];
	struct machine m;
	/* Of all windows so far, µJ. */
	double truth_uj[WORLD_MAX_TASKS];
	double host_uj;
	double intensity_factor; /* true grid intensity over the central */
};

static inline double world_two_piece(struct random_source *r, const struct quant_sides *s)
{
	double u = random_normal(r);

	return exp(u * (u < 0 ? s->minus : s->plus));
}

static inline void world_begin(struct world *w, const struct world_options *o, uint64_t seed)
{
	static const struct quant_sides none;
	struct quant_sides grid = none;
	const struct intensity fr = machine_france();

	*w = (struct world){ .o = *o, .r = { .seed = seed } };
	w->o.n_tasks = o->n_tasks ? o->n_tasks : 8;
	w->o.n_windows = o->n_windows ? o->n_windows : 4;
	w->o.busy = o->busy > 0 ? o->busy : 0.5;
	w->gain = world_two_piece(&w->r, &o->gain);
	/* Measured with the same meter. */
	w->said_idle_w = o->idle_w / w->gain * (o->idle_said > 0 ? o->idle_said : 1) *
			 exp(o->idle_sd * random_normal(&w->r));
	w->between = o->between_models ? 2 * random_unit(&w->r) - 1 : 0;
	for (unsigned int i = 0; i < w->o.n_tasks; i++) {
		w->watts[i] = 10 * exp(o->every_sd * random_normal(&w->r));
		w->speed[i] = 0.7 + 0.6 * random_unit(&w->r);
	}
	w->watts[0] *= exp(o->first_sd * random_normal(&w->r));
	quant_sides_from((double)fr.low_mg_per_kwh, (double)fr.mg_per_kwh,
			 (double)fr.high_mg_per_kwh, &grid);
	w->intensity_factor = world_two_piece(&w->r, &grid);
	if (o->annual)
		w->intensity_factor *= exp(quant_temporal_sd(w->o.n_windows * MACHINE_WINDOW_NS) *
					   random_normal(&w->r));
}

/* The rows of both threads of a core: busy parts, and for how long both were. */
static inline void world_core(struct world *w, unsigned int first)
{
	double spread = fmin(w->o.busy, 1 - w->o.busy), busy[2], least, most, corun;

	for (unsigned int k = 0; k < 2; k++)
		busy[k] = w->o.busy + spread * (2 * random_unit(&w->r) - 1) * 0.95;
	least = fmax(0, busy[0] + busy[1] - 1);
	most = fmin(busy[0], busy[1]);
	corun = least + (most - least) * random_unit(&w->r);
	for (unsigned int k = 0; k < 2; k++) {
		struct usage_row *row = machine_row(&w->m, first + k + 1, 0,
						    (uint64_t)(busy[k] * MACHINE_WINDOW_NS));

		if (w->o.method.weight == JT_WEIGHT_SMT || w->o.physics == WORLD_SMT)
			row->weight[0] = (uint64_t)(corun * MACHINE_WINDOW_NS);
		if (w->o.physics == WORLD_CYCLES)
			row->weight[0] = (uint64_t)((double)row->total_ns * w->speed[first + k]);
	}
}

/* What the row's work truly costs at 1 W, before `between_models`. */
static inline double world_work(const struct world *w, const struct usage_row *row)
{
	switch (w->o.physics) {
	case WORLD_SMT:
		return (double)row->total_ns - (double)row->weight[0] * (1 - w->o.corun);
	case WORLD_CYCLES:
		return (double)row->weight[0];
	case WORLD_TIME:
		break;
	}
	return (double)row->total_ns;
}

/* The next window into w->m, its truth added up. */
static inline void world_window(struct world *w, uint64_t index)
{
	double work = 0, time = 0, dynamic_uj = 0, all_uj, measured, drawn_uj[WORLD_MAX_TASKS];
	struct energy_reading *r;
	struct energy_domain *d;

	machine_init(&w->m, 1);
	w->m.usage.n_cpus = w->o.n_tasks;
	w->m.usage.threads_per_core = w->o.threads_per_core ? w->o.threads_per_core : 1;
	w->m.usage.weight = w->o.method.weight;
	w->m.usage.window = (struct window){ .index = index,
					     .begin_mono_ns = index * MACHINE_WINDOW_NS,
					     .end_mono_ns = (index + 1) * MACHINE_WINDOW_NS };
	for (unsigned int i = 0; i < w->o.n_tasks; i += 2)
		world_core(w, i);
	for (unsigned int i = 0; i < w->o.n_tasks; i++) {
		work += world_work(w, &w->m.row[i]);
		time += (double)w->m.row[i].total_ns;
	}
	for (unsigned int i = 0; i < w->o.n_tasks; i++) {
		double q = (1 - w->between) * world_work(w, &w->m.row[i]) +
			   w->between * work / time * (double)w->m.row[i].total_ns;

		drawn_uj[i] = w->watts[i] * q / 1e3;
		dynamic_uj += drawn_uj[i];
	}
	for (unsigned int i = 0; i < w->o.n_tasks; i++) {
		w->truth_uj[i] += drawn_uj[i];
		if (w->o.method.idle_policy == METHOD_PROPORTIONAL)
			w->truth_uj[i] += w->o.idle_w * 1e6 * drawn_uj[i] / dynamic_uj;
	}
	all_uj = dynamic_uj + w->o.idle_w * 1e6;
	w->host_uj += all_uj;
	/* The median of what is declared around a reading is the truth. */
	measured = all_uj / w->gain + w->o.noise_uj * random_normal(&w->r);
	r = machine_domain(&w->m, 0, (uint64_t)fmax(0, round(measured)),
			   (uint64_t)(w->said_idle_w * 1e6));
	r->random_sd_uj = w->o.noise_uj;
	d = &w->m.energy.domain[0];
	d->systematic = w->o.gain;
	d->kind = w->o.kind;
	d->idle_power_uw = (uint64_t)(w->said_idle_w * 1e6);
	if (w->o.modelled)
		d->quality = r->quality = ENERGY_MODELLED;
	machine_books(&w->m);
	w->m.usage.package[0] = w->m.usage.books;
}

/* What came out of one run, for the first task and the host. */
struct world_result {
	double truth_uj, host_uj;
	struct quant_interval_u64 first, first_co2e, host;
	double truth_co2e_ug;
	double mean_abs_error; /* relative, over all tasks */
};

/* Runs one world to the end of its tick. Returns 0 or an -errno of a stage. */
static inline int world_run(const struct world_options *o, uint64_t seed, struct world_result *ret)
{
	struct intensity grid = machine_france();
	struct carbon_options co = { .by = RECORD_PROCESS };
	struct world *w = malloc(sizeof(*w));
	const struct shares *s;
	struct attrib *a = NULL;
	struct carbon *c = NULL;
	struct tick *t = NULL;
	int err;

	world_begin(w, o, seed);
	if (!w->o.method.corun_percent)
		w->o.method.corun_percent = METHOD_CORUN_PERCENT;
	grid.is_annual_mean = o->annual;
	err = attrib_new(MACHINE_MAX_ROWS, &w->o.method, &a);
	if (!err)
		err = carbon_new(&co, &c);
	for (uint64_t i = 0; i < w->o.n_windows && !err; i++) {
		world_window(w, i);
		err = attrib_run(a, &w->m.usage, &w->m.energy, &s);
		if (!err)
			err = carbon_run(c, &w->m.usage, &w->m.energy, s, &grid);
	}
	if (!err)
		err = carbon_close(c, &t);
	*ret = (struct world_result){ .truth_uj = w->truth_uj[0], .host_uj = w->host_uj };
	for (size_t i = 0; !err && i < t->n_samples; i++) {
		double truth = w->truth_uj[t->sample[i].tgid - 1];

		ret->mean_abs_error +=
			fabs((double)t->sample[i].energy_uj / truth - 1) / (double)t->n_samples;
		if (t->sample[i].tgid != 1)
			continue;
		ret->first = t->sample[i].energy;
		ret->first_co2e = t->sample[i].co2e;
	}
	if (!err) {
		ret->host = t->host_energy;
		ret->truth_co2e_ug =
			ret->truth_uj * (double)grid.mg_per_kwh / 3.6e9 * w->intensity_factor;
	}
	carbon_free(c);
	attrib_free(a);
	free(w);
	return err;
}

#endif /* TESTS_SIM_WORLD_H */
