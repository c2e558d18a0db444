/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* simulate.c - does the closed form agree with Monte Carlo, within the tolerance of JCGM 101? */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "quant/montecarlo.h"
#include "quant/value.h"

#define N_PARTS 5

/* Sides of the grids and meters that the program has. */
#define METER                \
	{                    \
		0.025, 0.025 \
	}
#define GPU                \
	{                  \
		0.05, 0.05 \
	}
#define MODEL              \
	{                  \
		0.4, 0.525 \
	}
#define LOADED            \
	{                 \
		0.24, 0.3 \
	}
#define LOW              \
	{                \
		0.9, 0.6 \
	}
#define RAM                    \
	{                      \
		0.1418, 0.0226 \
	}
#define FR                   \
	{                    \
		0.351, 0.491 \
	}
#define DE                     \
	{                      \
		0.2045, 0.2087 \
	}
#define GB                \
	{                 \
		0.2, 0.21 \
	}
#define WORLD                \
	{                    \
		1.209, 0.207 \
	}
#define HOUR                 \
	{                    \
		0.331, 0.331 \
	}
#define WEEK                 \
	{                    \
		0.227, 0.227 \
	}
#define SMT                  \
	{                    \
		0.257, 0.257 \
	}
#define PLAIN                \
	{                    \
		0.053, 0.053 \
	}

/* J or g; share of the value, its group, its sides; relative sd of the noise. */
static const struct agreement {
	const char *name;
	double value;
	struct {
		double share;
		uint16_t group;
		struct quant_sides sides;
	} part[N_PARTS];
	double noise;
	/* Not within the tolerance: by how much of the end point, as docs/method.md says. */
	double beyond;
} cases[] = {
	{ "meter", 12.4, { { 1, 0, METER } }, 0, 0 },
	{ "meter, attribution", 3.2, { { 1, 0, METER }, { 1, 1, PLAIN } }, 0, 0 },
	{ "meter, SMT", 3.2, { { 1, 0, METER }, { 1, 1, SMT } }, 0, 0 },
	{ "meter, DRAM", 15, { { 1, 0, METER }, { 1, 1, { 0.202, 0.202 } } }, 0, 0 },
	{ "meter, a GPU's time", 44.2, { { 1, 0, GPU }, { 1, 1, { 0.5, 0.5 } } }, 0, 0 },
	{ "two meters", 44.2, { { 0.7, 0, METER }, { 0.3, 0, { 0.1, 0.1 } } }, 0, 0 },
	{ "package and GPU", 310, { { 0.2, 0, METER }, { 0.8, 0, GPU } }, 0, 0 },
	{ "meter, DE", 390, { { 1, 0, METER }, { 1, 1, DE } }, 0, 0 },
	{ "meter, GB", 240, { { 1, 0, METER }, { 1, 1, GB } }, 0, 0 },
	{ "meter, FR", 547, { { 1, 0, METER }, { 1, 1, FR } }, 0, 0 },
	{ "meter, WORLD", 473, { { 1, 0, METER }, { 1, 1, WORLD } }, 0, 0 },
	{ "WORLD alone", 473, { { 1, 1, WORLD } }, 0, 0 },
	{ "meter, DE, hour", 390, { { 1, 0, METER }, { 1, 1, DE }, { 1, 2, HOUR } }, 0, 0 },
	{ "meter, FR, hour", 547, { { 1, 0, METER }, { 1, 1, FR }, { 1, 2, HOUR } }, 0, 0 },
	{ "meter, FR, week", 547, { { 1, 0, METER }, { 1, 1, FR }, { 1, 2, WEEK } }, 0, 0 },
	{ "meter, WORLD, hour", 473, { { 1, 0, METER }, { 1, 1, WORLD }, { 1, 2, HOUR } }, 0, 0 },
	{ "meter, SMT, FR, hour",
	  54.7,
	  { { 1, 0, METER }, { 1, 1, FR }, { 1, 2, HOUR }, { 1, 3, SMT } },
	  0,
	  0 },
	{ "meter, SMT, WORLD, hour",
	  47.3,
	  { { 1, 0, METER }, { 1, 1, WORLD }, { 1, 2, HOUR }, { 1, 3, SMT } },
	  0,
	  0 },
	{ "meter, SMT, WORLD, week",
	  47.3,
	  { { 1, 0, METER }, { 1, 1, WORLD }, { 1, 2, WEEK }, { 1, 3, SMT } },
	  0,
	  0 },
	{ "model", 4.8, { { 1, 0, MODEL } }, 0, 0 },
	{ "model, DE", 39, { { 1, 0, MODEL }, { 1, 1, DE } }, 0, 0 },
	{ "model, FR", 44.2, { { 1, 0, MODEL }, { 1, 1, FR } }, 0, 0 },
	{ "model, FR, hour", 44.2, { { 1, 0, MODEL }, { 1, 1, FR }, { 1, 2, HOUR } }, 0, 0 },
	{ "model, FR, hour, SMT",
	  44.2,
	  { { 1, 0, MODEL }, { 1, 1, FR }, { 1, 2, HOUR }, { 1, 3, SMT } },
	  0,
	  0 },
	{ "model, WORLD, hour",
	  473,
	  { { 1, 0, MODEL }, { 1, 1, WORLD }, { 1, 2, HOUR } },
	  0,
	  0.005 },
	{ "loaded model, WORLD, hour",
	  473,
	  { { 1, 0, LOADED }, { 1, 1, WORLD }, { 1, 2, HOUR } },
	  0,
	  0 },
	{ "two models, FR", 44.2, { { 0.5, 0, MODEL }, { 0.5, 0, LOADED }, { 1, 1, FR } }, 0, 0 },
	{ "model and RAM", 4.42, { { 0.8, 0, MODEL }, { 0.2, 0, RAM } }, 0, 0 },
	{ "model and RAM, WORLD, hour",
	  473,
	  { { 0.8, 0, MODEL }, { 0.2, 0, RAM }, { 1, 1, WORLD }, { 1, 2, HOUR } },
	  0,
	  0.005 },
	{ "model and what is certain", 44.2, { { 0.7, 0, MODEL } }, 0, 0.007 },
	{ "two loads, FR", 44.2, { { 0.7, 0, MODEL }, { 0.3, 0, LOW }, { 1, 1, FR } }, 0, 0.01 },
	{ "two grids", 210, { { 1, 0, METER }, { 0.6, 1, FR }, { 0.4, 1, DE } }, 0, 0.013 },
	{ "a little noise", 44.2, { { 1, 0, METER } }, 0.05, 0 },
	{ "noise and FR", 44.2, { { 1, 0, METER }, { 1, 1, FR } }, 0.1, 0 },
	{ "nothing but noise", 3.2, { { 0, 0, { 0, 0 } } }, 0.1, 0 },
	{ "more noise than is comfortable", 44.2, { { 1, 0, METER } }, 0.5, 0 },
};

