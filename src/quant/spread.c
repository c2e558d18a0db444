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
static inline struct quant_interval around(double median, struct quant_ends end)
{
	const double most = QUANT_Z95 * QUANT_MAX_SIGMA;
	double value = median < DBL_MAX ? median : DBL_MAX;
	/* Comparisons, for which a NaN is 0. */
	double low = end.low < 0 ? end.low : 0, high = end.high > 0 ? end.high : 0;

	high = exp(high < most ? high : most) * value;
	return (struct quant_interval){
		.value = value,
		.low = exp(low > -most ? low : -most) * value,
		.high = high < DBL_MAX ? high : DBL_MAX,
	};
}

/* 95 % on both sides, as normal_cdf(QUANT_Z95) has it. */
#define P_LOW  0.025
#define P_HIGH 0.975

static struct quant_ends ends(const struct quant_spread *s)
{
	return (struct quant_ends){
		.low = quant_spread_quantile(s, P_LOW),
		.high = quant_spread_quantile(s, P_HIGH),
	};
}

struct quant_interval quant_spread_interval(const struct quant_spread *s, double median)
{
	if (!(median > 0))
		return (struct quant_interval){ 0 };
	return around(median, ends(s));
}

void quant_table_make(const struct quant_spread *base, struct quant_table *ret)
{
	ret->base = *base;
	ret->sd = sqrt(quant_spread_variance(base));
	for (int i = 0; i < QUANT_TABLE_NODES; i++) {
		double x = (double)i / QUANT_TABLE_NODES;
		double more = ret->sd * x / (1 - x), sd = hypot(ret->sd, more);
		struct quant_ends end = { -QUANT_Z95, QUANT_Z95 };
		struct quant_spread s = *base;

		quant_spread_add_sd(&s, more);
		if (sd > 0)
			end = ends(&s);
		ret->node[i].low = sd > 0 ? end.low / sd : end.low;
		ret->node[i].high = sd > 0 ? end.high / sd : end.high;
	}
}

/* Through the four nodes from n on (Lagrange); x is from 0 to 1 between the middle two. */
static inline struct quant_ends cubic(const struct quant_ends *n, double x)
{
	double inner = x * (x - 1) * (1.0 / 6), outer = (x + 1) * (x - 2) * 0.5;
	double a = inner * (2 - x), b = outer * (x - 1), c = outer * -x, d = inner * (x + 1);

	return (struct quant_ends){
		.low = a * n[0].low + b * n[1].low + c * n[2].low + d * n[3].low,
		.high = a * n[0].high + b * n[1].high + c * n[2].high + d * n[3].high,
	};
}

/* Beyond a table's last node, and with what is no number. */
static struct quant_ends ends_beyond(const struct quant_table *t, double sd_more)
{
	struct quant_spread s = t->base;

	quant_spread_add_sd(&s, sd_more);
	return ends(&s);
}

static inline struct quant_ends table_ends(const struct quant_table *t, double sd_more)
{
	double sd = sqrt(t->sd * t->sd + sd_more * sd_more);
	double place = t->sd > 0 ? sd_more / (t->sd + sd_more) * QUANT_TABLE_NODES : 0;
	struct quant_ends end;
	int first;

	if (!(place >= 0 && place < QUANT_TABLE_NODES - 1 && sd < QUANT_MAX_SIGMA)) /* a NaN too */
		return ends_beyond(t, sd_more);
	first = (int)place - 1;
	first = first < 0 ? 0 : first > QUANT_TABLE_NODES - 4 ? QUANT_TABLE_NODES - 4 : first;
	end = cubic(&t->node[first], place - (first + 1));
	return (struct quant_ends){ sd * end.low, sd * end.high };
}

void quant_table_intervals(const struct quant_point *p, size_t n, struct quant_interval *ret)
{
	/* Two loops: the roots of one are on their way while another's wait, and the powers. */
	for (size_t i = 0; i < n; i++) {
		struct quant_ends end = table_ends(p[i].table, p[i].sd_more);

		ret[i].low = end.low;
		ret[i].high = end.high;
	}
	for (size_t i = 0; i < n; i++) {
		double median = p[i].median > 0 ? p[i].median : 0;

		ret[i] = around(median, (struct quant_ends){ ret[i].low, ret[i].high });
	}
}
