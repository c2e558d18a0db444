/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* property.c - do the 95 % intervals of whole windows cover the truth that they were made from? */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "attrib/attrib.h"
#include "attrib/spread.h"
#include "carbon/carbon.h"
#include "carbon/temporal.h"
#include "unit/machine.h"

#define N_RUNS	  1000
#define N_ROWS	  4
#define WINDOW_UJ 40e6

/* What each meter says of itself: docs/power.md, "Uncertainty of RAPL" and what follows it. */
static const struct meter {
	const char *name;
	enum energy_domain_kind kind;
	const char *factor;
	struct quant_sides sides;
	double random; /* relative, of one window */
} meters[] = {
	{ "RAPL package", ENERGY_PACKAGE, "rapl_gain", { 0.0249, 0.0249 }, 0.0008 },
	{ "RAPL package, 50 ms", ENERGY_PACKAGE, "rapl_gain", { 0.0249, 0.0249 }, 0.016 },
	{ "RAPL DRAM", ENERGY_DRAM, "rapl_gain", { 0.093, 0.093 }, 0.0008 },
	{ "hwmon", ENERGY_PACKAGE, "hwmon_gain", { 0.0486, 0.0486 }, 0.04 },
	{ "platform", ENERGY_PSYS, "rapl_gain", { 0.0249, 0.0249 }, 0.0008 },
	{ "model", ENERGY_PACKAGE, "cpu_model", { 0.395, 0.522 }, 0 },
	{ "calibrated model", ENERGY_PACKAGE, "cpu_model", { 0.0486, 0.0486 }, 0 },
	{ "no error at all", ENERGY_PACKAGE, "none", { 0, 0 }, 0 },
};

/* What stands for CPU time, and how many threads a core has. */
static const struct model {
	const char *name;
	enum jt_weight weight;
	unsigned int threads_per_core;
} models[] = {
	{ "time, no SMT", JT_WEIGHT_TIME, 1 },
	{ "time, SMT", JT_WEIGHT_TIME, 2 },
	{ "smt", JT_WEIGHT_SMT, 2 },
	{ "cycles", JT_WEIGHT_CYCLES, 2 },
};

static double two_piece(struct random_source *r, const struct quant_sides *s)
{
	double u = random_normal(r);

	return exp(u * (u < 0 ? s->minus : s->plus));
}

/* A window of a consumer of that share against the rest, and what is true of it. */
struct truth {
	double host_uj;
	double one_uj;
	double one_ug;
	double g_per_kwh;
};

/*
 * What the meter shows is given; the truth is drawn around it as the declared family says. One
 * second of the first consumer's weight draws e^δ of what the others' does.
 */
static struct truth make(struct machine *m, const struct meter *meter, const struct model *model,
			 double share, struct random_source *r)
{
	double s = attrib_spread(meter->kind, model->threads_per_core, model->weight);
	double delta = exp(s * random_normal(r)), sd = meter->random * WINDOW_UJ;
	struct intensity i = machine_france();
	struct quant_sides grid;
	struct truth t;

	machine_init(m, 1);
	m->usage.threads_per_core = model->threads_per_core;
	m->usage.weight = model->weight;
	for (uint32_t k = 0; k < N_ROWS; k++) {
		double part = k ? (1 - share) / (N_ROWS - 1) : share;
		struct usage_row *row = machine_row(m, k + 1, 0, (uint64_t)(part * 4e9));

		/* No time with a busy sibling; as many cycles as there are ns. */
		row->weight[0] = model->weight == JT_WEIGHT_SMT ? 0 : row->cpu_ns[0];
		row->flags = k ? 0 : JT_CELL_LINEAGE;
	}
	machine_domain(m, 0, (uint64_t)WINDOW_UJ, 0)->random_sd_uj = sd;
	m->energy.domain[0].kind = meter->kind;
	m->energy.domain[0].systematic = meter->sides;
	snprintf(m->energy.domain[0].factor, ENERGY_NAME_LEN, "%s", meter->factor);
	machine_books(m);

	t.host_uj = WINDOW_UJ * two_piece(r, &meter->sides) + sd * random_normal(r);
	t.one_uj = t.host_uj * share * delta / (1 + share * (delta - 1));
	cr_assert_eq(quant_sides_from((double)i.low_mg_per_kwh, (double)i.mg_per_kwh,
				      (double)i.high_mg_per_kwh, &grid),
		     0);
	t.g_per_kwh = (double)i.mg_per_kwh / 1000 * two_piece(r, &grid) *
		      exp(carbon_temporal_sd(MACHINE_WINDOW_NS) * random_normal(r));
	t.one_ug = t.one_uj * t.g_per_kwh / 3.6e6;
	return t;
}

