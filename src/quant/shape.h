/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shape.h - the distributions that an uncertain quantity may have: moments and quantiles. */
#ifndef QUANT_SHAPE_H
#define QUANT_SHAPE_H

#include "quant/interval.h"

enum shape_kind {
	SHAPE_CONSTANT = 0, /* a */
	SHAPE_TWO_PIECE,    /* a + b·exp(σ(u)·u): interval.h; with equal sides a lognormal */
	SHAPE_NORMAL,	    /* mean a, sd b before it was cut to [from, to] */
	SHAPE_TRIANGULAR,   /* from, mode a, to */
};

/* Made by one of the functions below, which leave it untouched on error. Any one unit. */
struct shape {
	enum shape_kind kind;
	double a;
	double b;
	struct quant_sides sides;
	double from;
	double to;
};

struct shape shape_constant(double x);

/*
 * The two-piece lognormal whose 2.5 %, 50 % and 97.5 % points are the three; plain lognormal where
 * the sides agree. Returns 0; -EINVAL unless 0 < low <= central <= high, all finite.
 */
int shape_two_piece(double low, double central, double high, struct shape *ret);

/* The same around a median, from its sides. -EINVAL for a median or sides that are not >= 0. */
int shape_from_sides(double median, const struct quant_sides *sides, struct shape *ret);

/*
 * The lognormal with that median whose σ is that of [low, high]: ln(high/low)/2z. Its end points
 * are low and high only where central is their geometric mean. Same errors as shape_two_piece().
 */
int shape_lognormal(double low, double central, double high, struct shape *ret);

/*
 * shift + a two-piece lognormal: for PUE, which is 1 and what is above it. A low end at the shift
 * itself, which no lognormal reaches, stands for shift + SHAPE_LEAST_ABOVE; one below is -EINVAL.
 * central = high = shift is the constant.
 */
#define SHAPE_LEAST_ABOVE 0.005
int shape_shifted(double shift, const struct quant_interval *i, struct shape *ret);

/*
 * A normal cut to [from, to] (infinite ends are none). -EINVAL for an sd that is not > 0 and
 * finite, from > to, or a range that holds less than 1e-12 of it.
 */
int shape_normal(double mean, double sd, double from, double to, struct shape *ret);

/* Returns 0; -EINVAL unless from <= mode <= to, all finite and their distance too. */
int shape_triangular(double from, double mode, double to, struct shape *ret);

/*
 * The p-quantile, 0 < p < 1; with a uniform p it is a draw. Within [from, to] where the shape has
 * these.
 */
double shape_quantile(const struct shape *s, double p);

/* Mean and standard deviation. Sources: docs/method.md, "Shapes". */
struct quant_moments shape_moments(const struct shape *s);

#endif /* QUANT_SHAPE_H */
