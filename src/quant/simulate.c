/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* simulate.c - uncertain figures by Monte Carlo: the same model as their closed form, drawn. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "quant/montecarlo.h"
#include "quant/value.h"

/* Streams of the random parts: no part's id is beyond 32 bits. */
#define STREAM_RANDOM (UINT64_C(1) << 32)

/* One value as a trial needs it: its parts in inputs from first on, in order of their groups. */
struct trial_value {
	double value;
	double random_sd;
	size_t random; /* input that is the random part's */
	size_t n;
	struct {
		size_t input;
		double share;
		bool begins; /* a group */
	} part[QUANT_MAX_PARTS];
};

struct trial {
	struct trial_value b;
	struct trial_value a;
	bool is_ratio;
	size_t n_inputs;
	struct montecarlo_input input[MONTECARLO_MAX_INPUTS];
};

_Static_assert(MONTECARLO_MAX_INPUTS >= 2 * QUANT_MAX_PARTS + 2, "all inputs of a quotient");

/* The input of that stream with that shape; a shared draw that widens differently is another. */
static size_t input_of(struct trial *t, uint64_t stream, const struct shape *shape)
{
	size_t i;

	for (i = 0; i < t->n_inputs; i++)
		if (t->input[i].stream == stream &&
		    t->input[i].shape.sides.minus == shape->sides.minus &&
		    t->input[i].shape.sides.plus == shape->sides.plus)
			return i;
	t->input[i] = (struct montecarlo_input){ .shape = *shape, .stream = stream };
	t->n_inputs++;
	return i;
}

/* σ of the part's own factor, at most what can be told. */
static struct shape shape_of(const struct quant_part *p)
{
	struct shape s = { .kind = SHAPE_TWO_PIECE, .b = 1 };

	s.sides.minus = fmin(fabs(p->linear.minus / p->amount), QUANT_MAX_SIGMA);
	s.sides.plus = fmin(fabs(p->linear.plus / p->amount), QUANT_MAX_SIGMA);
	return s;
}

static void add_group(struct trial *t, const struct quant_value *v, uint16_t group,
		      struct trial_value *ret)
{
	bool begins = true;

	for (size_t i = 0; i < v->n; i++) {
		struct shape s;

		if (v->part[i].group != group || !(v->part[i].amount > 0))
			continue;
		s = shape_of(&v->part[i]);
		ret->part[ret->n].input = input_of(t, v->part[i].id, &s);
		ret->part[ret->n].share = v->part[i].amount / v->value;
		ret->part[ret->n++].begins = begins;
		begins = false;
	}
}

static void add_value(struct trial *t, const struct quant_value *v, uint64_t stream,
		      struct trial_value *ret)
{
	struct shape noise = { .kind = SHAPE_NORMAL, .b = 1, .from = -INFINITY, .to = INFINITY };

	*ret = (struct trial_value){ .value = v->value, .random_sd = sqrt(v->random_var) };
	for (size_t i = 0; i < v->n; i++) {
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = v->part[j].group != v->part[i].group;
		if (first && v->value > 0)
			add_group(t, v, v->part[i].group, ret);
	}
	ret->random = t->n_inputs;
	if (v->random_var != 0) {
		t->input[t->n_inputs++] =
			(struct montecarlo_input){ .shape = noise, .stream = stream };
	}
}

static double draw_value(const struct trial_value *v, const double *input)
{
	double x = v->value, group = 1;

	for (size_t i = 0; i < v->n; i++) {
		if (v->part[i].begins) {
			x *= group;
			group = 1;
		}
		group += v->part[i].share * (input[v->part[i].input] - 1);
	}
	x *= group;
	if (v->random_sd != 0)
		x += v->random_sd * input[v->random];
	return x > 0 ? x : isnan(x) ? INFINITY : 0;
}

static double draw_trial(const double *input, const void *arg)
{
	const struct trial *t = arg;
	double b = draw_value(&t->b, input);

	return t->is_ratio ? b / draw_value(&t->a, input) : b;
}

static int simulate(struct trial *t, struct montecarlo *mc, struct montecarlo_result *ret)
{
	const struct montecarlo_problem p = {
		.n_inputs = t->n_inputs,
		.input = t->input,
		.model = draw_trial,
		.arg = t,
		.threshold = 1,
	};

	return montecarlo_run(mc, &p, ret);
}

int quant_value_simulate(const struct quant_value *v, struct montecarlo *mc,
			 struct montecarlo_result *ret)
{
	struct trial t = { 0 };

	add_value(&t, v, STREAM_RANDOM, &t.b);
	return simulate(&t, mc, ret);
}

struct quant_interval quant_value_estimate(const struct quant_value *v, struct montecarlo *mc)
{
	struct montecarlo_result r;

	if (mc && quant_value_simulate(v, mc, &r) == 0)
		return r.interval;
	return quant_value_interval(v);
}

int quant_ratio_simulate(const struct quant_value *b, const struct quant_value *a,
			 struct montecarlo *mc, struct montecarlo_result *ret)
{
	struct trial t = { .is_ratio = true };

	if (!(b->value > 0 && a->value > 0))
		return -EINVAL;
	add_value(&t, b, STREAM_RANDOM, &t.b);
	add_value(&t, a, STREAM_RANDOM + 1, &t.a);
	return simulate(&t, mc, ret);
}

static const char *const method[2][2] = {
	{ "analytical_truncated", "analytical" },
	{ "monte_carlo", "montecarlo" },
};

const char *quant_method_name(bool montecarlo)
{
	return method[montecarlo][0];
}

int quant_method_parse(const char *word, bool *ret_montecarlo)
{
	for (int i = 0; i < 2; i++) {
		if (!strcmp(word, method[i][0]) || !strcmp(word, method[i][1])) {
			*ret_montecarlo = i == 1;
			return 0;
		}
	}
	return -EINVAL;
}
