/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spread.c - what is known of ln(X/C): contributions added up, and intervals out of them. */
#include "quant/spread.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* |x|, and the widest side for anything that is not a number of use. */
static double side_of(double x)
{
	x = fabs(x);
	return x < QUANT_MAX_SIGMA ? x : QUANT_MAX_SIGMA; /* false for NaN too */
}

/* Adds the cumulants of a two-piece normal with median 0. */
static void add_cumulants(struct quant_spread *s, const struct quant_sides *f)
{
	double p2 = f->plus * f->plus, m2 = f->minus * f->minus;
	double mean = (f->plus - f->minus) / sqrt(2 * M_PI);
	double second = (p2 + m2) / 2;
	double third = (p2 * f->plus - m2 * f->minus) * sqrt(2 / M_PI);
	double fourth = 3 * (p2 * p2 + m2 * m2) / 2;
	double mean2 = mean * mean, variance = second - mean2;

	s->k1 += mean;
	s->k2 += variance;
	s->k3 += third - 3 * mean * second + 2 * mean * mean2;
	s->k4 += fourth - 4 * mean * third + 6 * mean2 * second - 3 * mean2 * mean2 -
		 3 * variance * variance;
}

void quant_spread_add_factor(struct quant_spread *s, double part, const struct quant_sides *f)
{
	struct quant_spread alone = { 0 };
	struct quant_sides scaled = { side_of(part * f->minus), side_of(part * f->plus) };

	if (part < 0)
		scaled = (struct quant_sides){ scaled.plus, scaled.minus };
	if (scaled.plus == scaled.minus) {
		s->k2 += scaled.plus * scaled.plus;
		return;
	}
	add_cumulants(&alone, &scaled);
	if (fabs(alone.k3) > s->lopsided) {
		add_cumulants(s, &s->widest);
		s->widest = scaled;
		s->lopsided = fabs(alone.k3);
		return;
	}
	s->k1 += alone.k1;
	s->k2 += alone.k2;
	s->k3 += alone.k3;
	s->k4 += alone.k4;
}

void quant_spread_add_sd(struct quant_spread *s, double relative_sd)
{
	double side = side_of(relative_sd);

	s->k2 += side * side;
}

void quant_spread_add_cv(struct quant_spread *s, double cv)
{
	quant_spread_add_sd(s, sqrt(log1p(cv * cv)));
}

double quant_spread_variance(const struct quant_spread *s)
{
	struct quant_spread widest = { 0 };

	add_cumulants(&widest, &s->widest);
	return widest.k2 + s->k2;
}

/* The value is the figure on record: what an interval must hold, wherever the median is. */
static struct quant_interval around(double median, double low, double high)
{
	const double most = QUANT_Z95 * QUANT_MAX_SIGMA;
	double value = fmin(median, DBL_MAX);

	return (struct quant_interval){
		.value = value,
		.low = value * exp(fmax(fmin(low, 0), -most)),
		.high = fmin(value * exp(fmin(fmax(high, 0), most)), DBL_MAX),
	};
}

/* 95 % on both sides, as normal_cdf(QUANT_Z95) has it. */
#define P_LOW  0.025
#define P_HIGH 0.975

struct quant_interval quant_spread_interval(const struct quant_spread *s, double median)
{
	if (!(median > 0))
		return (struct quant_interval){ 0 };
	return around(median, quant_spread_quantile(s, P_LOW), quant_spread_quantile(s, P_HIGH));
}

void quant_table_make(const struct quant_spread *base, struct quant_table *ret)
{
	ret->base = *base;
	ret->sd = sqrt(quant_spread_variance(base));
	for (int i = 0; i < QUANT_TABLE_NODES; i++) {
		double x = (double)i / QUANT_TABLE_NODES;
		double more = ret->sd * x / (1 - x), sd = hypot(ret->sd, more);
		struct quant_spread s = *base;

		quant_spread_add_sd(&s, more);
		ret->low[i] = sd > 0 ? quant_spread_quantile(&s, P_LOW) / sd : -QUANT_Z95;
		ret->high[i] = sd > 0 ? quant_spread_quantile(&s, P_HIGH) / sd : QUANT_Z95;
	}
}

/* Through the four nodes around it (Lagrange); 1 <= i <= QUANT_TABLE_NODES - 3, 0 <= x <= 1. */
static double cubic(const double *node, int i, double x)
{
	double before = node[i - 1], left = node[i], right = node[i + 1], after = node[i + 2];

	return (-x * (x - 1) * (x - 2) * before + 3 * (x + 1) * (x - 1) * (x - 2) * left -
		3 * (x + 1) * x * (x - 2) * right + (x + 1) * x * (x - 1) * after) /
	       6;
}

struct quant_interval quant_table_interval(const struct quant_table *t, double more, double median)
{
	double sd_more = sqrt(more), sd = sqrt(t->sd * t->sd + more);
	double place = t->sd > 0 ? sd_more / (t->sd + sd_more) * QUANT_TABLE_NODES : 0;
	struct quant_spread s;
	int i;

	if (!(median > 0))
		return (struct quant_interval){ 0 };
	if (!(place < QUANT_TABLE_NODES - 1 && sd < QUANT_MAX_SIGMA)) { /* a NaN too */
		s = t->base;
		quant_spread_add_sd(&s, sd_more);
		return quant_spread_interval(&s, median);
	}
	i = (int)place;
	i = i < 1 ? 1 : i > QUANT_TABLE_NODES - 3 ? QUANT_TABLE_NODES - 3 : i;
	return around(median, sd * cubic(t->low, i, place - i), sd * cubic(t->high, i, place - i));
}