static bool covers(const struct quant_interval_u64 *i, double truth)
{
	return truth >= (double)i->low && truth <= (double)i->high;
}

struct coverage {
	int host;
	int one;
	int co2e;
};

static void run_once(struct attrib *a, const struct truth *truth, struct machine *m,
		     struct coverage *ret)
{
	const struct carbon_options o = { .by = RECORD_PROCESS };
	const struct intensity france = machine_france();
	const struct shares *s;
	struct sample one;
	struct carbon *c;
	struct tick *t;

	cr_assert_eq(carbon_new(&o, &c), 0);
	cr_assert_eq(attrib_run(a, &m->usage, &m->energy, &s), 0);
	cr_assert_eq(carbon_run(c, &m->usage, &m->energy, s, &france), 0);
	cr_assert_eq(carbon_close(c, &t), 0);
	carbon_sum(t, JT_CELL_LINEAGE, &one, NULL);
	ret->host += covers(&t->host_energy, truth->host_uj);
	ret->one += covers(&one.energy, truth->one_uj);
	ret->co2e += covers(&one.co2e, truth->one_ug);
	carbon_free(c);
}

/* 93 to 97 of 100: three standard errors of 1,000 runs. */
static void expect_covered(const char *meter, const char *model, const char *what, int n)
{
	cr_expect(n >= 930 && n <= 970, "%s, %s: %s covered in %d of %d runs", meter, model, what,
		  n, N_RUNS);
}

Test(property, a_thousand_runs_per_model_and_meter)
{
	struct random_source r = { .seed = 71 };
	static struct machine m;
	struct attrib *a;

	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &a), 0);
	for (size_t k = 0; k < sizeof(meters) / sizeof(meters[0]); k++) {
		for (size_t l = 0; l < sizeof(models) / sizeof(models[0]); l++) {
			struct coverage n = { 0 };

			for (int i = 0; i < N_RUNS; i++) {
				double share = 0.02 + 0.5 * random_unit(&r);
				struct truth t = make(&m, &meters[k], &models[l], share, &r);

				run_once(a, &t, &m, &n);
			}
			if (meters[k].sides.plus > 0)
				expect_covered(meters[k].name, models[l].name, "host", n.host);
			else
				cr_expect_eq(n.host, N_RUNS);
			expect_covered(meters[k].name, models[l].name, "energy", n.one);
			expect_covered(meters[k].name, models[l].name, "co2e", n.co2e);
		}
	}
	attrib_free(a);
}

/* Cut in two, merged or in another order: the same totals, and the same of what is systematic. */
Test(property, windows_of_half_the_length_are_the_same_tick)
{
	const struct carbon_options o = { .by = RECORD_PROCESS };
	const struct intensity france = machine_france();
	struct random_source r = { .seed = 72 };
	static struct machine m;
	struct attrib *a;

	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &a), 0);
	for (int round = 0; round < 200; round++) {
		struct carbon *whole, *halves;
		struct tick *one, *two;
		const struct shares *s;

		cr_assert_eq(carbon_new(&o, &whole), 0);
		cr_assert_eq(carbon_new(&o, &halves), 0);
		machine_random(&m, &r);
		for (size_t d = 0; d < m.energy.n_domains; d++) {
			/* Even, so that halves are exact, and without noise, which is not. */
			m.energy.reading[d].energy_uj &= ~UINT64_C(1);
			m.energy.reading[d].idle_uj = 0;
			m.energy.reading[d].random_sd_uj = 0;
		}
		cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
		cr_assert_eq(carbon_run(whole, &m.usage, &m.energy, s, &france), 0);
		cr_assert_eq(carbon_close(whole, &one), 0);
		for (size_t d = 0; d < m.energy.n_domains; d++)
			m.energy.reading[d].energy_uj /= 2;
		for (int half = 0; half < 2; half++) {
			cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
			cr_assert_eq(carbon_run(halves, &m.usage, &m.energy, s, &france), 0);
		}
		cr_assert_eq(carbon_close(halves, &two), 0);
		cr_assert_eq(one->host.energy_uj, two->host.energy_uj);
		cr_assert_eq(one->host_co2e.value, two->host_co2e.value);
		cr_assert_eq(one->host_energy.low, two->host_energy.low);
		cr_assert_eq(one->host_energy.high, two->host_energy.high);
		cr_assert_eq(one->host_co2e.high, two->host_co2e.high);
		cr_assert_eq(one->n_budget, two->n_budget);
		for (size_t b = 0; b < one->n_budget; b++)
			if (strcmp(one->budget[b].kind, "systematic") == 0)
				cr_assert_eq(one->budget[b].sd_ppm, two->budget[b].sd_ppm);
		carbon_free(whole);
		carbon_free(halves);
	}
	attrib_free(a);
}