static struct quant_value value_of(const struct agreement *c)
{
	struct quant_value v = { .value = c->value, .random_var = pow(c->noise * c->value, 2) };

	for (uint32_t i = 0; i < N_PARTS; i++) {
		const struct quant_part part = { .id = i,
						 .group = c->part[i].group,
						 .amount = c->part[i].share * c->value };

		if (c->part[i].share > 0)
			quant_value_hang(&v, &part, &c->part[i].sides);
	}
	return v;
}

static struct montecarlo *simulator(unsigned int n_threads)
{
	const struct montecarlo_options o = {
		.seed = 20261125,
		.n_threads = n_threads,
		.max_blocks = getenv("LONG") ? 2500 : 100,
		.validates = true,
	};
	struct montecarlo *mc;

	cr_assert_eq(montecarlo_new(&o, &mc), 0);
	return mc;
}

/*
 * JCGM 101, 8: both end points within δ, by a simulation to δ/5. Where that takes more trials than
 * there is time for, its own error is allowed for: LONG=1 leaves little of it.
 */
Test(simulate, closed_form_agrees_within_jcgm_tolerance, .timeout = 3600)
{
	struct montecarlo *mc = simulator(2);
	size_t n_within = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct quant_value v = value_of(&cases[i]);
		struct quant_interval q = quant_value_interval(&v);
		struct montecarlo_result r;
		double allowed;

		cr_assert_eq(quant_value_simulate(&v, mc, &r), 0);
		allowed = r.tolerance + (r.converged ? 0 : r.error);
		n_within += cases[i].beyond == 0;
		cr_expect(fabs(q.low - r.interval.low) <= allowed + cases[i].beyond * q.low,
			  "%s: low %.4f, by Monte Carlo %.4f, allowed %.4f", cases[i].name, q.low,
			  r.interval.low, allowed);
		cr_expect(fabs(q.high - r.interval.high) <= allowed + cases[i].beyond * q.high,
			  "%s: high %.4f, by Monte Carlo %.4f, allowed %.4f", cases[i].name, q.high,
			  r.interval.high, allowed);
		cr_expect(r.error <= 4 * r.tolerance, "%s: too few trials", cases[i].name);
	}
	montecarlo_free(mc);
	cr_expect(n_within >= 30, "%zu cases within the tolerance", n_within);
}

