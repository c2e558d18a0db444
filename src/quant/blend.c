/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * blend.c - distribution of a sum in ln space: a two-piece normal, a normal, and a little skewness.
 *
 * Y two-piece with sides σ₋, σ₊ and N normal with variance τ². Each half of Y + N is skew-normal,
 * so that with w± = √(σ±² + τ²) and Owen's T
 *
 *   F(x) = Φ(x/w₋)/2 + Φ(x/w₊)/2 + T(x/w₋, σ₋/τ) - T(x/w₊, σ₊/τ)
 *   f(x) = φ(x/w₋)/w₋·Φ(-x σ₋/(τ w₋)) + φ(x/w₊)/w₊·Φ(x σ₊/(τ w₊))
 *
 * exactly. Where N stands for several factors with a third and fourth cumulant of their own, F is
 * corrected by - κ₃/6·F''' + κ₄/24·F'''' + κ₃²/72·F⁽⁶⁾ (Edgeworth).
 */
#include <math.h>

#include "quant/normal.h"
#include "quant/spread.h"

/* Beyond this many sd there is nothing. */
#define BLEND_REACH 12
/* Variance of the normal part over that of the widest factor, below which it is none. */
#define BLEND_NONE    1e-12
#define BLEND_STEPS   60
#define N_DERIVATIVES 6

struct blend {
	struct quant_sides sides;
	double tau;
	double w_minus;
	double w_plus;
	double k3;
	double k4;
};

static struct blend blend_of(const struct quant_spread *s)
{
	const struct quant_sides *y = &s->widest;

	return (struct blend){
		.sides = *y,
		.tau = sqrt(s->k2),
		.w_minus = sqrt(y->minus * y->minus + s->k2),
		.w_plus = sqrt(y->plus * y->plus + s->k2),
		.k3 = s->k3,
		.k4 = s->k4,
	};
}

static double blend_cdf(const struct blend *b, double x)
{
	double m = x / b->w_minus, p = x / b->w_plus;

	return (normal_cdf(m) + normal_cdf(p)) / 2 + normal_owen_t(m, b->sides.minus / b->tau) -
	       normal_owen_t(p, b->sides.plus / b->tau);
}

static double blend_pdf(const struct blend *b, double x)
{
	double m = x / b->w_minus, p = x / b->w_plus;

	return normal_pdf(m) / b->w_minus * normal_cdf(-m * b->sides.minus / b->tau) +
	       normal_pdf(p) / b->w_plus * normal_cdf(p * b->sides.plus / b->tau);
}

/* He_0 … He_n-1, the probabilists' Hermite polynomials. */
static void hermite(double x, double ret[N_DERIVATIVES])
{
	ret[0] = 1;
	ret[1] = x;
	for (int i = 2; i < N_DERIVATIVES; i++)
		ret[i] = x * ret[i - 1] - (i - 1) * ret[i - 2];
}

/*
 * Adds to ret[n] the n-th derivative by x of φ(x/w)/w·Φ(λx/w), by Leibniz: a derivative of φ is
 * (-1)^j·He_j·φ.
 */
static void add_derivatives(double x, double w, double lambda, double ret[N_DERIVATIVES])
{
	double u = x / w, scale = normal_pdf(u) / w, inner[N_DERIVATIVES], outer[N_DERIVATIVES];
	double he[N_DERIVATIVES], power = lambda * normal_pdf(lambda * u);

	hermite(lambda * u, he);
	inner[0] = normal_cdf(lambda * u);
	for (int j = 1; j < N_DERIVATIVES; j++) {
		inner[j] = power * he[j - 1];
		power *= -lambda;
	}
	hermite(u, he);
	for (int j = 0; j < N_DERIVATIVES; j++)
		outer[j] = j % 2 ? -he[j] : he[j];
	for (int n = 0; n < N_DERIVATIVES; n++) {
		double sum = 0, choose = 1;

		for (int j = 0; j <= n; j++) {
			sum += choose * outer[n - j] * inner[j];
			choose = choose * (n - j) / (j + 1);
		}
		ret[n] += scale * sum;
		scale /= w;
	}
}

/* What the cumulants of the others add to F(x). */
static double blend_correction(const struct blend *b, double x)
{
	double f[N_DERIVATIVES] = { 0 };

	if (b->k3 == 0 && b->k4 == 0)
		return 0;
	add_derivatives(x, b->w_minus, -b->sides.minus / b->tau, f);
	add_derivatives(x, b->w_plus, b->sides.plus / b->tau, f);
	return -b->k3 / 6 * f[2] + b->k4 / 24 * f[3] + b->k3 * b->k3 / 72 * f[5];
}

/* No normal part: the two-piece itself, or nothing at all. */
static int blend_is_bare(const struct quant_spread *s)
{
	const struct quant_sides *y = &s->widest;

	return !(s->k2 > BLEND_NONE * (y->minus * y->minus + y->plus * y->plus));
}

double quant_spread_cdf(const struct quant_spread *s, double x)
{
	double side;
	struct blend b;

	x -= s->k1;
	if (blend_is_bare(s)) {
		side = x < 0 ? s->widest.minus : s->widest.plus;
		return side > 0 ? normal_cdf(x / side) : x < 0 ? 0 : 1;
	}
	b = blend_of(s);
	return fmin(fmax(blend_cdf(&b, x) + blend_correction(&b, x), 0), 1);
}

/* Newton's steps, kept between where F is below p and where it is above. */
static double blend_quantile(const struct blend *b, double p)
{
	double z = normal_quantile(p), w = fmax(b->w_minus, b->w_plus);
	double x = z * (z < 0 ? b->w_minus : b->w_plus);
	double below = -BLEND_REACH * w, above = BLEND_REACH * w;

	for (int i = 0; i < BLEND_STEPS; i++) {
		double miss = blend_cdf(b, x) - p, next = x - miss / blend_pdf(b, x);

		if (miss > 0)
			above = x;
		else
			below = x;
		if (!(next > below && next < above))
			next = (below + above) / 2;
		if (fabs(next - x) <= 1e-7 * w)
			return next;
		x = next;
	}
	return x;
}

double quant_spread_quantile(const struct quant_spread *s, double p)
{
	double z = normal_quantile(p), x, most;
	struct blend b;

	if (blend_is_bare(s))
		return s->k1 + z * (z < 0 ? s->widest.minus : s->widest.plus);
	if (s->lopsided == 0 && s->k3 == 0 && s->k4 == 0)
		return s->k1 + z * sqrt(s->k2);
	b = blend_of(s);
	x = blend_quantile(&b, p);
	/* A correction that is no small one is none that an expansion can give. */
	most = b.tau / 2;
	for (int i = 0; i < 2 && (b.k3 != 0 || b.k4 != 0); i++) {
		double miss = blend_cdf(&b, x) + blend_correction(&b, x) - p;

		x += fmin(fmax(-miss / blend_pdf(&b, x), -most), most);
	}
	return s->k1 + x;
}
