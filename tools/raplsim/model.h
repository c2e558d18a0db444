/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * model.h - the known power model and its counters: what every domain has truly drawn, and what
 * its counter shows of it.
 *
 *   package  = idle + default x busy CPU seconds + (watts - default) x a consumer's CPU seconds
 *   core     = 0.7 of the package's dynamic part + 0.05 of its idle; uncore = 0.1 and 0.2
 *   dram     = 2 W + 0.15 of the dynamic part         psys   = 5 W + packages + dram
 *
 * All in picojoules (1 mW x 1 ns), as integers: the truth has no rounding.
 */
#ifndef RAPLSIM_MODEL_H
#define RAPLSIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "raplsim/cputime.h"

#define MODEL_MAX_DOMAINS 64
#define MODEL_NAME_LEN	  32

__extension__ typedef __int128 model_pj;

enum model_part { MODEL_PACKAGE, MODEL_CORE, MODEL_UNCORE, MODEL_DRAM, MODEL_PSYS };

/* What a counter does with the energy; the same for every domain unless said otherwise. */
struct model_counter {
	uint64_t range_uj;  /* the largest value shown; the next step is 0 */
	uint64_t step_uj;   /* what is shown is a multiple of it */
	uint64_t update_ns; /* it moves that often */
	uint64_t jitter_ns; /* each update is up to that late */
	uint64_t noise_ppm; /* each increment errs by up to that, drawn evenly */
};

struct model_domain {
	char name[MODEL_NAME_LEN];  /* of the zone: "package-0", "dram" */
	char label[MODEL_NAME_LEN]; /* unique: "dram-0", as readers call it */
	enum model_part part;
	uint8_t package;
	uint8_t die;
	int parent; /* whose zone it lies in; -1 = none */
	struct model_counter counter;

	model_pj drawn_pj;   /* the truth at the model's moment */
	model_pj before_pj;  /* and at the moment before */
	model_pj shown_pj;   /* what the counter has gone through since the start, noise included */
	model_pj updated_pj; /* the truth at its last update */
	uint64_t updated_index;
	model_pj offset_pj; /* where the counter began; faults that move it add here */
};

struct model {
	uint64_t seed;
	uint64_t idle_mw;    /* per package */
	uint64_t default_mw; /* per busy CPU */
	uint64_t tdp_mw; /* what the constraints say; 0 = idle and every CPU busy, and one more */
	unsigned int n_packages;
	unsigned int n_dies;
	struct cputime cpu;
	uint64_t began_ns; /* CLOCK_MONOTONIC */
	uint64_t before_ns;
	uint64_t now_ns;
	model_pj dynamic_pj[CPUTIME_MAX_PACKAGES]; /* never decreases */
	size_t n_domains;
	struct model_domain domain[MODEL_MAX_DOMAINS];
};

/* wanted: an OR of 1 << enum model_part; packages are always there. */
void model_add_domains(struct model *m, unsigned int wanted, const struct model_counter *c);

/* Begins now. Returns 0 or -errno. */
int model_open(struct model *m, uint64_t now_mono_ns);
void model_close(struct model *m);

/* Brings truth and counters to now; cheap to call at any time. */
void model_advance(struct model *m, uint64_t now_mono_ns);

/* What the counter stands at, µJ; and how far it has gone since the start, without wraps. */
uint64_t model_counter_uj(const struct model_domain *d);
uint64_t model_unwrapped_uj(const struct model_domain *d);
uint64_t model_n_wraps(const struct model_domain *d);

/* Energy that a consumer or a process has drawn in the domains that add up (package and dram). */
uint64_t model_energy_uj(const struct model *m, uint64_t cpu_ns, uint64_t mw);

/* Index of the domain by label, or -1. */
int model_find(const struct model *m, const char *label);

static inline uint64_t model_uj(model_pj pj)
{
	return pj > 0 ? (uint64_t)(pj / 1000000) : 0;
}

#endif /* RAPLSIM_MODEL_H */