/* Drawn: common parts cancel in a quotient as the closed form has it. */
Test(simulate, quotients_agree)
{
	static const struct quant_sides meter = { 0.1, 0.1 }, grid = FR, split = { 0.05, 0.05 };
	struct montecarlo *mc = simulator(2);
	struct quant_value v[2] = { { .value = 88, .random_var = 1 },
				    { .value = 100, .random_var = 2 } };
	struct montecarlo_result r;
	struct quant_interval q;
	struct quant_spread s;
	double less;

	for (uint32_t i = 0; i < 2; i++) {
		struct quant_part part = { .id = 1, .group = 0, .amount = v[i].value };

		quant_value_hang(&v[i], &part, &meter);
		part.id = 2, part.group = 1;
		quant_value_hang(&v[i], &part, &grid);
		part.id = 10 + i, part.group = 2;
		quant_value_hang(&v[i], &part, &split);
	}
	quant_ratio_spread(&v[0], &v[1], &s);
	q = quant_spread_interval(&s, 0.88);
	less = quant_spread_cdf(&s, -log(0.88));
	cr_assert_eq(quant_ratio_simulate(&v[0], &v[1], mc, &r), 0);
	/* Noise divided by noise is no more normal: 2 % of the sd. */
	cr_expect(fabs(q.low - r.interval.low) < 0.02 * r.moments.sd + r.error);
	cr_expect(fabs(q.high - r.interval.high) < 0.02 * r.moments.sd + r.error);
	cr_expect(fabs(less - r.below_threshold) < 0.003, "%g, by Monte Carlo %g", less,
		  r.below_threshold);
	/* Meter and grid are in neither. */
	cr_expect(q.low > 0.75 && q.high < 1.03);
	v[1].value = 0;
	cr_expect_eq(quant_ratio_simulate(&v[0], &v[1], mc, &r), -EINVAL);
	montecarlo_free(mc);
}

Test(simulate, nothing_and_nonsense)
{
	struct montecarlo *mc = simulator(1);
	struct quant_value v = { .random_var = 4 };
	struct montecarlo_result r;

	cr_assert_eq(quant_value_simulate(&v, mc, &r), 0);
	cr_expect_eq(r.interval.low, 0);
	cr_expect(fabs(r.interval.high - 2 * QUANT_Z95) < 0.1);
	v.random_var = NAN;
	cr_assert_eq(quant_value_simulate(&v, mc, &r), 0);
	cr_expect(r.interval.high == INFINITY && !r.converged);
	v = (struct quant_value){ .value = 7 };
	cr_assert_eq(quant_value_simulate(&v, mc, &r), 0);
	cr_expect(r.interval.low == 7 && r.interval.high == 7 && r.moments.sd == 0 && r.converged);
	montecarlo_free(mc);
}

Test(simulate, method_names)
{
	bool montecarlo = true;

	cr_expect_str_eq(quant_method_name(false), "analytical_truncated");
	cr_expect_str_eq(quant_method_name(true), "monte_carlo");
	cr_expect(!quant_method_parse("analytical", &montecarlo) && !montecarlo);
	cr_expect(!quant_method_parse("montecarlo", &montecarlo) && montecarlo);
	cr_expect(!quant_method_parse("analytical_truncated", &montecarlo) && !montecarlo);
	cr_expect_eq(quant_method_parse("bootstrap", &montecarlo), -EINVAL);
	cr_expect_eq(quant_method_parse("", &montecarlo), -EINVAL);
}
