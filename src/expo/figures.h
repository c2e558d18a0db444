/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * figures.h - what our own metrics say at one moment, and what was used between two of them.
 *
 * For who gets the text alone: the processes that serve and push it. Families: docs/metrics.md.
 */
#ifndef EXPO_FIGURES_H
#define EXPO_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "expo/exposition.h"

/* What is counted of a consumer. */
enum figures_amount { FIGURES_ENERGY_J = 0, FIGURES_CO2E_G, FIGURES_CPU_S, FIGURES_N_AMOUNTS };

/* Counters; NAN = not known. */
struct figures_series {
	struct exposition_text labels; /* kind="consumer",consumer="…",… */
	double amount[FIGURES_N_AMOUNTS];
};

/* The figures that have one sample; NAN = not said. */
struct figures_host {
	double n_ticks;
	double accounted_s;
	double energy_j[3]; /* value, low, high; as the next one */
	double co2e_g[3];
	double evicted[FIGURES_N_AMOUNTS];
	double self_cpu_s;
	double self_energy_j;
	double power_w;
	double quality; /* 0 missing, 1 modelled, 2 measured */
	double tick_s;
	double tick_end_s;
	double intensity_g_per_kwh[3];
	double today_energy_j[3];
	double today_co2e_g[3];
	double today_since_s;
};

/* Zero-initialise. All that points somewhere points into text. */
struct figures {
	struct buf text; /* whose figures these are, put there before figures_read() */
	struct figures_host host;
	struct exposition_text intensity_labels;
	struct exposition_text version_labels;
	struct figures_series *series; /* [n], with other, idle and unattributed */
	size_t n;
	size_t capacity;
	uint32_t *slot; /* [n_slots], by labels: index + 1; 0 = empty */
	size_t n_slots;
};

/* Reads f->text. Returns 0; -EINVAL for what is no such text, or too much of it; -ENOMEM. */
int figures_read(struct figures *f);

/* NULL where there is none. */
const struct figures_series *figures_find(const struct figures *f, struct exposition_text labels);

/* "measured", "modelled" or "missing"; of a host's quality. */
const char *figures_quality_name(double quality);

/* Name and value, to nine digits behind the point; null where it is not known. */
void figures_put_json(struct json_writer *w, const char *name, double v);

void figures_free(struct figures *f);

/* ---- between two moments ---- */

struct figures_use {
	struct exposition_text labels;	  /* empty: those that have no row of their own */
	double amount[FIGURES_N_AMOUNTS]; /* NAN = not known */
};

/*
 * Zero-initialise. Energy is whole: rows, others, idle and unattributed make up the host's, to
 * what a double holds of it, whichever series came or went meanwhile.
 */
struct figures_between {
	double seconds; /* that were accounted */
	double energy_j[3];
	double co2e_g[3];
	double self_cpu_s;
	double self_energy_j;
	struct figures_use *row; /* [n] consumers, the largest energy first */
	size_t n;
	size_t capacity;
	struct figures_use others, idle, unattributed;
};

/*
 * What was used from base, or from the begin of all counters where it is NULL, to now; of it, up to
 * max_rows consumers. Rows point into now's text. Returns 0 or -ENOMEM.
 */
int figures_between(const struct figures *base, const struct figures *now, size_t max_rows,
		    struct figures_between *ret);

void figures_between_free(struct figures_between *b);

#endif /* EXPO_FIGURES_H */
