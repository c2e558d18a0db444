/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shape.c - the distributions that an uncertain quantity may have: moments and quantiles. */
#include "quant/shape.h"

#include <errno.h>
#include <math.h>

#include "quant/normal.h"

/* A cut normal with less than this inside is no statement about its quantity. */
#define LEAST_PART 1e-12

struct shape shape_constant(double x)
{
	return (struct shape){ .kind = SHAPE_CONSTANT, .a = x };
}

int shape_from_sides(double median, const struct quant_sides *sides, struct shape *ret)
{
	if (!(median >= 0 && isfinite(median) && sides->minus >= 0 && sides->plus >= 0 &&
	      isfinite(sides->minus) && isfinite(sides->plus)))
		return -EINVAL;
	*ret = (struct shape){ .kind = SHAPE_TWO_PIECE, .b = median, .sides = *sides };
	return 0;
}

int shape_two_piece(double low, double central, double high, struct shape *ret)
{
	struct quant_sides sides;
	int err = quant_sides_from(low, central, high, &sides);

	return err ? err : shape_from_sides(central, &sides, ret);
}

int shape_lognormal(double low, double central, double high, struct shape *ret)
{
	struct quant_sides sides;
	int err = quant_sides_from(low, central, high, &sides);

	if (err)
		return err;
	sides.minus = sides.plus = (sides.minus + sides.plus) / 2;
	return shape_from_sides(central, &sides, ret);
}

int shape_shifted(double shift, const struct quant_interval *i, struct shape *ret)
{
	double low = i->low - shift, central = i->value - shift, high = i->high - shift;
	struct shape above;
	int err;

	if (!(low >= 0 && isfinite(shift)))
		return -EINVAL;
	if (central == 0 && high == 0) {
		*ret = shape_constant(shift);
		return 0;
	}
	if (low == 0)
		low = fmin(SHAPE_LEAST_ABOVE, central);
	err = shape_two_piece(low, central, high, &above);
	if (err)
		return err;
	above.a = shift;
	*ret = above;
	return 0;
}

/* Where from and to lie in a standard normal, and how much of it is between. */
struct cut {
	double alpha;
	double beta;
	double part;
};

static struct cut cut_of(const struct shape *s)
{
	struct cut c = { .alpha = (s->from - s->a) / s->b, .beta = (s->to - s->a) / s->b };

	/* From the nearer tail, so that little is not lost in 1 - 1. */
	c.part = c.alpha > 0 ? normal_cdf(-c.alpha) - normal_cdf(-c.beta)
			     : normal_cdf(c.beta) - normal_cdf(c.alpha);
	return c;
}

int shape_normal(double mean, double sd, double from, double to, struct shape *ret)
{
	struct shape s = { .kind = SHAPE_NORMAL, .a = mean, .b = sd, .from = from, .to = to };

	if (!(isfinite(mean) && sd > 0 && isfinite(sd) && from <= to) ||
	    !(cut_of(&s).part >= LEAST_PART))
		return -EINVAL;
	*ret = s;
	return 0;
}

int shape_triangular(double from, double mode, double to, struct shape *ret)
{
	if (!(from <= mode && mode <= to && isfinite(to - from)))
		return -EINVAL;
	*ret = (struct shape){ .kind = SHAPE_TRIANGULAR, .a = mode, .from = from, .to = to };
	return 0;
}

static double normal_between(const struct shape *s, double p)
{
	struct cut c = cut_of(s);
	double x = c.alpha > 0 ? -normal_quantile(normal_cdf(-c.alpha) - p * c.part)
			       : normal_quantile(normal_cdf(c.alpha) + p * c.part);

	/* Infinite where rounding has eaten what is left of a tail. */
	return fmin(fmax(s->a + s->b * x, s->from), s->to);
}

static double triangular(const struct shape *s, double p)
{
	double width = s->to - s->from, left = s->a - s->from;

	if (p * width < left)
		return s->from + sqrt(p * width) * sqrt(left);
	return s->to - sqrt((1 - p) * width) * sqrt(s->to - s->a);
}

double shape_quantile(const struct shape *s, double p)
{
	double u;

	switch (s->kind) {
	case SHAPE_CONSTANT:
		break;
	case SHAPE_TWO_PIECE:
		u = normal_quantile(p);
		return s->a + s->b * exp(u * (u < 0 ? s->sides.minus : s->sides.plus));
	case SHAPE_NORMAL:
		return normal_between(s, p);
	case SHAPE_TRIANGULAR:
		return triangular(s, p);
	}
	return s->a;
}

/* x·φ(x), which is 0 at an end that is not there. */
static double weighted_pdf(double x)
{
	return isinf(x) ? 0 : x * normal_pdf(x);
}

static struct quant_moments normal_moments(const struct shape *s)
{
	struct cut c = cut_of(s);
	double shift = (normal_pdf(c.alpha) - normal_pdf(c.beta)) / c.part;
	double narrowed = (weighted_pdf(c.alpha) - weighted_pdf(c.beta)) / c.part;
	double variance = 1 + narrowed - shift * shift;

	return (struct quant_moments){
		.mean = s->a + s->b * shift,
		.sd = variance > 0 ? s->b * sqrt(variance) : 0,
	};
}

struct quant_moments shape_moments(const struct shape *s)
{
	struct quant_moments m = { .mean = s->a };
	double left, right;

	switch (s->kind) {
	case SHAPE_CONSTANT:
		break;
	case SHAPE_TWO_PIECE:
		m = quant_sides_moments(s->b, &s->sides);
		m.mean += s->a;
		break;
	case SHAPE_NORMAL:
		return normal_moments(s);
	case SHAPE_TRIANGULAR:
		/* (a² + m² + b² - am - ab - mb)/18 with the mode at 0: no cancellation. */
		left = s->a - s->from;
		right = s->to - s->a;
		m.mean = s->a + (right - left) / 3;
		m.sd = sqrt((left * left + right * right + left * right) / 18);
		break;
	}
	return m;
}
